"""One purpose with everything known of it: where it stands, what is next, what it says, what people are told, its versions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import reason
from governance.people.zones import in_their_zone
from governance.purposes import completeness, headings, judging, rules
from governance.purposes.judging import named
from governance.purposes.models import (
    DataSystem,
    Notice,
    NoticeText,
    Purpose,
    PurposeVersion,
)
from governance.purposes.sections import SECTION_OF
from governance.purposes.views import laws, shown, steps, then, verdict


def _everything() -> Any:
    """A purpose with its versions, notices, papers and systems in one query: its page costs the same however many it has."""
    versions = PurposeVersion.objects.filter(purpose=OuterRef("pk")).order_by("-number").values(
        row=JSONObject(
            id="id", number="number", state="state", sha256="sha256", author_id="author_id", submitted_by_id="submitted_by_id", editors="editors",
            author=named("author"), approver=named("approved_by"), in_force_at="in_force_at", ended_at="ended_at", material="material",
            sent_back="sent_back_because",
        )
    )  # fmt: skip
    texts = NoticeText.objects.filter(notice=OuterRef("pk")).order_by("language").values("language")
    notices = Notice.objects.filter(purpose=OuterRef("pk")).order_by("-version").values(
        row=JSONObject(
            id="id", version="version", tells="purpose_version", published_at="published_at", publisher=named("published_by"),
            languages=ArraySubquery(texts),
        )
    )  # fmt: skip
    systems = DataSystem.objects.filter(purposes=OuterRef("pk")).values(
        row=JSONObject(code="code", name="name", holds="holds", country="country")
    )
    purposes = Purpose.objects.select_related("entity", "unit", "owner", "approved_by").defer("search").annotate(
        versions_there=ArraySubquery(versions), notices_there=ArraySubquery(notices), systems_there=ArraySubquery(systems)
    )  # fmt: skip
    return judging.with_papers(purposes)


class Whole:
    """What `requires` fetches for this page."""

    objects = _everything()


@requires("purposes.view", of=Whole)
@in_their_zone
@require_safe
def purpose(request: HttpRequest, row: Any) -> HttpResponse:
    """Every field; what is not there is said to be "not recorded". With ?on=, the version in force on that day."""
    if "on" in request.GET:
        return then.show(request, row)
    on = clock.law_date(row.entity.timezone)
    (found,) = judging.read([row], on)
    activity, number, open_version = found.judged.activity, found.number, _open_version(row)
    notices = row.notices_there
    has_notice = any(notice["published_at"] for notice in notices)
    said = verdict.of(found, request.user)
    why_not = reason(rules.check_activate, "approved", row.asks_consent, has_notice) or said["why_not_run"]
    may_edit = may(request.user, "purposes.edit", row) and row.state != "retired"
    in_force = next((v["sha256"] for v in row.versions_there if v["state"] == "in_force"), "")
    return render(
        request, "purposes/purpose.html",
        {
            "purpose": row, "on": on, "number": number, "verdict": said, "overdue": row.review_on is not None and row.review_on < on and row.state != "retired",
            "line": steps.line(row), "next": steps.of_purpose(request, row, open_version, has_notice=has_notice, why_not_run=why_not, in_force_sha256=in_force),
            "responsible": _responsible(row), "sections": shown.sections(activity, on, _beside(row, found, on)), "missing": _missing(row, on),
            "law_columns": laws.columns(), "laws": laws.side_by_side(row, on),
            "notice_columns": [{"label": _("Version of the notice")}, {"label": _("State")}, {"label": _("Languages")}, {"label": _("Tells of version")}],
            "notices": _notices(notices), "shows_notices": bool(notices) or row.asks_consent or may_edit,
            "version_columns": [
                {"label": _("Version")}, {"label": _("State")}, {"label": _("Written by")}, {"label": _("Approved by")}, {"label": _("In force")},
                {"label": _("Material changes")},
            ],
            "versions": [_version(row, version) for version in row.versions_there], "several": len(row.versions_there) > 1,
            "captures": bool(activity.signals),
            "may_see_excess": may(request.user, "capture.view_turned_away", row),
            "on_day": then.Day()["on"], "may_assign": may(request.user, "purposes.assign", row), "may_edit": may_edit,
        },
    )  # fmt: skip


def _open_version(row: Any) -> PurposeVersion | None:
    """The version that is being written, read or waits to hold, as far as the steps ask."""
    meta = next((v for v in row.versions_there if v["state"] in ("draft", "in_review", "approved")), None)
    if meta is None:
        return None
    ids = {name: UUID(meta[name]) if meta[name] else None for name in ("id", "author_id", "submitted_by_id")}
    kept = {name: meta[name] for name in ("number", "state", "sha256", "material")}
    editors = [UUID(editor) for editor in meta["editors"]]  # JSON has no UUID, and text is never equal to one
    return PurposeVersion(purpose=row, sent_back_because=meta["sent_back"], editors=editors, **ids, **kept)


def _assessment(said: dict[str, Any], on: date) -> Any:
    """A cell: the living assessment of an item, or what is wrong with the last one."""
    until = date.fromisoformat(said["until"])
    if not said["justified"]:
        return {"state": "refused", "word": _("not justified"), "colour": "bad"}
    if until <= on:
        return {"state": "expired", "note": date_format(until, "j M Y")}
    return {
        "state": "living",
        "word": _("justified"),
        "colour": "good",
        "note": _("until %(day)s") % {"day": date_format(until, "j M Y")},
    }


def _beside(row: Any, found: judging.Read, on: date) -> shown.Beside:
    return shown.Beside(
        systems={
            there["code"]: (there["name"], there["holds"], there["country"]) for there in row.systems_there
        },
        processors={code: processor.name for code, processor in found.processors.items()},
        assessed={said["item"]: _assessment(said, on) for said in row.assessed_there},
    )


def _responsible(row: Purpose) -> list[dict[str, Any]]:
    """Art. 30(1)(a): controller, representative, officer; and who answers for it inside."""
    entity = row.entity
    dpo = ", ".join(part for part in (entity.dpo_name, entity.dpo_email) if part)
    return [
        {"label": _("Controller"), "lines": [entity.name, entity.address, f"{entity.contact_name}, {entity.contact_email}"]},
        {"label": _("Data protection officer"), "value": dpo, "asked": "GDPR Art. 30(1)(a); DPDP Rules r.9"},
        {"label": _("Representative in the EU"), "value": entity.eu_representative, "asked": "GDPR Art. 30(1)(a), 27" if entity.country == "IN" else ""},
        {"label": _("Department"), "value": str(row.unit or "")},
        {"label": _("Accountable owner"), "value": str(row.owner) if row.owner else "", "asked": "GDPR Art. 5(2)"},
        {"label": _("Next review"), "value": date_format(row.review_on, "j F Y") if row.review_on else "", "asked": "GDPR Art. 24(1)"},
    ]  # fmt: skip


def _missing(row: Purpose, on: date) -> list[dict[str, Any]]:
    """What completeness found, each leading to its section."""
    gaps = [gap for kept in row.missing if (gap := completeness.of_code(kept["code"], on))]
    return [
        {"heading": headings.heading(gap.field), "sentence": gap.sentence, "cite": gap.cite, "section": SECTION_OF.get(gap.field, ELSEWHERE.get(gap.field, "responsible"))}
        for gap in gaps
    ]  # fmt: skip


ELSEWHERE = {"notice": "notices", "assessments": "items", "evidence": "may-run"}


def _moment(text: str | None) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(text)), "j M Y") if text else ""


def _notices(notices: list[dict[str, Any]]) -> list[list[Any]]:
    """The newest published one is what people are shown."""
    now = next((notice["version"] for notice in notices if notice["published_at"]), None)
    rows = []
    for notice in notices:
        state = (
            "draft"
            if not notice["published_at"]
            else "published"
            if notice["version"] == now
            else "superseded"
        )
        note = (
            f"{_moment(notice['published_at'])}, {notice['publisher'] or ''}"
            if notice["published_at"]
            else ""
        )
        rows.append(
            [
                {"text": _("version %(number)s") % {"number": notice["version"]}, "url": reverse("purposes:notice", args=[notice["id"]])},
                {"state": state, "note": note}, ", ".join(notice["languages"]), str(notice["tells"] or "–"),
            ]
        )  # fmt: skip
    return rows


STATES = dict(PurposeVersion.STATES)
COLOURS = {"in_force": "good", "in_review": "note", "approved": "warn"}


def _version(row: Purpose, version: dict[str, Any]) -> list[Any]:
    material = ", ".join(headings.heading(change["field"]) for change in version["material"])
    until = _moment(version["ended_at"])
    since = _moment(version["in_force_at"])
    held = f"{since} – {until}" if since and until else _("since %(day)s") % {"day": since} if since else ""
    return [
        {"text": str(version["number"]), "url": reverse("purposes:version", args=[row.pk, version["number"]])},
        {"state": version["state"], "word": STATES[version["state"]], "colour": COLOURS.get(version["state"], "")},
        version["author"] or "", version["approver"] or "", held, material or ("" if version["number"] == 1 else _("none")),
    ]  # fmt: skip
