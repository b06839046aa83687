"""The register as a list: today, or as it was in force on a day."""

from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.people.models import Entity, Person, Unit
from governance.people.zones import in_their_zone, zone_of
from governance.purposes import headings, listing, lists, words
from governance.purposes.forms_register import Filters, Part, Words
from governance.purposes.models import Processor, Purpose, PurposeVersion

KEPT = "register_words"  # in the session: token → words
KEPT_MOST = 10


@requires("purposes.view", or_any=Purpose)
@never_cache
@in_their_zone
@require_http_methods(["GET", "HEAD", "POST"])
def register_page(request: HttpRequest) -> HttpResponse:
    """Filters stand in the URL. Words are sent by POST and stand there as a token of this session."""
    person: Person = request.user  # type: ignore[assignment]
    today = clock.law_date(zone_of(person))
    filters = Filters(request.GET, parts=_parts(person), today=today)
    chosen = filters.chosen()
    if request.method == "POST":
        return _keep_words(request, chosen)
    token = request.GET.get("s", "")
    said = request.session.get(KEPT, {}).get(token, "") if token else ""
    lost = bool(token) and not said
    day = filters.cleaned_data.get("on")
    visible = Purpose.objects.visible_to(person)
    asked = filters.asked(said)
    ends = [listing.place(request.GET.get(name, "")) for name in ("after", "before")]
    rows: Any
    n: int | None = None
    if day is None:
        rows, n = listing.found(visible, asked, reader=person, today=today)
        page = listing.page(
            rows.select_related("entity", "unit", "owner", "approved_by").defer("search", "description", "uses"),
            by=chosen.get("sort", "number"), after=ends[0], before=ends[1],
        )  # fmt: skip
        processors = _processors(page.rows)
        columns, cells = _columns(), [_row(purpose, today, processors) for purpose in page.rows]
    else:
        narrowed = listing.narrow(visible, listing.of_the_past(asked), reader=person, today=today)
        rows = listing.versions_on(day).filter(purpose__in=narrowed)
        page = listing.page(
            rows.select_related("purpose__entity", "purpose__unit", "purpose__owner", "approved_by"),
            by="number", after=ends[0], before=ends[1], of="purpose__",
        )  # fmt: skip
        columns, cells = _columns_then(), [_row_then(version, day) for version in page.rows]
    query = urlencode(chosen | ({"s": token} if said else {}))
    return render(
        request, "purposes/register.html",
        {
            "filters": filters, "search": Words(initial={"words": said}), "chosen": chosen, "said": said, "lost": lost, "day": day,
            "unfolded": any(name in chosen for name in filters.fields if name not in Filters.FIRST) or bool(filters.errors),
            "left_out": day is not None and listing.of_the_past(asked) != asked,
            "columns": columns, "rows": [_printed(columns, row) for row in cells], "caption": _caption(page, rows, n), "page": page,
            "query": query + "&" if query else "", "only_filters": urlencode(chosen),
            "export_query": f"?{query}" if query else "", "may_enter": may(person, "purposes.edit"),
            "may_import": may(person, "purposes.import"), "may_export": may(person, "purposes.export"),
        },
    )  # fmt: skip


def _keep_words(request: HttpRequest, chosen: dict[str, str]) -> HttpResponse:
    """The words wait in the session; the address gets their token. Empty words end a search."""
    form = Words(request.POST)
    if form.is_valid():
        token = token_urlsafe(6)
        kept = dict(list(request.session.get(KEPT, {}).items())[1 - KEPT_MOST :])
        request.session[KEPT] = kept | {token: form.cleaned_data["words"]}
        chosen = chosen | {"s": token}
    here = reverse("purposes:register")
    return redirect(f"{here}?{urlencode(chosen)}" if chosen else here)


def _parts(person: Person) -> list[Part]:
    """The entities and departments from which the reader sees something by a role."""
    theirs, their_units = person.theirs_where("purposes.view")
    whole, alone = (
        person.entities_where("purposes.view") | theirs,
        person.units_where("purposes.view") | their_units,
    )
    homes = {entity for _role, entity, unit in person.held if unit in alone}
    units = (
        Unit.objects.filter(entity=OuterRef("pk"))
        .order_by("name")
        .values(row=JSONObject(id="id", name="name"))
    )
    found = Entity.objects.filter(pk__in=whole | homes).annotate(units_there=ArraySubquery(units))
    return [
        Part(
            e.pk,
            e.code,
            e.name,
            tuple((u["id"], u["name"]) for u in e.units_there if e.pk in whole or u["id"] in alone),
        )
        for e in found
    ]


def _caption(page: listing.Page, rows: Any, n: int | None) -> str:
    """How many there are; not asked where it is known, or all of them stand on the page."""
    if n is None:
        n = listing.count(rows) if page.before or page.after else len(page.rows)
    if n > listing.COUNTED:
        return _("%(n)s+ purposes") % {"n": f"{listing.COUNTED:,}"}
    return ngettext("%(n)d purpose", "%(n)d purposes", n) % {"n": n}


def _printed(columns: list[dict[str, Any]], row: list[Any]) -> list[tuple[Any, str, str, str, Any]]:
    """As components/table_wide.html wants it: words apart, because an included template a cell costs a list its time."""
    printed: list[tuple[Any, str, str, str, Any]] = []
    for column, cell in zip(columns, row, strict=True):
        if isinstance(cell, str):
            printed.append((column, cell or "–", "", "", None))
        elif "state" in cell:
            printed.append((column, "", "", "", cell))
        else:
            text, note = cell.get("text", ""), cell.get("note", "")
            printed.append((column, text or ("" if note else "–"), note, cell.get("url", ""), None))
    return printed


def _processors(rows: list[Purpose]) -> dict[str, Processor]:
    codes = {code for purpose in rows for code in purpose.processor_codes}
    return (
        {p.code: p for p in Processor.objects.filter(code__in=codes).only("code", "name", "country")}
        if codes
        else {}
    )


def _columns() -> list[dict[str, Any]]:
    labels = [
        _("Number"), _("Activity"), _("Controller"), _("Country"), _("Owner"), _("People concerned"), _("Items"), _("Ground, GDPR"),
        _("Ground, DPDP"), _("Verdict today"), _("Kept at most"), _("Processors and countries"), _("Missing"), _("Next review"), _("Version"),
    ]  # fmt: skip
    return [{"label": label, "num": n == 6} for n, label in enumerate(labels)]


def _row(purpose: Purpose, today: date, processors: dict[str, Processor]) -> list[Any]:
    return [
        {"text": purpose.number, "url": reverse("purposes:purpose", args=[purpose.pk])},
        {"text": purpose.name, "note": str(purpose.get_state_display())},
        {"text": purpose.entity.name, "note": str(purpose.unit or "")},
        ", ".join(purpose.countries),
        str(purpose.owner) if purpose.owner else "",
        ", ".join(lists.label("people", code) for code in purpose.people_codes),
        str(purpose.item_count),
        _ground(purpose, "EU"),
        _ground(purpose, "IN"),
        _verdict(purpose, today),
        words.period(purpose.longest),
        _processors_cell(purpose, processors),
        _missing(purpose),
        _review(purpose, today),
        _version(purpose),
    ]


def _ground(purpose: Purpose, law: str) -> Any:
    if said := words.ground(purpose, law):
        return said
    return {"note": _("not recorded")} if law in purpose.jurisdictions else ""


def _verdict(purpose: Purpose, today: date) -> Any:
    """Today's, and the days on which it changes."""
    if not purpose.verdict:
        return {"note": _("not judged yet")}
    changes = [
        _("%(verdict)s from %(day)s") % {"verdict": headings.verdict(step["outcome"]), "day": _day(date.fromisoformat(step["on"]))}
        for step in purpose.verdict_next
        if step["on"] > today.isoformat()
    ]  # fmt: skip
    return headings.verdict_cell(purpose.verdict, "; ".join(changes))


def _processors_cell(purpose: Purpose, known: dict[str, Processor]) -> Any:
    names = [known[code].name if code in known else code for code in purpose.processor_codes]
    return {"text": ", ".join(names), "note": ", ".join(purpose.recipient_countries)}


def _missing(purpose: Purpose) -> Any:
    if not purpose.missing_count:
        return ""
    named = list(dict.fromkeys(headings.heading(row["field"]) for row in purpose.missing))
    return {"text": str(purpose.missing_count), "note": ", ".join(named)}


def _review(purpose: Purpose, today: date) -> Any:
    if purpose.review_on is None:
        return {"note": _("not recorded")}
    if purpose.review_on < today and purpose.state != "retired":
        return {"state": "overdue", "note": _day(purpose.review_on)}
    return _day(purpose.review_on)


def _version(purpose: Purpose) -> Any:
    if not purpose.version:
        return {"note": _("none in force")}
    return {"text": str(purpose.version), "note": str(purpose.approved_by or "")}


def _columns_then() -> list[dict[str, Any]]:
    labels = [
        _("Number"), _("Activity"), _("Controller"), _("Owner today"), _("People concerned"), _("Items"), _("Ground, GDPR"), _("Ground, DPDP"),
        _("Version"), _("In force from"), _("Until"), _("Approved by"),
    ]  # fmt: skip
    return [{"label": label, "num": n == 5} for n, label in enumerate(labels)]


def _row_then(version: PurposeVersion, day: date) -> list[Any]:
    """The row as the version of that day says it."""
    purpose, said = version.purpose, version.content
    return [
        {
            "text": purpose.number,
            "url": f"{reverse('purposes:purpose', args=[purpose.pk])}?on={day.isoformat()}",
        },
        said["name"],
        {"text": purpose.entity.name, "note": str(purpose.unit or "")},
        str(purpose.owner) if purpose.owner else "",
        ", ".join(lists.label("people", code) for code in said["people"]),
        str(len(said["items"])),
        lists.label("basis_eu", said["basis_eu"]) if said["basis_eu"] else "",
        lists.label("ground_in", said["ground_in"]) if said["ground_in"] else "",
        str(version.number),
        _day(version.in_force_at),
        _day(version.ended_at),
        str(version.approved_by or ""),
    ]


def _day(moment: Any) -> str:
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return date_format(moment, "j M Y") if moment else ""
