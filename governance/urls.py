"""The portal's addresses: one prefix per app; an app with two prefixes carries them itself."""

from django.urls import include, path

from governance.consents import urls as consents
from governance.interfaces import urls as interfaces
from governance.pages.choices import choices
from governance.pages.kiosk_urls import of_the_kiosk
from governance.pages.parts import opt_outs
from governance.pages.views import language
from governance.reports import urls as reports

# Two of a person's own pages read capture too, so their views live on the roof; their names stay consents:….
mine = [
    path("", choices, name="choices"),
    path("opt-outs/", opt_outs, name="opt_outs"),
    *consents.urlpatterns,
]
both = [
    path("me/", include(mine)),
    path("consents/", include(consents.of_the_office)),
    path("", include(consents.of_the_heard)),
    path(".well-known/", include(consents.well_known)),
]
documents = [path("reports/", include(reports.urlpatterns)), *reports.of_everybody]

urlpatterns = [
    # Programs ask by far the most often: their doors are looked for first.
    path("api/v1/", include((interfaces.own, "api"))),
    path("govstack/v1/", include((interfaces.govstack, "govstack"))),
    path("scim/v2/", include((interfaces.leavers, "scim"))),
    path("language", language, name="set_language"),
    path("", include("governance.pages.urls")),
    path("account/", include("governance.pages.account_urls")),
    path("people/", include("governance.people.urls")),
    path("log/", include("governance.audit.urls")),
    path("register/", include("governance.purposes.urls")),
    path("register/", include((consents.of_register, "notices"))),
    path("", include("governance.retention.urls")),  # erasures/ and me/erasures/
    path("", include((both, consents.app_name))),
    path("kiosk/", include((of_the_kiosk, "kiosk"))),
    path("", include("governance.capture.urls")),  # programmes/ and api/v1/batches
    path("", include("governance.rights.urls")),  # requests/ and me/requests/
    path("incidents/", include("governance.incidents.urls")),
    path(
        "", include("governance.exports.urls")
    ),  # exports/, datasets/, exclusions/ and me/where/, me/content/
    path("", include("governance.interfaces.urls")),  # api-clients/
    path("", include((documents, reports.app_name))),
]

handler404 = "governance.pages.errors.not_found"
handler500 = "governance.pages.errors.broken"
