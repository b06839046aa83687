"""The portal's addresses: one prefix per app; an app with two prefixes carries them itself."""

from django.urls import include, path
from django.views.i18n import set_language

from governance.consents import urls as consents
from governance.lib.access import public
from governance.pages.choices import choices

# The first of a person's own pages reads capture too, so its view lives on the roof; its name stays consents:choices.
mine = [path("", choices, name="choices"), *consents.urlpatterns]

urlpatterns = [
    path("language", public(set_language), name="set_language"),
    path("", include("governance.pages.urls")),
    path("account/", include("governance.pages.account_urls")),
    path("people/", include("governance.people.urls")),
    path("log/", include("governance.audit.urls")),
    path("register/", include("governance.purposes.urls")),
    path("", include("governance.retention.urls")),  # erasures/ and me/erasures/
    path("me/", include((mine, consents.app_name))),
    path("", include("governance.capture.urls")),  # programmes/ and api/v1/batches
    path("", include("governance.rights.urls")),  # requests/ and me/requests/
    path("incidents/", include("governance.incidents.urls")),
    path("reports/", include("governance.reports.urls")),
]
