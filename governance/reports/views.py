"""The library of reports, asking for one, watching it being made, reading it, taking it away."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.audit import log
from governance.audit.models import Entry
from governance.capture.models import Programme
from governance.consents import offers
from governance.consents.models import Receipt
from governance.lib import clock, spoken
from governance.lib.access import may, requires
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person
from governance.purposes.models import Notice, Purpose
from governance.reports import (
    dates,
    finding,
    honest,
    keeping,
    paper,
    previewing,
    proofs,
    reports,
    rules,
    tables,
    words,
)
from governance.reports.forms import AskForm, FilterForm, SearchForm
from governance.reports.kinds import KINDS
from governance.reports.models import Report
from governance.retention.models import ErasureOrder

PER_PAGE = 25
TABLES = {"csv": tables.CSV, "xlsx": tables.XLSX}  # made when they are asked for
MEDIA = TABLES | {"pdf": "application/pdf", "json": "application/json; charset=utf-8"}


@requires("reports.view")
@require_http_methods(["GET", "POST"])
def library(request: HttpRequest) -> HttpResponse:
    """The reports of the entities for which the person has a role, newest first.

    Codes of the filters stand in the URL; words are searched for by POST and stand in none.
    """
    form = FilterForm(request.GET, person=request.user)
    search = SearchForm(request.POST if request.method == "POST" else None)
    searched = search.is_bound and search.is_valid()
    if searched:
        rows = Report.objects.filter(
            pk__in=finding.by_words(request.user, search.cleaned_data["words"])[:PER_PAGE]
        )  # type: ignore[arg-type]
    else:
        rows = Report.objects.by_role(request.user).filter(**form.filters())  # type: ignore[arg-type]
    rows = rows.select_related("entity").order_by("-asked_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode([(key, value) for key, value in request.GET.items() if value and key in form.fields])
    context = {
        "form": form, "search": search, "searched": searched, "page": page, "may_take": may(request.user, "reports.download"), "query": f"{query}&" if query else "", "filtered": bool(query),
        "kinds": [kind for kind in KINDS.values() if kind.code not in rules.PERSONAL], "due": _due(request.user),
        "columns": [{"label": _("Report")}, {"label": _("Entity")}, {"label": _("Asked")}, {"label": _("Language")}, {"label": _("State")}],
        "rows": [_row(report) for report in page], "may_request": may(request.user, "reports.request"), "no_pdf": paper.why_not(),
    }  # fmt: skip
    return render(request, "reports/library.html", context)


def _due(person: Person) -> list[dict[str, Any]]:
    """The kinds that are made again and again, per entity where the person asks for reports, that are due or nearly so."""
    entities = Entity.objects.filter(pk__in=person.entities_where("reports.request")).order_by("code")
    today = clock.now()
    found = []
    for entity in entities:
        for code, days in rules.REGULAR.items():
            if code in rules.NEEDS and not person.holds(rules.NEEDS[code], entity.pk):
                continue
            last = (
                Report.objects.filter(entity=entity, kind=code, state="ready").order_by("-ready_at").first()
            )
            if last is None or last.ready_at is None or (today - last.ready_at).days >= days:
                found.append({"kind": KINDS[code], "entity": entity, "last": last})
    return found


def _row(report: Report) -> list[Any]:
    state = (
        {"state": "printing"}
        if report.state in ("facts", "pages", "sealing", "signing")
        else {"state": report.state}
    )
    return [
        {"text": title_of(report), "url": reverse("reports:report", args=[report.pk]), "note": report.number},
        report.entity.name,
        dates.short_minute(localtime(report.asked_at)),
        words.language_name(report.language),
        state,
    ]


def title_of(report: Report) -> str:
    """ "Purpose register", or for an order "Certificate of erasure" with its number once the facts are read."""
    title = str(KINDS[report.kind].title) if report.kind in KINDS else report.kind
    content = (report.facts or {}).get("content", {})
    if report.kind == "certificate" and content:
        if content["order"]["state"] != "done":
            title = _("Statement on an erasure order")
        return f"{title}, {content['order']['number']}"
    return title


@requires("reports.request")
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """First the kind, then what it needs; asking leads to the page on which the report is being made."""
    offered = [
        kind
        for kind in KINDS.values()
        if kind.code not in rules.PERSONAL | rules.ASKED_ELSEWHERE
        and (kind.code not in rules.NEEDS or may(request.user, rules.NEEDS[kind.code]))
    ]
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None or kind not in offered:
        return render(request, "reports/new.html", {"kinds": offered, "no_pdf": paper.why_not()})
    order = _visible_order(request)
    initial = {
        "language": translation.get_language(),
        "order": order.pk if order else None,
        "entity": request.user.entity_id,
    }
    data = request.POST if request.method == "POST" else None
    form = AskForm(data, kind=kind.code, person=request.user, order=order, initial=initial)
    if request.method == "POST" and form.is_valid():
        code, entity, scope, language = form.asked()
        try:
            if "preview" in request.POST:
                preview = previewing.of(code, entity, scope, by=request.user, language=language)  # type: ignore[arg-type]
                shown = {"kind": kind, "form": form, "no_pdf": paper.why_not(), "preview": preview}
                return render(request, "reports/new.html", shown)
            report = reports.ask(code, entity, scope, by=request.user, language=language)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect("reports:report", report.pk)
    return render(request, "reports/new.html", {"kind": kind, "form": form, "no_pdf": paper.why_not()})


def _visible_order(request: HttpRequest) -> ErasureOrder | None:
    try:
        wanted = UUID(request.GET.get("order", ""))
    except ValueError:
        return None
    return ErasureOrder.objects.visible_to(request.user).filter(pk=wanted).first()


@requires("reports.view", own="reports.download_own", of=Report)
@require_GET
@never_cache
def report(request: HttpRequest, report: Report) -> HttpResponse:
    """How far it is, and when it is ready: the files, their digests, and who took them away."""
    _check_opens(request, report)
    context = {"report": report, "title": title_of(report)} | _state(request, report)
    if request.headers.get("HX-Target") == "report-state":
        return render(request, "reports/state.html", context)
    return render(request, "reports/report.html", context)


def _check_opens(request: HttpRequest, report: Report) -> None:
    """404, as for another's id, where the kind holds more than the role shows."""
    if not report.opens_for(request.user):  # type: ignore[arg-type]
        raise Http404


def _state(request: HttpRequest, report: Report) -> dict[str, Any]:
    may_take = may(request.user, "reports.download", report) or may(
        request.user, "reports.download_own", report
    )
    files = {file.kind: file for file in report.files.defer("content")} if report.state == "ready" else {}
    proof = log.inclusion(report.entry_id) if report.entry_id else None
    taken = Entry.objects.filter(about_id=report.pk, code="report.downloaded").order_by("-id")
    # The person concerned sees who took it away; of a document about nobody, who else keeps it is nobody's business.
    if report.about_id != request.user.pk and not may(request.user, "reports.view", report):
        taken = taken.filter(by_id=request.user.pk)
    taken = taken[:50] if files else taken.none()
    names = {
        person.pk: str(person) for person in Person.objects.filter(pk__in={entry.by_id for entry in taken})
    }
    return {
        "kind": KINDS.get(report.kind), "files": files, "no_pdf": paper.why_not(), "step": _(report.step) if report.step else "",
        "why_not": "" if may_take else _("You may read reports of this entity, but not take them away."),
        "facts_of_report": _facts(report, proof), "may_cancel": _may_cancel(request, report), "no_seal": report.fault if report.state == "signing" else "", "in_log": proof is not None,
        "may_certify": report.about_id == request.user.pk and report.kind in rules.CERTIFIED_BY_THEIR_PERSON,
        "taken": [
            {"at": entry.at, "title": names.get(entry.by_id, _("somebody who was forgotten")), "text": str(entry.facts.get("file", "")).upper()}
            for entry in taken
        ],
    }  # fmt: skip


def _may_cancel(request: HttpRequest, report: Report) -> bool:
    try:
        rules.check_cancel(reports.cancel_facts(report, request.user))  # type: ignore[arg-type]
    except Refused:
        return False
    return True


def _facts(report: Report, proof: dict[str, Any] | None) -> list[dict[str, Any]]:
    place = (
        _("position %(position)s, under checkpoint %(number)s")
        % {"position": proof["position"], "number": proof["checkpoint"]}
        if proof
        else _("recorded, being sealed")
    )
    return [
        {"label": _("Number"), "value": report.number},
        {"label": _("Controller"), "value": report.entity.name},
        {"label": _("Language"), "value": words.language_name(report.language)},
        {"label": _("Law as in force on"), "value": dates.day(report.law_on)},
        {"label": _("Asked"), "value": dates.minute(localtime(report.asked_at))},
        {"label": _("Pages"), "value": report.pages or {"text": _("no PDF")}},
        {"label": _("SHA-256 of the PDF"), "value": {"digest": report.pdf_sha256, "label": _("SHA-256 of the PDF")} if report.pdf_sha256 else ""},
        {"label": _("Seal"), "value": {"text": honest.of(report), "note": _("Certificate %(kid)s") % {"kid": report.seal["kid"]}} if report.seal else {"text": _("none: a file that is not a PDF carries no seal") if not report.pdf_sha256 else _("none: made before documents were sealed")}},
        {"label": _("SHA-256 of the facts"), "value": {"digest": report.facts_sha256, "label": _("SHA-256 of the facts")}},
        {"label": _("In the log"), "value": place},
        {"label": _("Kept until"), "value": _kept(report)},
    ] if report.state in ("ready", "expired") else []  # fmt: skip


def _kept(report: Report) -> dict[str, Any]:
    """The last day on which its files are kept, and why then."""
    if report.expired_at is not None:
        day = dates.day(localtime(report.expired_at))
        return {
            "text": _("deleted on %(day)s") % {"day": day},
            "note": _("Number, digests and the entry in the log stay."),
        }
    keeping_ = keeping.of(report)
    if keeping_.until is None:
        return {"text": _("no rule says how long, so it is kept")}
    until = dates.day(keeping_.until)
    if keeping.is_held(report):
        return {"text": until, "note": _("A legal hold keeps it beyond that, until it is released.")}
    return {"text": until, "note": f"{_(keeping_.why)} ({keeping_.source})"}


@requires("reports.view", own="reports.download_own", of=Report)
@require_POST
def cancel(request: HttpRequest, report: Report) -> HttpResponse:
    """Stop making this report."""
    _check_opens(request, report)
    try:
        reports.cancel(report, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("reports:report", report.pk)


@requires("reports.view", own="reports.download_own", of=Report)
@require_GET
@never_cache
def read(request: HttpRequest, report: Report) -> HttpResponse:
    """The same facts as a page, in the report's language."""
    _check_opens(request, report)
    if report.state != "ready" or report.facts is None:
        return redirect("reports:report", report.pk)
    reports.note_read(report, by=request.user)  # type: ignore[arg-type]
    kind = KINDS[report.kind]
    with translation.override(report.language):
        context = words.paper(
            report.facts, kind, report.facts_sha256, report.template_version, on_paper=False
        )
        body = render_to_string(f"reports/{report.kind}_body.html", context)
    shown = {"report": report, "title": title_of(report), "head": context["report"], "body": body}
    return render(request, "reports/read.html", shown)


@requires("reports.download", own="reports.download_own", of=Report)
@require_GET
@never_cache
def download(request: HttpRequest, report: Report, kind: str) -> HttpResponse:
    """The file. Who took which file when is written down first."""
    _check_opens(request, report)
    if kind in TABLES:
        content = reports.hand_over_tables(report, kind, by=request.user)  # type: ignore[arg-type]
    else:
        file = reports.hand_over(report, kind, by=request.user) if kind in MEDIA else None  # type: ignore[arg-type]
        content = bytes(file.content) if file else None
    if content is None:
        raise Http404
    # The name holds the number and the kind: no person's name lands in a downloads folder or a browser's history.
    answer = HttpResponse(content, content_type=MEDIA[kind])
    answer["Content-Disposition"] = f'attachment; filename="{report.number}-{report.kind}.{kind}"'
    answer["Cache-Control"] = "no-store, private"
    return answer


@requires("reports.download", own="reports.download_own", of=Report)
@require_GET
@never_cache
def proof(request: HttpRequest, report: Report) -> HttpResponse:
    """Its place in the log as a file, to be kept beside the document. It outlives the document itself."""
    _check_opens(request, report)
    body = proofs.text_of(report)
    if body is None:
        raise Http404
    answer = HttpResponse(body, content_type=MEDIA["json"])
    answer["Content-Disposition"] = f'attachment; filename="{report.number}-{report.kind}-proof.json"'
    return answer


@requires("consents.receipt", of=Receipt)
@require_POST
def receipt(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    """The person's own receipt as a document."""
    return _asked(request, lambda: reports.ask_for_receipt(receipt, by=request.user))


@requires("reports.download_own")
@require_POST
def notice(request: HttpRequest, pk: UUID, language: str) -> HttpResponse:
    """A published notice as a document, for those whom it tells and those who ask for reports of its entity."""
    row = Notice.objects.select_related("purpose__entity").filter(pk=pk).first()
    if row is None or not (
        offers.concerns(row, request.user) or (row.published_at and may(request.user, "reports.request", row))
    ):
        raise Http404
    text = next((text for text in offers.offered(row) if text.language == language), None)
    if text is None:
        raise Http404
    return _asked(request, lambda: reports.ask_for_notice(text, by=request.user))


@requires("reports.request", of=Purpose)
@require_POST
def fiche(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    """The record of one activity as a document."""
    language = translation.get_language() or "en"
    known = language if language in dict(words.languages()) else "en"
    return _asked(
        request,
        lambda: reports.ask(
            "fiche", purpose.entity, {"purpose": purpose.pk}, by=request.user, language=known
        ),
    )


@requires("reports.request_works_pack", of=Programme)
@require_POST
def works_pack(request: HttpRequest, programme: Programme) -> HttpResponse:
    """The works-council pack, for who speaks for the workers of this programme."""
    return _asked(request, lambda: reports.ask_for_works_pack(programme, by=request.user))


@requires("capture.view_programmes", of=Programme)
@require_POST
def door_sign(request: HttpRequest, programme: Programme) -> HttpResponse:
    """The sign at the doors of the zone that the form names, to print."""
    zone = request.POST.get("zone", "")
    return _asked(request, lambda: reports.ask_for_door_sign(programme, zone, by=request.user))


@requires("reports.download_own")
@require_POST
def statement(request: HttpRequest) -> HttpResponse:
    """The person's own statement."""
    return _asked(request, lambda: reports.ask_for_statement(by=request.user, chosen=spoken.wanted(request)))


@requires("reports.download_own")
@require_POST
def bundle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The person's own evidence bundle on one purpose. A purpose on which they never said anything is not found."""
    purpose = Purpose.objects.select_related("entity").filter(pk=pk).first()
    scope = {"person": str(request.user.pk), "purpose": str(pk)}
    if purpose is None or KINDS["evidence_bundle"].subject(scope, purpose.entity) is None:
        raise Http404
    chosen = spoken.wanted(request)
    return _asked(request, lambda: reports.ask_for_bundle(purpose, by=request.user, chosen=chosen))


@requires("retention.view_own_order", of=ErasureOrder)
@require_POST
def own_certificate(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    """The certificate of the person's own order."""
    return _asked(request, lambda: reports.ask_for_own_certificate(order, by=request.user))


def _asked(request: HttpRequest, ask: Any) -> HttpResponse:
    try:
        return redirect("reports:report", ask().pk)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("/")
