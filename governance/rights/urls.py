from django.urls import path

from governance.rights import views

app_name = "rights"
urlpatterns = [
    path("me/requests/", views.mine, name="mine"),
    path("me/requests/new/", views.raise_one, name="raise"),
    path("requests/", views.requests_page, name="requests"),
    path("requests/received/", views.receive, name="receive"),
    path("requests/<uuid:pk>/", views.answer, name="answer"),
    path("requests/<uuid:pk>/extend", views.extend, name="extend"),
    path("requests/<uuid:pk>/identity", views.identity, name="identity"),
    path("requests/<uuid:pk>/erase", views.order_more, name="order_more"),
]
