"""The gate's codes in words, for pages and documents: all but the one that stands for every no of a person."""

from typing import Any

from django.utils.translation import gettext_lazy

from governance.capture import codes

CODES: dict[str, Any] = {
    codes.NOT_DECLARED: gettext_lazy("a signal that this programme never records"),
    codes.NOBODY_BOUND: gettext_lazy("nobody is signed in at that device"),
    codes.APPLICATION_NOT_LISTED: gettext_lazy("an application that is not on the list"),
    codes.SITE_NOT_LISTED: gettext_lazy("a site that is not on the list"),
    codes.DENIED: gettext_lazy("an application or site that is never recorded"),
    codes.APPLICATION_HELD: gettext_lazy("a client’s system without their permission on file"),
    codes.OUTSIDE_HOURS: gettext_lazy("outside the hours of the programme"),
    codes.SPECIAL_CATEGORY: gettext_lazy("a text that tells of health, a union or an identity"),
    codes.OUTSIDE_ZONE: gettext_lazy("outside the zones for worn cameras"),
    codes.ZONE_BARRED: gettext_lazy("a zone or shift in which somebody under 18 works or may work"),
    codes.NOT_MINIMISED: gettext_lazy("a clip with sound, or with faces or screens that were not blurred"),
    codes.NOT_SAMPLED: gettext_lazy("a day that is not in the sample"),
}
