"""Two prefixes: the pages of the programmes, and the gate's door for clients."""

from django.urls import path

from governance.capture import api, views

app_name = "capture"
urlpatterns = [
    path("programmes/", views.programmes_page, name="programmes"),
    path("programmes/<uuid:pk>/", views.programme, name="programme"),
    path("programmes/excess/<uuid:pk>/", views.excess, name="excess"),
    path("programmes/<uuid:pk>/pause/", views.pause, name="pause"),
    path("programmes/<uuid:pk>/start/", views.start, name="start"),
    path("api/v1/batches", api.batches, name="batches"),
]
