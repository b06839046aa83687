"""Two prefixes: the pages of the programmes, and the gate's door for clients."""

from django.urls import path

from governance.capture import api, views, views_life

app_name = "capture"
urlpatterns = [
    path("programmes/", views.programmes_page, name="programmes"),
    path("programmes/<uuid:pk>/", views.programme, name="programme"),
    path("programmes/excess/<uuid:pk>/", views.excess, name="excess"),
    path("programmes/<uuid:pk>/pause/", views.pause, name="pause"),
    path("programmes/<uuid:pk>/start/", views.start, name="start"),
    path("programmes/<uuid:pk>/assess/", views_life.assess, name="assess"),
    path("programmes/<uuid:pk>/send-back/", views_life.send_back, name="send_back"),
    path("programmes/<uuid:pk>/advise/", views_life.advise, name="advise"),
    path("programmes/<uuid:pk>/security/", views_life.security, name="security"),
    path("programmes/<uuid:pk>/act/", views_life.file_act, name="file_act"),
    path("programmes/<uuid:pk>/approve/", views_life.approve, name="approve"),
    path("programmes/<uuid:pk>/terms/", views_life.terms, name="terms"),
    path("programmes/<uuid:pk>/end/", views_life.end, name="end"),
    path("api/v1/batches", api.batches, name="batches"),
    path("api/v1/policy", api.policy, name="policy"),
]
