"""What a country is called where people read, from its ISO code; a country that is not listed keeps its code."""

from django.utils.translation import gettext_lazy as _

COUNTRIES = {
    "IN": _("India"), "DE": _("Germany"), "AT": _("Austria"), "FR": _("France"), "NL": _("Netherlands"), "IE": _("Ireland"),
    "PL": _("Poland"), "ES": _("Spain"), "IT": _("Italy"), "GB": _("United Kingdom"), "US": _("United States"), "SG": _("Singapore"),
}  # fmt: skip


def called(code: str) -> str:
    return str(COUNTRIES.get(code, code))
