"""Three prefixes: the pages about programs, our own API, the GovStack building block."""

from django.urls import path

from governance.interfaces import api, govstack_records, scim, views, views_govstack

app_name = "interfaces"
urlpatterns = [
    path("api-clients/", views.clients_page, name="clients"),
    path("api-clients/new/", views.let_in, name="let_in"),
    path("api-clients/govstack/", views_govstack.doors_page, name="govstack"),
    path("api-clients/<uuid:pk>/", views.client, name="client"),
    path("api-clients/<uuid:pk>/key/", views.renew_key, name="renew_key"),
    path("api-clients/<uuid:pk>/end/", views.end, name="end"),
    path("api-clients/<uuid:pk>/webhooks/new/", views.set_up, name="set_up"),
    path("api-clients/webhooks/<uuid:pk>/", views.webhook, name="webhook"),
    path("api-clients/webhooks/<uuid:pk>/secret/", views.renew_secret, name="renew_secret"),
    path("api-clients/webhooks/<uuid:pk>/stop/", views.stop, name="stop"),
    path("api-clients/webhooks/<uuid:pk>/start/", views.start, name="start"),
    path("api-clients/webhooks/<uuid:pk>/end/", views.end_webhook, name="end_webhook"),
    path("api-clients/deliveries/<uuid:pk>/", views.delivery, name="delivery"),
    path("api-clients/deliveries/<uuid:pk>/again/", views.send_again, name="send_again"),
]
own = api.doors()
govstack = govstack_records.doors()
leavers = scim.doors()
