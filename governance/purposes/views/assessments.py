"""The value assessment of each data item: what counts now, what was said before, and the form."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.refusals import Refused
from governance.people.zones import in_their_zone
from governance.purposes import assessments, lists
from governance.purposes.forms_papers import AssessmentForm
from governance.purposes.models import Assessment, Purpose


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def listing(request: HttpRequest, row: Purpose) -> HttpResponse:
    """Every item of the register, and every assessment that was ever made, also of items that are gone."""
    on = clock.law_date(row.entity.timezone)
    said: dict[str, list[Assessment]] = {}
    for assessment in row.assessments.select_related("decided_by"):
        said.setdefault(assessment.item, []).append(assessment)
    items = assessments.items(row)
    rows = [
        _row(code, item.name, lists.category(item.category), item.captured, said.get(code, []), on)
        for code, item in items.items()
    ]
    rows += [_row(code, code, "", False, made, on) for code, made in said.items() if code not in items]
    return render(
        request, "purposes/assessments.html",
        {"purpose": row, "rows": rows, "known": set(items), "may_assess": may(request.user, "purposes.edit", row)},
    )  # fmt: skip


def _row(code: str, name: str, kind: str, captured: bool, made: list[Assessment], on: Any) -> dict[str, Any]:
    now = next((a for a in made if a.ended_at is None), None)
    if now is None:
        state = {"state": "never", "word": _("Not assessed"), "colour": "warn" if captured else ""}
    elif now.until <= on:
        state = {"state": "expired"}
    elif not now.justified:
        state = {"state": "refused", "word": _("Not needed"), "colour": "bad"}
    else:
        state = {"state": "on", "word": _("Counts")}
    earlier = [a for a in made if a is not now]
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "captured": captured,
        "now": now,
        "state": state,
        "earlier": earlier,
    }


@requires("purposes.edit", of=Purpose)
@never_cache
@require_http_methods(["GET", "POST"])
def assess(request: HttpRequest, row: Purpose, item: str) -> HttpResponse:
    """Write the assessment that counts from today. The form begins with the words of the one before."""
    known = assessments.items(row).get(item)
    if known is None:
        raise Http404
    on = clock.law_date(row.entity.timezone)
    before = row.assessments.filter(item=item, ended_at__isnull=True).first()
    first = (
        {"why_needed": before.why_needed, "what_less": before.what_less}
        if before
        else {"why_needed": known.why}
    )
    form = AssessmentForm(request.POST or None, on=on, initial=first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            value = assessments.Value(
                item, said["why_needed"], said["what_less"], said["justified"] == "yes", said["until"]
            )
            assessments.assess(row, value, on=on, by=request.user)
        except Refused as refused:
            form.add_error(
                {"no_why": "why_needed", "no_less": "what_less"}.get(refused.code, "until"), refused.sentence
            )
        else:
            messages.success(request, _("The assessment counts from today, and the purpose was judged anew."))
            return redirect("purposes:assessments", row.pk)
    return render(
        request, "purposes/assess.html",
        {"purpose": row, "item": known, "kind": lists.category(known.category), "before": before, "form": form},
        status=400 if form.errors else 200,
    )  # fmt: skip


@requires("purposes.edit", of=Assessment)
@require_POST
def end(request: HttpRequest, row: Assessment) -> HttpResponse:
    assessments.end(row.pk, on=clock.law_date(row.purpose.entity.timezone), by=request.user)
    messages.success(
        request,
        _("The assessment has ended. Nothing more of this item is recorded until there is a new one."),
    )
    return redirect("purposes:assessments", row.purpose_id)
