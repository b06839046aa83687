"""Erasure orders as the DPO, legal and the auditor see them, as the person sees their own; conflicts; holds."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import clock, packs, spoken
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.models import Person
from governance.retention import holds as hold_verbs
from governance.retention import orders as order_verbs
from governance.retention import reads, rules, shown, views_steering, wording
from governance.retention.forms import AdviceForm, DecisionForm, HoldForm, MatterForm
from governance.retention.models import ErasureOrder, Hold, Matter

PAGE = 50


def _who(request: HttpRequest) -> Person:
    """`requires` has seen to it that somebody is signed in."""
    assert isinstance(request.user, Person)
    return request.user


@requires("retention.view_orders")
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Orders of the entities that this person looks after, newest first; a state may be chosen in the address."""
    chosen = request.GET.get("state", "")
    found = ErasureOrder.objects.visible_to(_who(request)).select_related("person", "entity", "purpose")
    if chosen in dict(ErasureOrder.STATES):
        found = found.filter(state=chosen)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    reads.note(page, how="orders", by=_who(request))
    rows = [
        [
            {"text": order.number, "url": reverse("retention:order", args=[order.pk])},
            order.person.number or {"text": _("forgotten")},
            order.entity.name,
            {
                "text": order.purpose.name if order.purpose else _("everything"),
                "note": wording.because_to(order, _who(request)),
            },
            {"text": date_format(order.law_on, "j M Y")},
            {"state": order.state, "word": order.get_state_display()},
            timesince(order.created_at, order.done_at or clock.now()),
        ]
        for order in page
    ]
    columns = [_("Order"), _("Person"), _("Entity"), _("What and why"), _("Law of"), _("State"), _("Age")]
    return render(
        request, "retention/orders.html",
        {
            "page": page, "rows": rows, "chosen": chosen,
            "columns": [{"label": label, "whole": i < 2 or i == 4} for i, label in enumerate(columns)],
            "states": ErasureOrder.STATES, "query": f"state={chosen}&" if chosen else "",
        },
    )  # fmt: skip


@requires("retention.view_orders", of=ErasureOrder)
@require_safe
def order(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    """One order with its journal; the living part alone when htmx asks for it."""
    if not request.headers.get("HX-Request"):
        reads.note([order], how="order", by=_who(request))
    rows = shown.of(order)
    context: dict[str, Any] = {
        "order": order,
        "because": wording.because_to(order, _who(request)),
        "reasons": wording.reasons(order),
        "spoken": _spoken(order),
        "progress": shown.progress(order, rows),
        "systems": shown.system_rows(rows),
        "system_columns": [
            {"label": _("System")}, {"label": _("State")}, {"label": _("Found before"), "num": True},
            {"label": _("Erased"), "num": True}, {"label": _("Found after"), "num": True}, {"label": _("Read back")},
        ],
        "steps": shown.step_rows(rows),
        "step_columns": [
            {"label": _("System")}, {"label": _("Part")}, {"label": _("State")}, {"label": _("Found before"), "num": True},
            {"label": _("Erased"), "num": True}, {"label": _("How")},
        ],
        "kept": shown.kept_rows(rows),
        "kept_columns": _kept_columns(),
        "left": shown.left_rows(rows),
        "left_columns": [{"label": _("System")}, {"label": _("Part")}, {"label": _("Which")}],
        "proofs": shown.looked(rows),
        "proof_rows": shown.proof_rows(rows),
        "proof_columns": [
            {"label": _("System")}, {"label": _("Read back")}, {"label": _("How")}, {"label": _("Digest of the proof")},
        ],
        "carry_on": may(request.user, "retention.carry_on", order) and order.state == "needs_attention",
        "decide": order.state == "retention_conflict" and may(request.user, "retention.advise", order),
        "asked_in": [(row, may(request.user, "rights.answer", row)) for row in order.requests.all()],
        "looked": shown.look_rows(order),
        "certificate": f"?kind=certificate&order={order.pk}" if may(request.user, "reports.request", order) else "",
        "misses_the_vault": not order.done_at and shown.misses_the_vault(order),
        "look_columns": [{"label": _("System")}, {"label": _("Part")}, {"label": _("Would go"), "num": True}, {"label": _("Which")}],
        **views_steering.buttons(request, order),
    }  # fmt: skip
    return render(
        request,
        "retention/parts/order_live.html" if request.headers.get("HX-Request") else "retention/order.html",
        context,
    )


def _kept_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("System")}, {"label": _("What")}, {"label": _("Where")}, {"label": _("Why")},
        {"label": _("How much"), "num": True}, {"label": _("Until")},
    ]  # fmt: skip


def _spoken(order: ErasureOrder) -> list[dict[str, str]]:
    """Advice and decision, for components/timeline.html."""
    items = []
    for said in wording.spoken(order):
        if "advice" in said:
            items.append({"title": _("Advice of the data protection officer"), "text": said["advice"]})
        if "keep" in said:
            items.append(
                {
                    "title": _("Decided: keep locked away") if said["keep"] else _("Decided: erase"),
                    "text": said["reason"],
                }
            )
    return items


@requires("retention.carry_on", of=ErasureOrder)
@require_POST
def carry_on(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    """Try an order again that needed somebody's attention."""
    order_verbs.carry_on(order.pk, by=_who(request))
    messages.success(request, _("The order is tried again now."))
    return redirect("retention:order", order.pk)


@requires("retention.view_own_order", of=ErasureOrder)
@require_safe
def own_order(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    """What becomes of my data, in plain words."""
    rows = shown.of(order)
    on = clock.law_date(order.entity.timezone)
    until = date_format(order.kept_until, "DATE_FORMAT") if order.kept_until else _("a decision is made")
    entity = order.entity
    return render(
        request, "retention/parts/own_live.html" if request.headers.get("HX-Request") else "retention/own_order.html",
        {
            "what": order.purpose.told_name(spoken.wanted(request)) if order.purpose else None,
            "asked_in": list(order.requests.all()), "order": order, "says": wording.to_the_person(order, until), "because": wording.because(order),
            "statement": "hold" if order.shown_state() in ("held", "restricted_hold", "retention_conflict") else "off" if order.state == "done" else "on",
            "reasons": wording.reasons_shown(order), "progress": shown.progress(order, rows),
            "systems": _plain_rows(rows), "system_columns": _plain_columns(),
            "kept": shown.kept_rows(rows), "kept_columns": _kept_columns(),
            "contact": {"name": entity.dpo_name or entity.contact_name, "email": entity.dpo_email or entity.contact_email},
            "laws": [packs.cite("dpdp.s13", on)] if "IN" in order.jurisdictions else [],
            "in_eu": "EU" in order.jurisdictions, "in_india": "IN" in order.jurisdictions,
        },
    )  # fmt: skip


def _plain_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("Where")}, {"label": _("What lies there")}, {"label": _("Found"), "num": True},
        {"label": _("Erased"), "num": True}, {"label": _("Looked again")},
    ]  # fmt: skip


def _plain_rows(rows: list[shown.Shown]) -> list[list[Any]]:
    return [
        [
            {"text": row.system.name, "note": row.why}, row.system.holds,
            "" if row.found_before is None else {"text": str(row.found_before)},
            "" if row.erased is None else {"text": str(row.erased)},
            row.proof.read_back_at if row.proof else {"text": _("not yet")},
        ]
        for row in rows
    ]  # fmt: skip


@requires("retention.advise", of=ErasureOrder)
@require_http_methods(["GET", "POST"])
def advise(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    """The DPO writes advice on a conflict between laws."""
    form = AdviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        order_verbs.advise(order.pk, advice=form.cleaned_data["advice"], by=_who(request))
        messages.success(request, _("Your advice stands with the order. The owner decides now."))
        return redirect("retention:order", order.pk)
    context = {
        "order": order,
        "form": form,
        "reasons": wording.reasons(order),
        "spoken": _spoken(order),
        "advising": True,
    }
    return render(request, "retention/decide.html", context)


@requires("retention.decide", of=ErasureOrder)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    """The accountable owner decides a conflict between laws, after the DPO's advice."""
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keep = form.cleaned_data["keep"] == "keep"
            order_verbs.decide_conflict(
                order.pk, keep=keep, reason=form.cleaned_data["reason"], by=_who(request)
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Your decision stands with the order, and the person was told."))
            return redirect("retention:decide", order.pk)
    facts = order_verbs.conflict_facts(order, keep=False, by=_who(request))
    context = {
        "order": order, "form": form, "reasons": wording.reasons(order), "spoken": _spoken(order),
        "why_not": reason(rules.check_decision, facts, "-"), "open": order.state == "retention_conflict",
    }  # fmt: skip
    return render(request, "retention/decide.html", context)


@requires("retention.hold")
@require_http_methods(["GET", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    """Legal opens matters and places holds; the list says what each protects."""
    lawyer = _who(request)
    placing = request.method == "POST" and "place" in request.POST
    opening = request.method == "POST" and "open" in request.POST
    matter_form = MatterForm(request.POST if opening else None, by=lawyer, prefix="matter")
    hold_form = HoldForm(request.POST if placing else None, by=lawyer, prefix="hold")
    if opening and matter_form.is_valid():
        matter = hold_verbs.open_matter(
            matter_form.cleaned_data["entity"], matter_form.cleaned_data["title"], by=lawyer
        )
        messages.success(request, _("Matter %(number)s is open.") % {"number": matter.number})
        return redirect("retention:holds")
    if placing and hold_form.is_valid():
        given = hold_form.cleaned_data
        try:
            hold_verbs.place(
                because=given["matter"], by=lawyer, on=given["person"], purpose=given["purpose"],
                system=given["system"], silent=given["silent"],
            )  # fmt: skip
        except Refused as refused:
            hold_form.add_error(None, refused.sentence)
        else:
            messages.success(
                request,
                _("The hold is in force. A second lawyer has to agree within three days, or it lapses."),
            )
            return redirect("retention:holds")
    entities = lawyer.entities_where("retention.hold")
    found = Hold.objects.filter(matter__entity_id__in=entities).select_related(
        "matter", "person", "purpose", "system", "released_by", "placed_by"
    )
    matters = Matter.objects.filter(entity_id__in=entities).order_by("closed_at", "number")
    context = {
        "matter_form": matter_form, "hold_form": hold_form, "matters": matters,
        "in_force": [_hold_shown(hold, lawyer) for hold in found.in_force().order_by("-placed_at")],
        "released": found.filter(released_at__isnull=False).order_by("-released_at")[:PAGE],
    }  # fmt: skip
    return render(request, "retention/holds.html", context)


def _hold_shown(hold: Hold, lawyer: Person) -> dict[str, Any]:
    """The hold with the button that this lawyer gets, greyed with the rule's own sentence where it would refuse."""
    matter_open = hold.matter.closed_at is None
    if hold.released_by_id is None:
        why_not = reason(rules.check_proposal, True, matter_open, False)
    else:
        facts = rules.ReleaseFacts(matter_open, hold.released_by_id, lawyer.pk, True)
        why_not = reason(rules.check_release, facts)
    waiting = ErasureOrder.objects.filter(state="held")
    if hold.person_id:
        waiting = waiting.filter(person_id=hold.person_id)
    if hold.purpose_id:
        waiting = waiting.filter(purpose_id=hold.purpose_id)
    return {
        "hold": hold,
        "agree": hold.agreed_by_id is None,
        "why_not_agree": reason(rules.check_agree_place, hold_verbs.place_facts(hold, by=lawyer)),
        "why_not": why_not,
        "proposed": hold.released_by_id is not None,
        "orders": waiting.count(),
    }


@requires("retention.hold", of=Matter)
@require_POST
def close_matter(request: HttpRequest, matter: Matter) -> HttpResponse:
    """The matter is over; its holds may now be released by two lawyers."""
    hold_verbs.close_matter(matter, by=_who(request))
    messages.success(
        request,
        _("Matter %(number)s is closed. Its holds stay until two lawyers release them.")
        % {"number": matter.number},
    )
    return redirect("retention:holds")


@requires("retention.hold", of=Hold)
@require_POST
def agree_hold(request: HttpRequest, hold: Hold) -> HttpResponse:
    """The second lawyer agrees that it is held."""
    hold_verbs.agree_place(hold, by=_who(request))
    messages.success(request, _("The hold stays until two lawyers release it."))
    return redirect("retention:holds")


@requires("retention.hold", of=Hold)
@require_POST
def release(request: HttpRequest, hold: Hold) -> HttpResponse:
    """The first lawyer proposes, the second agrees."""
    if hold.released_by_id is None:
        hold_verbs.propose_release(hold, by=_who(request))
        messages.success(request, _("Proposed. The hold ends when a second lawyer agrees."))
    else:
        hold_verbs.agree_release(hold, by=_who(request))
        messages.success(request, _("The hold has ended. Orders that only it held wait again."))
    return redirect("retention:holds")
