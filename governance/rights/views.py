"""A person asks and reads the answer; the DPO's office sees the clocks and answers."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.consents.models import Objection
from governance.consents.said import objection_state
from governance.lib import clock, packs
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.models import Person
from governance.people.zones import zone_of
from governance.retention.models import ErasureOrder
from governance.retention.orders import jurisdictions_of
from governance.rights import erasing, requests, rules
from governance.rights.forms import Answer, Extend, OrderMore, Raise, Receive
from governance.rights.models import Request


def state(request: Request, today: date) -> dict[str, str]:
    if request.answered_at:
        return {"state": "done", "word": _("answered")}
    if request.stands_still:
        return {"state": "paused", "word": _("waits for a proof of who asks")}
    if request.due_on < today:
        return {"state": "overdue"}
    days = (request.due_on - today).days
    return {"state": "waiting", "word": ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}}


@requires("rights.view_own")
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I asked for and objected to, by when it is due, and the answers."""
    today = clock.law_date(zone_of(request.user))
    rows = [
        (row, state(row, today), _order_rows(row, own=True), remedy(row))
        for row in Request.objects.filter(person=request.user).order_by("-received_at")
    ]
    objections = [
        (row, objection_state(row, today))
        for row in Objection.objects.filter(person=request.user).select_related("purpose").order_by("-at")
    ]
    return render(request, "rights/mine.html", {"requests": rows, "objections": objections})


def is_raised(request: HttpRequest, form: Raise, *, by: Person) -> bool:
    """The request of a form that is valid is made, and its number and day are told; else the form says why not."""
    try:
        made = requests.raise_request(form.cleaned_data["right"], form.cleaned_data["words"], by=by)
    except Refused as refused:
        form.add_error("words" if refused.code == "words_missing" else None, refused.sentence)
        return False
    messages.success(
        request,
        _("Your request %(number)s is received. You get an answer by %(day)s.")
        % {"number": made.number, "day": date_format(made.due_on, "j F Y")},
    )
    return True


def remedy(row: Request) -> str:
    """Where to go with a no: GDPR Art. 12(4), DPDP s.13."""
    if row.outcome not in ("refused", "partly"):
        return ""
    laws = jurisdictions_of(row.person)
    said = []
    if "EU" in laws:
        said.append(
            _(
                "You can complain to the data protection authority where you live or work, and go to court (GDPR Art. 12(4), 77, 79)."
            )
        )
    if "IN" in laws:
        said.append(
            _("You can complain to us first, and then to the Data Protection Board of India (%(law)s).")
            % {"law": packs.cite("dpdp.s13", clock.law_date(row.entity.timezone))}
        )
    return " ".join(said)


@requires("rights.raise")
@never_cache
@require_http_methods(["GET", "POST"])
def raise_one(request: HttpRequest) -> HttpResponse:
    form = Raise(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and is_raised(request, form, by=request.user):
        return redirect("rights:mine")
    return render(request, "rights/raise.html", {"form": form}, status=400 if form.errors else 200)


@requires("rights.view")
@never_cache
@require_safe
def requests_page(request: HttpRequest) -> HttpResponse:
    """Every request at the entities in one's care: open ones first, the most urgent on top."""
    today = clock.law_date(zone_of(request.user))
    there = Request.objects.filter(entity_id__in=request.user.entities_where("rights.view")).select_related(
        "person", "entity"
    )
    still_open = there.filter(answered_at__isnull=True).order_by("due_on")
    answered = Paginator(there.filter(answered_at__isnull=False).order_by("-answered_at"), 30).get_page(
        request.GET.get("page")
    )
    columns = (
        _("Request"),
        _("What is asked"),
        _("Person"),
        _("Entity"),
        _("Received"),
        _("Due"),
        _("State"),
    )
    return render(
        request, "rights/requests.html",
        {
            "columns": [{"label": label} for label in columns], "page": answered,
            "open": [_row(row, today) for row in still_open], "answered": [_row(row, today) for row in answered],
        },
    )  # fmt: skip


def _row(row: Request, today: date) -> list[Any]:
    return [
        {"text": row.number, "url": reverse("rights:answer", args=[row.pk])}, row.get_right_display(), row.person.number or _("forgotten"),
        row.entity.name, date_format(timezone.localtime(row.received_at), "j M Y"), {"text": date_format(row.due_on, "j M Y"), "note": row.law or _("answered voluntarily")}, state(row, today),
    ]  # fmt: skip


@requires("rights.answer", of=Request)
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, asked: Request) -> HttpResponse:
    form = Answer(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            requests.answer(
                asked.pk, form.cleaned_data["words"], by=request.user, outcome=form.cleaned_data["outcome"]
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The person was told that the answer is there."))
            return redirect("rights:requests")
    facts = requests.answer_facts(asked, "…", "granted", by=request.user)
    others = erasing.others(asked) if asked.right == "erasure" and not asked.answered_at else []
    today = clock.law_date(asked.entity.timezone)
    return render(
        request, "rights/answer.html",
        {"asked": asked, "form": form, "state": state(asked, today), "facts": _facts(asked), "why_not": reason(rules.check_answer, facts),
         "orders": _order_rows(asked), "order_columns": [{"label": _("Order")}, {"label": _("Purpose")}, {"label": _("State")}],
         "more": OrderMore(purposes=others) if others else None, "extend": Extend(),
         "why_not_extend": reason(rules.check_extend, requests.extend_facts(asked, requests.longer_clock(asked), by=request.user))},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _order_rows(asked: Request, *, own: bool = False) -> list[list[Any]]:
    """What is erased because of this request."""
    address = "retention:own_order" if own else "retention:order"
    return [
        [
            {"text": order.number, "url": reverse(address, args=[order.pk])},
            (order.purpose.called.text if own else order.purpose.name) if order.purpose else _("everything"),
            {"state": order.shown_state() if own else order.state, "word": dict(ErasureOrder.STATES)[order.shown_state() if own else order.state]},
        ]
        for order in asked.orders.select_related("purpose").order_by("number")
    ]  # fmt: skip


@requires("rights.answer", of=Request)
@require_POST
def extend(request: HttpRequest, asked: Request) -> HttpResponse:
    """Two more months, once, and the person is told why."""
    requests.extend(asked.pk, request.POST.get("because", ""), by=request.user)
    messages.success(request, _("The person was told until when the answer comes, and why."))
    return redirect("rights:answer", asked.pk)


@requires("rights.answer", of=Request)
@require_POST
def identity(request: HttpRequest, asked: Request) -> HttpResponse:
    """Ask who it is, or note that the person has shown it."""
    if asked.stands_still:
        requests.identity_shown(asked.pk, by=request.user)
        messages.success(request, _("The time to answer runs again; the days it stood still were added."))
    else:
        requests.ask_identity(asked.pk, by=request.user)
        messages.success(request, _("The person was asked. The time to answer stands still."))
    return redirect("rights:answer", asked.pk)


@requires("rights.answer", of=Request)
@require_POST
def order_more(request: HttpRequest, asked: Request) -> HttpResponse:
    """What rests on another ground is erased too, on the officer's decision."""
    form = OrderMore(request.POST, purposes=erasing.others(asked))
    if form.is_valid():
        erasing.order_more(asked.pk, form.cleaned_data["purposes"], by=request.user)
        messages.success(request, _("Ordered. Each order says what the law makes of it."))
    return redirect("rights:answer", asked.pk)


@requires("rights.answer")
@never_cache
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """A request that came by letter, e-mail or telephone is written down, from the day it came."""
    form = Receive(request.POST if request.method == "POST" else None, by=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = requests.receive(
                given["number"], given["right"], given["words"], channel=given["channel"],
                received_on=given["received_on"], by=request.user,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(
                request, _("%(number)s is written down, and the person was told.") % {"number": made.number}
            )
            return redirect("rights:answer", made.pk)
    return render(request, "rights/receive.html", {"form": form}, status=400 if form.errors else 200)


def _facts(asked: Request) -> list[dict[str, Any]]:
    more = []
    if asked.extended_to and asked.first_due_on:
        more.append({
            "label": _("Extended to"),
            "value": {"text": date_format(asked.extended_to, "j M Y"), "note": asked.get_extended_because_display()},
        })  # fmt: skip
    if asked.outcome:
        more.append({"label": _("What became of it"), "value": asked.get_outcome_display()})
    return [*_first_facts(asked), *more]


def _first_facts(asked: Request) -> list[dict[str, Any]]:
    return [
        {"label": _("Asked by"), "value": {"text": str(asked.person), "note": asked.person.number}},
        {"label": _("What is asked"), "value": asked.get_right_display()},
        {"label": _("In their words"), "value": asked.words},
        {
            "label": _("Received"),
            "value": {
                "text": date_format(timezone.localtime(asked.received_at), "j M Y, H:i"),
                "note": asked.get_channel_display(),
            },
        },
        {
            "label": _("Due"),
            "value": {
                "text": date_format(asked.first_due_on or asked.due_on, "j M Y"),
                "note": asked.law or _("answered voluntarily"),
            },
        },
    ]
