from django.urls import path

from governance.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("appearance", views.appearance, name="appearance"),
    path("account/", views.account, name="account"),
]
