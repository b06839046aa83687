"""A person's own verbs and papers. Their first page, consents:choices, also reads what was captured, so it is added one
floor up: governance/pages/choices.py puts it in front of these."""

from django.urls import path

from governance.consents import (
    views,
    views_acting,
    views_asking,
    views_history,
    views_later,
    views_legacy,
    views_notice,
    views_objections,
    views_pauses,
    views_populations,
    views_pressure,
    views_receipts,
)

app_name = "consents"
urlpatterns = [
    path("history/", views_history.history, name="history"),
    path("history/download/", views_history.history_download, name="history_download"),
    path("history/<str:form>/", views_history.history_data, name="history_data"),
    path("opt-out/", views.opt_out, name="opt_out"),
    path("opt-out/<uuid:pk>/lift/", views.lift, name="lift"),
    path("receipts/<uuid:pk>/", views.receipt, name="receipt"),
    path("receipts/<uuid:pk>/data/", views_receipts.receipt_data, name="receipt_data"),
    path("receipts/<uuid:pk>/signed/", views_receipts.receipt_signed, name="receipt_signed"),
    path("purposes/<uuid:pk>/notice/", views_notice.notice, name="notice"),
    path("purposes/<uuid:pk>/give/", views.give, name="give"),
    path("purposes/<uuid:pk>/refuse/", views.refuse, name="refuse"),
    path("purposes/<uuid:pk>/defer/", views_later.defer, name="defer"),
    path("purposes/<uuid:pk>/withdraw/", views.withdraw_purpose, name="withdraw_purpose"),
    path("records/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("purposes/<uuid:pk>/object/", views_objections.object_to, name="object"),
    path("pressed/", views_pressure.report, name="report_pressure"),
    path("for-others/", views_acting.for_others, name="for_others"),
    path("pause/", views_pauses.pause, name="pause"),
    path("pause/<uuid:pk>/resume/", views_pauses.resume, name="resume"),
]

# Under consents/: what the data protection officer and the owner do; whom they ask stays unknown to them.
of_the_office = [
    path("ask/<uuid:pk>/", views_asking.ask, name="ask"),
    path("representations/", views_acting.representations, name="representations"),
    path("representations/<uuid:pk>/", views_acting.representation, name="representation"),
    path("before/", views_legacy.before, name="before"),
    path("not-valid/", views_later.invalidate, name="invalidate"),
    path("populations/", views_populations.populations, name="populations"),
    path("populations/<uuid:pk>/", views_populations.population, name="population"),
]

# What people said that somebody has to act on: objections/ and pressed/.
of_the_heard = [
    path("objections/", views_objections.objections, name="objections"),
    path("objections/<uuid:pk>/", views_objections.objection, name="objection"),
    path("pressed/", views_pressure.reports, name="pressures"),
    path("pressed/<uuid:pk>/", views_pressure.pressed, name="pressed"),
]

# Under register/: a notice is a thing of the register, but whom it concerns is known here.
of_register = [path("notices/<uuid:pk>/read/<str:language>/", views_notice.read, name="read")]

# Under .well-known/: the keys by which anybody checks a receipt (RFC 8615, RFC 7517).
well_known = [
    path("sammati-receipts.json", views_receipts.keys, name="receipt_keys"),
    path("sammati-receipts-checking.py", views_receipts.checker, name="receipt_checker"),
]
