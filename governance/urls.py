"""The portal's addresses: one prefix per app; an app with two prefixes carries them itself."""

from django.urls import include, path

from governance.consents import urls as consents
from governance.pages.choices import choices
from governance.pages.views import language

# The first of a person's own pages reads capture too, so its view lives on the roof; its name stays consents:choices.
mine = [path("", choices, name="choices"), *consents.urlpatterns]
both = [path("me/", include(mine)), path("consents/", include(consents.of_the_office))]

urlpatterns = [
    path("language", language, name="set_language"),
    path("", include("governance.pages.urls")),
    path("account/", include("governance.pages.account_urls")),
    path("people/", include("governance.people.urls")),
    path("log/", include("governance.audit.urls")),
    path("register/", include("governance.purposes.urls")),
    path("register/", include((consents.of_register, "notices"))),
    path("", include("governance.retention.urls")),  # erasures/ and me/erasures/
    path("", include((both, consents.app_name))),
    path("", include("governance.capture.urls")),  # programmes/ and api/v1/batches
    path("", include("governance.rights.urls")),  # requests/ and me/requests/
    path("incidents/", include("governance.incidents.urls")),
    path("reports/", include("governance.reports.urls")),
]
