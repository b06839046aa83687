"""“I felt pressed”: a page where nothing has to be filled in, and the page of those who hear it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.consents import forms, objections, offers
from governance.consents import pressure as verbs
from governance.consents.models import PressureReport
from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people.zones import in_their_zone
from governance.retention import reads

SENT = "pressure.sent"  # session: [day, how many], because without a name nothing else can tell one from many
A_DAY = 3


@requires("consents.report_pressure")
@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Neither words nor a name are asked for."""
    person: Any = request.user
    purposes = {str(p.pk): p for p in [*offers.concerning(person), *objections.concerning(person)]}
    choices = [(pk, f"{one.number} {one.called.text}") for pk, one in purposes.items()]
    form = forms.Pressed(
        request.POST if request.method == "POST" else None,
        choices,
        initial={"purpose": request.GET.get("purpose", "")},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if not _still_today(request):
                raise Refused(
                    _(
                        "You said this several times today. It was heard; say more tomorrow, or write to the data protection officer."
                    ),
                    code="often",
                )
            verbs.report(purposes.get(said["purpose"]), said["words"], named=said["named"], by=person)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(
                request, _("It was heard: the data protection officer and the worker representative were told. You can withdraw every yes below.")
            )  # fmt: skip
            return redirect("consents:choices")
    return render(
        request, "consents/report_pressure.html", {"form": form}, status=400 if form.errors else 200
    )


def _still_today(request: HttpRequest) -> bool:
    day, sent = request.session.get(SENT, ["", 0])
    today = clock.now().date().isoformat()
    sent = sent + 1 if day == today else 1
    request.session[SENT] = [today, sent]
    return bool(sent <= A_DAY)


@requires("consents.view_pressure")
@never_cache
@in_their_zone
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What was reported at the entities in one's care. The day, not the hour: an hour could show who it was."""
    entities = request.user.entities_where("consents.view_pressure")  # type: ignore[union-attr]
    rows = PressureReport.objects.filter(entity_id__in=entities).select_related("entity", "purpose", "person")
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    _note(list(page), "pressures", request)
    labels = (_("Received"), _("Entity"), _("Purpose"), _("By"), _("State"))
    return render(
        request, "consents/pressures.html",
        {"columns": [{"label": label} for label in labels], "rows": [_cells(row) for row in page], "page": page,
         "may_invalidate": may(request.user, "consents.invalidate")},
    )  # fmt: skip


def _cells(row: PressureReport) -> list[Any]:
    return [
        {"text": _day(row), "url": reverse("consents:pressed", args=[row.pk])}, row.entity.name,
        str(row.purpose) if row.purpose else _("In general"), number_of(row),
        {"state": "done", "word": _("answered")} if row.answered_at else {"state": "open"},
    ]  # fmt: skip


def _day(row: PressureReport) -> str:
    local: date = timezone.localtime(row.at).date()
    return date_format(local, "j M Y")


def _note(rows: list[PressureReport], how: str, request: HttpRequest) -> None:
    """Who gave their name sees on their own page who looked."""
    for row in rows:
        if row.person_id:
            reads.note_choices([(row.person_id, row)], entity=row.entity_id, how=how, by=request.user)  # type: ignore[arg-type]


def number_of(row: PressureReport) -> str:
    """In a list: a number, also of those who gave their name."""
    return (row.person.number or _("forgotten")) if row.person else _("Did not want to be named")


def who(row: PressureReport) -> str:
    """On its own page: the name, where the person chose to give it to those who read this."""
    return str(row.person) if row.person else _("Did not want to be named")


@requires("consents.view_pressure", of=PressureReport, own="consents.report_pressure")
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def pressed(request: HttpRequest, row: PressureReport) -> HttpResponse:
    may_answer = may(request.user, "consents.answer_pressure", row)
    form = forms.Done(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.answer(row.pk, form.cleaned_data["words"], by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("What was done stands with the report."))
            return redirect("consents:pressures")
    _note([row], "pressure", request)
    facts = [
        {"label": _("Received"), "value": _day(row)},
        {"label": _("Entity"), "value": row.entity.name},
        {"label": _("Purpose"), "value": str(row.purpose) if row.purpose else _("In general")},
        {"label": _("By"), "value": who(row)},
        {"label": _("What happened"), "value": row.words or _("Nothing was written; nothing has to be.")},
    ]
    return render(
        request, "consents/pressed.html",
        {"row": row, "facts": facts, "form": form, "may_answer": may_answer and row.answered_at is None, "others": may(request.user, "consents.view_pressure", row)},
        status=400 if form.errors else 200,
    )  # fmt: skip
