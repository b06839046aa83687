from django.urls import path

from governance.retention import (
    views,
    views_byhand,
    views_map,
    views_names,
    views_simulator,
    views_steering,
    views_systems,
)

app_name = "retention"
urlpatterns = [
    path("erasures/", views.orders, name="orders"),
    path("erasures/holds", views.holds, name="holds"),
    path("erasures/holds/<uuid:pk>/agree", views.agree_hold, name="agree_hold"),
    path("erasures/holds/<uuid:pk>/release", views.release, name="release"),
    path("erasures/matters/<uuid:pk>/close", views.close_matter, name="close_matter"),
    path("erasures/by-hand", views_byhand.tasks, name="tasks"),
    path("erasures/by-hand/<uuid:pk>", views_byhand.task, name="task"),
    path("erasures/by-hand/<uuid:pk>/check", views_byhand.check, name="check_task"),
    path("erasures/by-hand/<uuid:pk>/proof", views_byhand.proof, name="task_proof"),
    path("erasures/map", views_map.systems_map, name="map"),
    path("erasures/systems/<uuid:pk>/connect", views_systems.connect, name="connect"),
    path("erasures/systems/<uuid:pk>/propose", views_systems.propose, name="propose"),
    path("erasures/systems/<uuid:pk>/maps/<int:map_id>", views_systems.data_map, name="data_map"),
    path("erasures/systems/<uuid:pk>/pace", views_map.pace, name="pace"),
    path("erasures/tried/<uuid:pk>", views_simulator.simulation, name="simulation"),
    path("register/<uuid:pk>/try-a-period", views_simulator.simulate, name="simulate"),
    path("names/", views_names.openings, name="names"),
    path("names/ask", views_names.ask, name="name_ask"),
    path("names/<uuid:pk>", views_names.name, name="name"),
    path("names/<uuid:pk>/agree", views_names.agree, name="name_agree"),
    path("erasures/<uuid:pk>", views.order, name="order"),
    path("erasures/<uuid:pk>/look", views_steering.look, name="look"),
    path("erasures/<uuid:pk>/pause", views_steering.pause, name="pause"),
    path("erasures/<uuid:pk>/resume", views_steering.resume, name="resume"),
    path("erasures/<uuid:pk>/approve", views_steering.approve, name="approve"),
    path("erasures/<uuid:pk>/carry-on", views.carry_on, name="carry_on"),
    path("erasures/<uuid:pk>/advise", views.advise, name="advise"),
    path("erasures/<uuid:pk>/decide", views.decide, name="decide"),
    path("me/erasures/<uuid:pk>", views.own_order, name="own_order"),
]
