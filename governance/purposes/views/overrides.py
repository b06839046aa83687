"""Relaxing a locked default, step by step: the question, the DPO's advice, the owner's decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people.zones import in_their_zone
from governance.purposes import assessments, judging, relaxing
from governance.purposes.forms_papers import AdviceForm, DecisionForm
from governance.purposes.models import Override, Purpose
from governance.purposes.policy import packs
from governance.purposes.views.verdict import override_state


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def listing(request: HttpRequest, row: Purpose) -> HttpResponse:
    """All that were ever asked for, and the rules that could be: locked defaults that stand in the way now."""
    on = clock.law_date(row.entity.timezone)
    rows = row.overrides.select_related("advised_by", "decided_by", "ended_by").order_by(
        "ended_at", "rule_id"
    )
    return render(
        request, "purposes/overrides.html",
        {
            "purpose": row, "rows": [_shown(override, on) for override in rows],
            "could": _could(row, on), "may_ask": may(request.user, "purposes.override", row),
        },
    )  # fmt: skip


def _could(purpose: Purpose, on: Any) -> list[dict[str, Any]]:
    judged = judging.judge(purpose, on)
    found = {}
    for fired in judged.evaluation.fired:
        rule = packs.default().by_id.get(fired.rule_id)
        if rule is not None and rule.force == "locked" and not fired.express and fired.relaxed_by is None:
            item = judged.activity.item(fired.signal)
            found[fired.rule_id, fired.signal] = {
                "rule": fired.rule_id, "signal": fired.signal, "item": item.name if item else "", "sentence": fired.sentence, "cite": fired.cite,
            }  # fmt: skip
    asked = set(purpose.overrides.filter(ended_at__isnull=True).values_list("rule_id", "signal"))
    return [row for key, row in found.items() if key not in asked]


def _shown(override: Override, on: Any) -> dict[str, Any]:
    rule = packs.default().by_id.get(override.rule_id)
    item = assessments.items(override.purpose).get(override.signal)
    return {
        "override": override, "state": override_state(override, on), "sentence": rule.sentence_in(get_language() or "en") if rule else "",
        "cite": rule.cite if rule else "", "item": item.name if item else override.signal,
    }  # fmt: skip


@requires("purposes.override", of=Purpose)
@require_POST
def ask(request: HttpRequest, row: Purpose) -> HttpResponse:
    """The owner asks the DPO for advice; what nobody can relax is refused in words."""
    on = clock.law_date(row.entity.timezone)
    try:
        made = relaxing.ask(
            row,
            request.POST.get("rule", "")[:20],
            signal=request.POST.get("signal", "")[:40],
            on=on,
            by=request.user,
        )
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("purposes:overrides", row.pk)
    messages.success(request, _("The data protection officer is asked for written advice."))
    return redirect("purposes:override", made.pk)


@requires("purposes.view", of=Override)
@in_their_zone
@never_cache
@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, row: Override) -> HttpResponse:
    """One override. Whoever's turn it is finds the form; everybody who sees the purpose reads both texts."""
    purpose = row.purpose
    on = clock.law_date(purpose.entity.timezone)
    is_open = row.ended_at is None and row.decided_on is None
    advises = is_open and may(request.user, "purposes.advise", purpose)
    decides = is_open and may(request.user, "purposes.override", purpose)
    form: Any = None
    if advises:
        form = AdviceForm(request.POST or None, initial={"advice": row.advice})
    elif decides and row.advised_on:
        form = DecisionForm(request.POST or None, on=on)
    if request.method == "POST":
        if form is None:
            messages.warning(request, _("There is nothing for you to write here now."))
            return redirect("purposes:override", row.pk)
        if form.is_valid():
            try:
                _write(row, form, advises, on, request.user)
            except Refused as refused:
                form.add_error("until" if refused.code.startswith("until") else None, refused.sentence)
            else:
                messages.success(
                    request,
                    _("Your advice is kept.")
                    if advises
                    else _("Your decision is kept, and the purpose was judged anew."),
                )
                return redirect("purposes:override", row.pk)
    may_end = row.ended_at is None and (
        may(request.user, "purposes.override", purpose) or may(request.user, "purposes.advise", purpose)
    )
    return render(
        request, "purposes/override.html",
        {
            "purpose": purpose, "row": _shown(row, on), "override": row, "said": _said(row), "form": form, "advises": advises,
            "waits": decides and not row.advised_on and not advises, "may_end": may_end,
        },
        status=400 if form is not None and form.errors else 200,
    )  # fmt: skip


def _write(row: Override, form: Any, advises: bool, on: Any, by: Any) -> None:
    said = form.cleaned_data
    if advises:
        relaxing.advise(row.pk, said["advice"], on=on, by=by)
    else:
        relaxing.decide(
            row.pk, relax=said["relax"] == "yes", reason=said["reason"], until=said["until"], on=on, by=by
        )


def _said(row: Override) -> list[dict[str, Any]]:
    """For components/timeline.html: who said what on which day."""
    items = [{"at": row.asked_at, "title": _("Asked for"), "by": str(row.asked_by or "")}]
    if row.advised_on:
        items.append(
            {
                "when": date_format(row.advised_on, "j M Y"),
                "title": _("Advice of the data protection officer"),
                "text": row.advice,
                "by": str(row.advised_by),
            }
        )
    if row.decided_on:
        title = _("Decided: the rule is relaxed") if row.relaxed else _("Decided: the rule stays")
        items.append(
            {
                "when": date_format(row.decided_on, "j M Y"),
                "title": title,
                "text": row.reason,
                "by": str(row.decided_by),
            }
        )
    if row.ended_at:
        items.append(
            {"at": row.ended_at, "title": _("Ended: the rule holds again"), "by": str(row.ended_by or "")}
        )
    return items


@requires("purposes.override", of=Override, own="purposes.advise")
@require_POST
def end(request: HttpRequest, row: Override) -> HttpResponse:
    relaxing.end(row.pk, on=clock.law_date(row.purpose.entity.timezone), by=request.user)
    messages.success(request, _("The rule holds again in full."))
    return redirect("purposes:overrides", row.purpose_id)
