from django.urls import path

from governance.incidents import views, views_relaunch

app_name = "incidents"
urlpatterns = [
    path("", views.incidents_page, name="incidents"),
    path("open/", views.open_one, name="open"),
    path("<uuid:pk>/", views.incident, name="incident"),
    path("relaunch/<uuid:pk>/", views_relaunch.relaunch, name="relaunch"),
    path("relaunch/<uuid:pk>/check/", views_relaunch.check, name="relaunch_check"),
    path("relaunch/<uuid:pk>/sign/", views_relaunch.sign, name="relaunch_sign"),
    path("relaunch/<uuid:pk>/go/", views_relaunch.go, name="relaunch_go"),
    path("<uuid:pk>/close/", views.close, name="close"),
]
