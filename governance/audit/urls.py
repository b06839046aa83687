from django.urls import path

from governance.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.show, name="log"),
    path("verify/", views.verify, name="verify"),
]
