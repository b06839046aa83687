from django.urls import path

from governance.rights import views

app_name = "rights"
urlpatterns = [
    path("me/requests/", views.mine, name="mine"),
    path("me/requests/new/", views.raise_one, name="raise"),
    path("requests/", views.requests_page, name="requests"),
    path("requests/<uuid:pk>/", views.answer, name="answer"),
]
