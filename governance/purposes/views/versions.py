"""One version of an entry: what it says, what it changes, who wrote and approved it; its steps; two versions compared."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone
from governance.purposes import comparing, editing, judging, rules, rules_change, versions
from governance.purposes.activity import plain
from governance.purposes.models import Purpose, PurposeVersion
from governance.purposes.views import shown, steps


class Approve(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("A note to the approval"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SendBack(forms.Form):
    because = forms.CharField(
        label=gettext_lazy("What should be changed"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write what should be changed.")},
    )  # fmt: skip


@requires("purposes.view", of=Purpose)
@in_their_zone
@never_cache
@require_safe
def version(request: HttpRequest, row: Purpose, number: int) -> HttpResponse:
    return _page(
        request,
        row,
        get_object_or_404(
            row.versions.select_related("author", "submitted_by", "approved_by"), number=number
        ),
    )


def _page(
    request: HttpRequest,
    row: Purpose,
    one: PurposeVersion,
    *,
    approve: Approve | None = None,
    send_back: SendBack | None = None,
) -> HttpResponse:
    before = _before(row, one)
    changes = rules_change.field_changes(plain(before.activity), plain(one.activity)) if before else []
    on = clock.law_date(row.entity.timezone)
    reviewing = one.state == "in_review" and may(request.user, "purposes.approve", row)
    return render(
        request, "purposes/version.html",
        {
            "purpose": row, "version": one, "sections": shown.sections(one.activity, on), "story": _story(one), "before": before,
            "differences": comparing.differences(changes), "steps": _steps(request, row, one),
            "reviewing": reviewing, "approve": approve or Approve(initial={"seen": one.sha256}), "send_back": send_back or SendBack(),
            "why_not_approve": why_not_approve(request, one, on) if reviewing else "",
            "follows": _follows(one) if one.state in ("in_review", "draft") else "",
        },
    )  # fmt: skip


def _before(row: Purpose, one: PurposeVersion) -> PurposeVersion | None:
    """Against what it is compared: what is in force while it is open, else the one that it replaced."""
    if one.state in editing.OPEN:
        return row.versions.filter(state="in_force").first()
    held = row.versions.filter(in_force_at__isnull=False, number__lt=one.number)
    return held.order_by("-number").first()


def _steps(request: HttpRequest, row: Purpose, one: PurposeVersion) -> steps.Next:
    found = steps.of_version(request, row, one, _sha256_in_force(row))
    first = (
        None if found.first and found.first.id == "approve" else found.first
    )  # it stands beneath, with its words
    return steps.Next(found.says, first, found.more, found.because)


def _sha256_in_force(row: Purpose) -> str:
    return row.versions.filter(state="in_force").values_list("sha256", flat=True).first() or ""


def why_not_approve(request: HttpRequest, one: PurposeVersion, on: date) -> str:
    """Four eyes first, then what the rules say of it."""
    wrote = {one.author_id, one.submitted_by_id, *one.editors}
    return reason(rules.check_approve, request.user.pk, wrote) or reason(
        judging.check_approve, one, on, begins=not versions.waits_for_notice(one)
    )


def _follows(one: PurposeVersion) -> str:
    if versions.waits_for_notice(one):
        return _(
            "Once approved, it waits until a new version of the notice is published. Then everybody who agreed is asked again."
        )
    return _("Once approved, it holds at once.")


def _story(one: PurposeVersion) -> list[dict[str, Any]]:
    """Who wrote, handed in, sent back and approved it, and from when to when it held."""
    story = [
        {"at": one.created_at, "title": _("Begun"), "by": one.author},
        {"at": one.submitted_at, "title": _("Handed in for review"), "by": one.submitted_by},
        {"at": one.approved_at, "title": _("Approved"), "by": one.approved_by, "text": one.approval_note},
        {"at": one.in_force_at, "title": _("In force")},
        {"at": one.ended_at, "title": _("Given up") if one.state == "discarded" else _("Replaced by a later version")},
    ]  # fmt: skip
    return [step for step in story if step["at"]]


def _act(request: HttpRequest, row: Purpose, verb: Any, done: str, *states: str) -> HttpResponse:
    """One step of the open version; a refusal is said on the purpose's page."""
    one = row.versions.filter(state__in=states).first()
    if one is None:
        messages.warning(
            request,
            _("There is no version that this could be done with now. Somebody may have been quicker."),
        )
        return redirect("purposes:purpose", row.pk)
    try:
        verb(one.pk)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, done % {"number": one.number})
    return redirect("purposes:purpose", row.pk)


@requires("purposes.edit", of=Purpose)
@require_POST
def submit(request: HttpRequest, row: Purpose) -> HttpResponse:
    return _act(
        request,
        row,
        lambda pk: versions.submit(pk, by=request.user),
        _("Version %(number)s waits for review."),
        "draft",
    )  # type: ignore[arg-type]


@requires("purposes.edit", of=Purpose)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, row: Purpose) -> HttpResponse:
    """Asked once more on GET: what was written in it is kept, but cannot be gone on with."""
    one = row.versions.filter(state__in=editing.OPEN).first()
    if request.method == "POST":
        return _act(
            request,
            row,
            lambda pk: versions.discard(pk, by=request.user),
            _("Version %(number)s is given up."),
            *editing.OPEN,
        )  # type: ignore[arg-type]
    if one is None:
        return redirect("purposes:purpose", row.pk)
    return render(
        request, "purposes/discard.html",
        {"purpose": row, "version": one, "differences": comparing.differences(versions.changes(one)), "why_not": reason(rules.check_discard, row.version)},
    )  # fmt: skip


@requires("purposes.approve", of=Purpose)
@require_POST
def approve(request: HttpRequest, row: Purpose) -> HttpResponse:
    """A second person, having read these very words."""
    one = row.versions.filter(state="in_review").first()
    form = Approve(request.POST)
    if one is not None and not form.is_valid():
        return _page(request, row, one, approve=form)
    said = form.cleaned_data if one else {}
    on = clock.law_date(row.entity.timezone)
    answer = _act(
        request, row, lambda pk: versions.approve(pk, by=request.user, note=said["note"], seen=said["seen"], on=on),  # type: ignore[arg-type]
        _("Version %(number)s is approved."), "in_review",
    )  # fmt: skip
    return answer


@requires("purposes.approve", of=Purpose)
@require_POST
def send_back(request: HttpRequest, row: Purpose) -> HttpResponse:
    one = row.versions.filter(state="in_review").first()
    form = SendBack(request.POST)
    if one is not None and not form.is_valid():
        return _page(request, row, one, send_back=form)
    because = form.cleaned_data["because"] if one else ""
    return _act(
        request, row, lambda pk: versions.send_back(pk, because=because, by=request.user), _("Version %(number)s was sent back."), "in_review"  # type: ignore[arg-type]
    )  # fmt: skip


class Two(forms.Form):
    """Which two versions are compared; in the URL, so that the comparison can be sent to a colleague."""

    a = forms.TypedChoiceField(label=gettext_lazy("Version"), coerce=int)
    b = forms.TypedChoiceField(label=gettext_lazy("with version"), coerce=int)

    def __init__(self, *args: Any, numbers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            self.fields[name].choices = numbers  # type: ignore[attr-defined]


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def compare(request: HttpRequest, row: Purpose) -> HttpResponse:
    """Field by field, from ?a= to ?b=: material changes first, each with the rule that makes it so."""
    words = dict(PurposeVersion.STATES)
    there = {
        one.number: one for one in row.versions.order_by("number").select_related("author", "approved_by")
    }
    numbers = [(n, f"{n} · {words[one.state]}") for n, one in there.items()]
    if len(there) < 1:
        raise Http404
    last = numbers[-1][0]
    usual = {"a": row.version or numbers[0][0], "b": last}
    form = Two({**usual, **request.GET.dict()}, numbers=numbers)
    if not form.is_valid():
        messages.warning(request, _("There is no such version. Choose two of the list."))
        return redirect(f"{reverse('purposes:compare', args=[row.pk])}?a={usual['a']}&b={usual['b']}")
    one, other = there[form.cleaned_data["a"]], there[form.cleaned_data["b"]]
    changes = rules_change.field_changes(plain(one.activity), plain(other.activity))
    return render(
        request, "purposes/compare.html",
        {"purpose": row, "form": form, "one": one, "other": other, "differences": comparing.differences(changes)},
    )  # fmt: skip
