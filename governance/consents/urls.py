"""A person's own verbs and papers. Their first page, consents:choices, also reads what was captured, so it is added one
floor up: governance/pages/choices.py puts it in front of these."""

from django.urls import path

from governance.consents import views, views_asking, views_history, views_notice, views_pauses

app_name = "consents"
urlpatterns = [
    path("history/", views_history.history, name="history"),
    path("history/<str:form>/", views_history.history_data, name="history_data"),
    path("opt-out/", views.opt_out, name="opt_out"),
    path("opt-out/<uuid:pk>/lift/", views.lift, name="lift"),
    path("receipts/<uuid:pk>/", views.receipt, name="receipt"),
    path("receipts/<uuid:pk>/data/", views.receipt_data, name="receipt_data"),
    path("purposes/<uuid:pk>/notice/", views_notice.notice, name="notice"),
    path("purposes/<uuid:pk>/give/", views.give, name="give"),
    path("purposes/<uuid:pk>/refuse/", views.refuse, name="refuse"),
    path("purposes/<uuid:pk>/withdraw/", views.withdraw_purpose, name="withdraw_purpose"),
    path("records/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("pause/", views_pauses.pause, name="pause"),
    path("pause/<uuid:pk>/resume/", views_pauses.resume, name="resume"),
]

# Under consents/: what the data protection officer and the owner do; whom they ask stays unknown to them.
of_the_office = [path("ask/<uuid:pk>/", views_asking.ask, name="ask")]

# Under register/: a notice is a thing of the register, but whom it concerns is known here.
of_register = [path("notices/<uuid:pk>/read/<str:language>/", views_notice.read, name="read")]
