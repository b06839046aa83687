"""A person's own verbs and papers. Their first page, consents:choices, also reads what was captured, so it is added one
floor up: governance/pages/choices.py puts it in front of these."""

from django.urls import path

from governance.consents import views

app_name = "consents"
urlpatterns = [
    path("history/", views.history, name="history"),
    path("opt-out/", views.opt_out, name="opt_out"),
    path("opt-out/<uuid:pk>/lift/", views.lift, name="lift"),
    path("receipts/<uuid:pk>/", views.receipt, name="receipt"),
    path("receipts/<uuid:pk>/data/", views.receipt_data, name="receipt_data"),
    path("purposes/<uuid:pk>/notice/", views.notice, name="notice"),
    path("purposes/<uuid:pk>/give/", views.give, name="give"),
    path("purposes/<uuid:pk>/refuse/", views.refuse, name="refuse"),
    path("purposes/<uuid:pk>/withdraw/", views.withdraw_purpose, name="withdraw_purpose"),
    path("records/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
]
