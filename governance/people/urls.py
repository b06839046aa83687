from django.urls import path

from governance.people import views, views_addresses, views_entities, views_import

app_name = "people"
urlpatterns = [
    path("", views.people, name="people"),
    path("import/", views_import.import_roster, name="import"),
    path("import/confirm/", views_import.confirm, name="confirm"),
    path("entities/", views_entities.entities, name="entities"),
    path("entities/new/", views_entities.new_entity, name="new_entity"),
    path("entities/<uuid:pk>/", views_entities.entity, name="entity"),
    path("entities/<uuid:pk>/change/", views_entities.change_entity, name="change_entity"),
    path("entities/changes/<int:pk>/", views_entities.entity_second, name="entity_second"),
    path("addresses/", views_addresses.waiting, name="addresses"),
    path("addresses/<int:pk>/confirm/", views_addresses.confirm, name="confirm_address"),
    path("addresses/<int:pk>/stop/", views_addresses.stop, name="stop_address"),
    path("messages/", views.messages_page, name="messages"),
    path("messages/<int:pk>/second/", views.second, name="second"),
    path("<uuid:pk>/", views.person, name="person"),
    path("<uuid:pk>/grant/", views.grant, name="grant"),
    path("roles/<int:pk>/end/", views.end_role, name="end_role"),
]
