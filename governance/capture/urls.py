"""Two prefixes: the pages of the programmes, and the gate's door for clients."""

from django.urls import path

from governance.capture import api, views, views_clients, views_life, views_stops, views_worn

app_name = "capture"
urlpatterns = [
    path("programmes/", views.programmes_page, name="programmes"),
    path("programmes/<uuid:pk>/", views.programme, name="programme"),
    path("programmes/excess/<uuid:pk>/", views.excess, name="excess"),
    path("programmes/new/", views_clients.new, name="new"),
    path("programmes/<uuid:pk>/clients/", views_clients.clients, name="clients"),
    path("programmes/<uuid:pk>/clients/new/", views_clients.new_client, name="new_client"),
    path("programmes/clients/<uuid:pk>/end/", views_clients.end_client, name="end_client"),
    path("programmes/clients/<uuid:pk>/devices/new/", views_clients.new_device, name="new_device"),
    path("programmes/devices/<uuid:pk>/bind/", views_clients.new_binding, name="new_binding"),
    path("programmes/bindings/<int:pk>/end/", views_clients.end_binding, name="end_binding"),
    path("programmes/<uuid:pk>/ask-for-a-stop/", views_stops.ask, name="ask_stop"),
    path("programmes/stops/<uuid:pk>/answer/", views_stops.answer, name="answer_stop"),
    path("programmes/<uuid:pk>/pause/", views.pause, name="pause"),
    path("programmes/<uuid:pk>/start/", views.start, name="start"),
    path("programmes/<uuid:pk>/assess/", views_life.assess, name="assess"),
    path("programmes/<uuid:pk>/send-back/", views_life.send_back, name="send_back"),
    path("programmes/<uuid:pk>/advise/", views_life.advise, name="advise"),
    path("programmes/<uuid:pk>/security/", views_life.security, name="security"),
    path("programmes/<uuid:pk>/act/", views_life.file_act, name="file_act"),
    path("programmes/<uuid:pk>/approve/", views_life.approve, name="approve"),
    path("programmes/<uuid:pk>/terms/", views_life.terms, name="terms"),
    path("programmes/<uuid:pk>/places/", views_worn.places_page, name="places"),
    path("programmes/<uuid:pk>/cameras/", views_worn.cameras, name="cameras"),
    path("programmes/cameras/<uuid:pk>/back/", views_worn.back, name="camera_back"),
    path("programmes/<uuid:pk>/sign/", views_worn.sign_page, name="sign"),
    path("programmes/<uuid:pk>/spoken/", views_worn.spoken, name="spoken"),
    path("programmes/<uuid:pk>/end/", views_life.end, name="end"),
    path("api/v1/batches", api.batches, name="batches"),
    path("api/v1/clips", api.clips_door, name="clips"),
    path("api/v1/clips/<str:clip>/chunks/<str:number>", api.chunk, name="chunk"),
    path("api/v1/badge", api.badge, name="badge"),
    path("api/v1/wiped", api.wipe, name="wiped"),
    path("api/v1/policy", api.policy, name="policy"),
]
