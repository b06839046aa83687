from django.urls import path

from governance.rights import views, views_nominees

app_name = "rights"
urlpatterns = [
    path("me/requests/", views.mine, name="mine"),
    path("me/requests/new/", views.raise_one, name="raise"),
    path("me/requests/for/<uuid:pk>/", views_nominees.for_other, name="for_other"),
    path("me/nominees/", views_nominees.mine, name="nominees_mine"),
    path("me/nominees/<uuid:pk>/end/", views_nominees.take_back, name="take_back"),
    path("nominees/", views_nominees.office, name="nominees"),
    path("requests/", views.requests_page, name="requests"),
    path("requests/received/", views.receive, name="receive"),
    path("requests/<uuid:pk>/", views.answer, name="answer"),
    path("requests/<uuid:pk>/extend", views.extend, name="extend"),
    path("requests/<uuid:pk>/identity", views.identity, name="identity"),
    path("requests/<uuid:pk>/erase", views.order_more, name="order_more"),
]
