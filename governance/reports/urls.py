from django.urls import path

from governance.reports import views, views_library, views_own, views_schedule, views_verify

app_name = "reports"
urlpatterns = [
    path("", views.library, name="library"),
    path("new", views.new, name="new"),
    path("schedule", views_schedule.schedules_, name="schedules"),
    path("schedule/new", views_schedule.schedule, name="schedule"),
    path("schedule/<uuid:pk>/end", views_schedule.schedule_end, name="schedule_end"),
    path("link/<str:token>", views_schedule.link, name="link"),
    path("own", views_own.own, name="own"),
    path("pack", views_library.pack, name="pack"),
    path("parcel/<uuid:pk>", views_library.parcel, name="parcel"),
    path("parcel/<uuid:pk>/zip", views_library.parcel_file, name="parcel_file"),
    path("receipt/<uuid:pk>", views.receipt, name="receipt"),
    path("notice/<uuid:pk>/<str:language>", views.notice, name="notice"),
    path("fiche/<uuid:pk>", views.fiche, name="fiche"),
    path("works-pack/<uuid:pk>", views.works_pack, name="works_pack"),
    path("door-sign/<uuid:pk>", views.door_sign, name="door_sign"),
    path("mine", views.statement, name="statement"),
    path("bundle/<uuid:pk>", views.bundle, name="bundle"),
    path("certificate/<uuid:pk>", views.own_certificate, name="own_certificate"),
    path("<uuid:pk>", views.report, name="report"),
    path("<uuid:pk>/changes", views_library.changes, name="changes"),
    path("<uuid:pk>/certify", views_own.certify, name="certify"),
    path("<uuid:pk>/proof", views.proof, name="proof"),
    path("<uuid:pk>/read", views.read, name="read"),
    path("<uuid:pk>/cancel", views.cancel, name="cancel"),
    path("<uuid:pk>/<slug:kind>", views.download, name="download"),
]

# Not under reports/: for strangers, and at the address that is printed on documents.
of_everybody = [
    path("verify/", views_verify.verify, name="verify"),
    path(".well-known/sammati-seals/", views_verify.seals, name="seals"),
    path(".well-known/sammati-seals/manifests.json", views_verify.manifests, name="manifests"),
    path(".well-known/sammati-seals/checking.py", views_verify.checker, name="checker"),
    path(".well-known/sammati-seals/<slug:name>.pem", views_verify.seal, name="seal"),
]
