from django.urls import path

from governance.incidents import views

app_name = "incidents"
urlpatterns = [
    path("", views.incidents_page, name="incidents"),
    path("open/", views.open_one, name="open"),
    path("<uuid:pk>/", views.incident, name="incident"),
    path("<uuid:pk>/close/", views.close, name="close"),
]
