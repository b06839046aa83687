"""What a programme records, signal by signal: what is kept, how much it tells, and why nothing less would do."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.capture import deciding, limits, minimise
from governance.capture.models import Programme
from governance.lib.dates import date_format
from governance.purposes import catalogue, lists, words
from governance.purposes.models import Assessment, Processor


def kept(code: str, fields: tuple[str, ...]) -> list[str]:
    """Everything that stays of one event of this signal, in words."""
    if code in minimise.COARSE_TIME:
        time = [] if "quarter" in fields else [_("day")]
    else:
        time = [_("minute") if code in minimise.BY_MINUTE else words.field("time")]
    says_what = code not in minimise.COARSE_TIME | minimise.BY_MINUTE and not catalogue.is_clip(code)
    return [
        *time,
        words.field("application"),
        *([words.field("action")] if says_what else []),
        *(words.field(field) for field in fields),
    ]


def of(row: Programme, language: str) -> list[dict[str, Any]]:
    """What is declared and within the terms: [{"title", "explained", "kept", "tells", "value"}]. Two queries."""
    declared = list(row.purpose.signals.all())
    agreed = deciding.terms_of(row).signals
    fields = {signal.code: tuple(signal.fields) for signal in declared}
    stays = limits.agreed(fields, agreed) | limits.agreed(fields, agreed, clips=True)
    living = {
        one.item: one
        for one in Assessment.objects.living(timezone.localdate())
        .filter(purpose=row.purpose_id)
        .select_related("decided_by")
    }
    return [
        {
            "title": signal.title, "explained": signal.entry.explanation(language), "kept": "; ".join(kept(signal.code, stays[signal.code])),
            "tells": " · ".join([lists.category(signal.entry.category), lists.label("sensitivity", signal.entry.sensitivity), _term(signal.entry.dpv)]),
            "value": _value(living.get(signal.code)),
        }
        for signal in declared
        if signal.code in stays
    ]  # fmt: skip


def _term(iri: str) -> str:
    base, _hash, name = iri.rpartition("#")
    return f"DPV {base.rpartition('/')[2]}:{name}"


def _value(one: Assessment | None) -> dict[str, str] | None:
    if one is None:
        return None
    said = {"who": str(one.decided_by), "day": date_format(one.until, "j F Y")}
    return {
        "why": one.why_needed,
        "less": one.what_less,
        "until": _("Decided by %(who)s; counts until %(day)s.") % said,
    }


def processors(row: Programme) -> list[dict[str, str]]:
    """Who processes for the company what this programme records, by the register."""
    found = Processor.objects.filter(code__in=row.purpose.processor_codes)
    return [{"text": one.name, "note": ", ".join(filter(None, [one.country, one.contract]))} for one in found]
