"""The register: the list, one purpose with everything known of it, and its notices from draft to published."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import clock, packs
from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.people.models import Entity
from governance.people.zones import in_their_zone
from governance.purposes import catalogue, forms, register, rules, words
from governance.purposes.models import Notice, Purpose

# What both laws ask of a purpose, side by side: heading → law → provisions of the pack.
SIDE_BY_SIDE = [
    ("notice", {"IN": ["dpdp.s5", "dpdp.r3"], "EU": ["gdpr.13"]}),
    ("withdrawal", {"IN": ["dpdp.s6-4", "dpdp.s6-6"], "EU": ["gdpr.7-3"]}),
    ("erasure", {"IN": ["dpdp.s8-7"], "EU": ["gdpr.17-1-b"]}),
    ("floor", {"IN": ["dpdp.r8-3"], "EU": ["gdpr.17-3-b"]}),
    ("complaint", {"IN": ["dpdp.s13"], "EU": ["gdpr.13"]}),
    ("record", {"IN": [], "EU": ["gdpr.30"]}),
]


@requires("purposes.view")
@in_their_zone
@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    person = request.user
    purposes = (
        Purpose.objects.visible_to(person)
        .select_related("entity", "owner")
        .prefetch_related("signals", "notices__texts")
    )
    entities = Entity.objects.filter(pk__in=purposes.values("entity_id"))
    filters = forms.Filters(request.GET, [(entity.code, entity.name) for entity in entities])
    chosen = filters.chosen()
    if text := chosen.get("q"):
        purposes = purposes.filter(
            Q(number__icontains=text) | Q(name__icontains=text) | Q(description__icontains=text)
        )
    if state := chosen.get("state"):
        purposes = purposes.filter(state=state)
    if law := chosen.get("law"):
        purposes = purposes.filter(jurisdictions__contains=[law])
    if entity := chosen.get("entity"):
        purposes = purposes.filter(entity__code=entity)
    page = Paginator(purposes, 50).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request, "purposes/register.html",
        {
            "filters": filters, "chosen": chosen, "page": page, "query": query.urlencode() + "&" if query else "",
            "columns": [
                {"label": _("Purpose")}, {"label": _("Entity")}, {"label": _("Grounds")}, {"label": _("Signals")},
                {"label": _("State")}, {"label": _("Notice")}, {"label": _("Review")},
            ],
            "rows": [_row(purpose) for purpose in page],
        },
    )  # fmt: skip


def _row(purpose: Purpose) -> list[Any]:
    today = clock.law_date(purpose.entity.timezone)
    published = next((n for n in purpose.notices.all() if n.published_at), None)  # newest first
    signals = ", ".join(signal.title for signal in purpose.signals.all())
    notice: Any = _("not needed") if not purpose.asks_consent else _("none published")
    if published is not None:
        languages = ", ".join(text.language for text in published.texts.all())
        notice = {"text": _("version %(n)s") % {"n": published.version}, "note": languages}
    review: Any = date_format(purpose.review_on, "j M Y") if purpose.review_on else _("not recorded")
    if purpose.review_on and purpose.review_on < today:
        review = {"state": "overdue", "note": date_format(purpose.review_on, "j M Y")}
    return [
        {"text": f"{purpose.number} {purpose.name}", "url": reverse("purposes:purpose", args=[purpose.pk])},
        purpose.entity.name,
        "; ".join(f"{law}: {ground}" for law, ground in purpose.grounds.items()) or _("not recorded"),
        signals or _("none"),
        {"state": purpose.state},
        notice,
        review,
    ]


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def purpose(request: HttpRequest, row: Purpose) -> HttpResponse:
    """Every field; what is not there is said to be "not recorded"."""
    on = clock.law_date(row.entity.timezone)
    notices = list(row.notices.select_related("published_by").prefetch_related("texts"))
    published = next((n for n in notices if n.published_at), None)
    return render(
        request, "purposes/purpose.html",
        {
            "purpose": row, "on": on, "notices": notices, "published": published, "facts": _facts(row),
            "signals": [
                {"signal": s, "fields": [words.field(f) for f in s.fields], "explained": s.entry.explanation(get_language() or "en")}
                for s in row.signals.all()
            ],
            "rule_columns": [
                {"label": _("Data")}, {"label": _("Law")}, {"label": _("Counted from")}, {"label": _("At least")},
                {"label": _("At most")}, {"label": _("Then")}, {"label": _("Source")},
            ],
            "rules": [_rule(rule, on) for rule in row.retention_rules.all()],
            "system_columns": [{"label": _("System")}, {"label": _("What lies there")}, {"label": _("Country")}],
            "systems": [[system.name, system.holds, system.country] for system in row.systems.all()],
            "law_columns": [{"label": _("About")}, {"label": words.law("IN")}, {"label": words.law("EU")}],
            "laws": _laws(row, on),
            "may_edit": may(request.user, "purposes.edit", row),
            "may_publish": may(request.user, "purposes.publish", row),
            "why_not_activate": reason(rules.check_activate, row.state, row.asks_consent, published is not None),
        },
    )  # fmt: skip


def _facts(row: Purpose) -> list[dict[str, Any]]:
    entity = row.entity
    controller = [entity.name, entity.address, f"{entity.contact_name}, {entity.contact_email}"]
    dpo = ", ".join(part for part in (entity.dpo_name, entity.dpo_email) if part)
    day = date_format(row.review_on, "j F Y") if row.review_on else ""
    yes_no = {True: _("yes"), False: _("no")}
    return [
        {"label": _("Controller"), "lines": controller},
        {"label": _("Data protection officer"), "value": dpo},
        {"label": _("Representative in the EU"), "value": entity.eu_representative},
        {"label": _("What is done"), "value": row.description},
        {"label": _("What it makes possible"), "value": row.uses},
        {"label": _("People concerned"), "value": row.people_concerned},
        {"label": _("Data items"), "lines": list(row.data_items)},
        {"label": _("Source of the data"), "value": row.source},
        {"label": _("Recipients"), "lines": words.recipients(row)},
        {"label": _("Transfers to other countries"), "value": row.transfers},
        {"label": _("Security measures"), "value": row.security},
        {"label": _("Trains artificial intelligence"), "value": yes_no[row.trains_ai]},
        {"label": _("Automated decisions"), "value": row.automated_decisions},
        {"label": _("Impact assessment"), "value": row.assessment},
        {"label": _("Works council or representatives"), "value": row.works_council},
        {"label": _("Accountable owner"), "value": str(row.owner) if row.owner else ""},
        {"label": _("Next review"), "value": day},
        {"label": _("Version of this entry"), "value": str(row.version)},
    ]


def _rule(rule: Any, on: date) -> list[Any]:
    source: Any = rule.source
    if rule.applies_from and on < rule.applies_from:
        source = {
            "text": rule.source,
            "note": _("applied from %(day)s") % {"day": date_format(rule.applies_from, "j F Y")},
        }
    minimum = words.period(rule.minimum) or _("none")
    maximum = words.period(rule.maximum) or _("none")
    return [
        rule.category, words.law(rule.jurisdiction), rule.get_start_event_display(), minimum, maximum, rule.get_action_display(), source,
    ]  # fmt: skip


def _laws(row: Purpose, on: date) -> list[list[Any]]:
    """What India and the EU ask of this purpose, with the citations of the day."""
    headings = {
        "notice": _("Telling people"), "withdrawal": _("Taking a yes back"), "erasure": _("Erasing"),
        "floor": _("Keeping although erasure was asked for"), "complaint": _("Complaints"), "record": _("This register"),
    }  # fmt: skip
    grounds = {
        code: ground.says for code, ground in zip(row.jurisdictions, words.grounds(row, on), strict=True)
    }
    table: list[list[Any]] = [[_("Ground"), *(_ground(row, grounds, code) for code in ("IN", "EU"))]]
    for key, by_law in SIDE_BY_SIDE:
        if key == "withdrawal" and not row.asks_consent:
            continue
        cells = []
        for code in ("IN", "EU"):
            ids = by_law[code] if code in row.jurisdictions else None
            if ids is None:
                cells.append(_("does not apply"))
            else:
                cells.append("; ".join(words.citation(i, on) for i in ids) or _("not asked for"))
        table.append([headings[key], *cells])
    return table


def _ground(row: Purpose, grounds: dict[str, str], code: str) -> str:
    if code not in row.jurisdictions:
        return _("does not apply")
    return grounds.get(code) or _("not recorded")


@requires("purposes.publish", of=Purpose)
@require_POST
def activate(request: HttpRequest, row: Purpose) -> HttpResponse:
    try:
        register.activate(row, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The purpose is active."))
    return redirect("purposes:purpose", row.pk)


@requires("purposes.edit", of=Purpose)
@require_POST
def new_notice(request: HttpRequest, row: Purpose) -> HttpResponse:
    """A draft that begins with the words of the newest version; an open draft is gone on with."""
    return redirect("purposes:notice", register.new_version(row, by=request.user).pk)


@requires("purposes.view", of=Notice)
@in_their_zone
@require_safe
def notice(request: HttpRequest, row: Notice) -> HttpResponse:
    """One version in one language (?lang=), and what still keeps a draft from being published."""
    on = clock.law_date(row.purpose.entity.timezone)
    texts = list(row.texts.all())
    wanted = request.GET.get("lang") or get_language() or "en"
    shown = row.text_for(wanted) or (texts[0] if texts else None)
    return render(
        request, "purposes/notice.html",
        {
            "notice": row, "purpose": row.purpose, "shown": shown, "on": on,
            "texts": [{"text": text, "name": words.language(text.language)} for text in texts],
            "why_not": "" if row.published_at else reason(rules.check_publish, register.notice_facts(row), on),
            "may_edit": may(request.user, "purposes.edit", row),
            "may_publish": may(request.user, "purposes.publish", row),
            "add": forms.Language(),
            "provisions": packs.load("laws").version,
        },
    )  # fmt: skip


@requires("purposes.edit", of=Notice)
@require_POST
def add_language(request: HttpRequest, row: Notice) -> HttpResponse:
    form = forms.Language(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Write a language code like ta, ur or de."))
        return redirect("purposes:notice", row.pk)
    return redirect("purposes:text", row.pk, form.cleaned_data["language"])


@requires("purposes.edit", of=Notice)
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, row: Notice, language: str) -> HttpResponse:
    """Write one text of a draft. A published one is not written any more: the page says so."""
    if forms.Language({"language": language}).is_valid() is False:
        raise Http404
    if why_not := reason(rules.check_write, row.published_at is not None):
        messages.warning(request, why_not)
        return redirect("purposes:notice", row.pk)
    on = clock.law_date(row.purpose.entity.timezone)
    kept = row.texts.filter(language=language).first()
    form = forms.Text(
        request.POST or None,
        text=kept,
        language=language,
        asked_by=catalogue.required_elements(row.purpose.jurisdictions, on),
    )
    if request.method == "POST" and form.is_valid():
        register.write_text(
            row, language, title=form.cleaned_data["title"], elements=form.elements(), by=request.user,
            reviewed_by=form.cleaned_data["reviewed_by"], reviewed_on=form.cleaned_data["reviewed_on"],
        )  # fmt: skip
        messages.success(request, _("The text is kept in the draft."))
        return redirect("purposes:notice", row.pk)
    return render(
        request, "purposes/text.html",
        {"notice": row, "purpose": row.purpose, "form": form, "language": language, "language_name": words.language(language)},
    )  # fmt: skip


@requires("purposes.publish", of=Notice)
@require_POST
def publish(request: HttpRequest, row: Notice) -> HttpResponse:
    """People are shown this version from now on; who has the older one open is told before they decide."""
    try:
        register.publish(row, by=request.user, on=clock.law_date(row.purpose.entity.timezone))
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Published. From now on people are shown this version."))
    return redirect("purposes:notice", row.pk)
