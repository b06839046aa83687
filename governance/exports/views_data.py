"""Datasets and models made of an export, and what has to come out of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.exports import asking, datasets, following, shown
from governance.exports.forms import Answer, NewDataset, Training
from governance.exports.models import Dataset, Exclusion, Export
from governance.lib import clock
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people.zones import in_their_zone


@requires("exports.ask", of=Export)
@require_POST
def register(request: HttpRequest, row: Export) -> HttpResponse:
    """A dataset was made of this package."""
    form = NewDataset(request.POST, export=row)
    if not form.is_valid():
        messages.warning(request, _("Write what the dataset is called, and choose who answers for it."))
        return redirect("exports:export", row.pk)
    said = form.cleaned_data
    try:
        made = datasets.register(row, said["name"], holder=said["holder"], by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("exports:export", row.pk)
    messages.success(request, _("Registered. Withdrawals that come later reach its holder."))
    return redirect("exports:dataset", made.pk)


@requires("exports.view", of=Dataset, own="exports.hold_dataset")
@never_cache
@in_their_zone
@require_safe
def dataset(request: HttpRequest, row: Dataset) -> HttpResponse:
    return _page(request, row)


def _page(request: HttpRequest, row: Dataset, training: Training | None = None) -> HttpResponse:
    today = clock.law_date(row.entity.timezone)
    is_holder = row.holder_id == request.user.pk
    knows = is_holder or request.user.holds("exports.ask", row.entity_id)
    # A date and a segment count of one person would show a choice: only who must act on it sees the lines.
    due = list(row.exclusions.select_related("dataset")) if is_holder else []
    return render(
        request, "exports/dataset.html",
        {
            "dataset": row, "is_holder": is_holder,
            "facts": [
                {"label": _("Made of"), "value": f"{row.export.number}, {row.export.programme.name}"},
                {"label": _("Who answers for it"), "value": str(row.holder)},
                {"label": _("Registered"), "value": shown.moment(row.registered_at)},
            ],
            "run_columns": [{"label": label} for label in (_("Model"), _("Version"), _("Trained"))],
            "runs": [[run.name, run.version, shown.moment(run.trained_at)] for run in row.runs.all()],
            "training": (training or Training()) if knows else None,
            "columns": [{"label": label} for label in (_("Raised"), _("Dataset"), _("Because"), _("Segments"), _("Due"), _("State"))],
            "rows": [shown.exclusion_row(exclusion, today) for exclusion in due],
        },
        status=400 if training is not None and training.errors else 200,
    )  # fmt: skip


@requires("exports.view", of=Dataset, own="exports.hold_dataset")
@in_their_zone
@require_POST
def train(request: HttpRequest, row: Dataset) -> HttpResponse:
    """A model was trained with it."""
    form = Training(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    said = form.cleaned_data
    try:
        datasets.train(row, said["name"], said["version"], trained_at=said["trained_at"], by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The training is registered."))
    return redirect("exports:dataset", row.pk)


@requires("exports.hold_dataset", of=Dataset)
@never_cache
@require_POST
def exclusions(request: HttpRequest, row: Dataset) -> HttpResponse:
    """The list as a training program reads it; to the holder alone."""
    asking.note_download(row.export, "exclusions", by=request.user)
    answer = JsonResponse(following.listing(row))
    answer["Content-Disposition"] = f'attachment; filename="{row.number}-exclusions.json"'
    return answer


@requires("exports.hold_dataset", of=Exclusion)
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def exclusion(request: HttpRequest, row: Exclusion) -> HttpResponse:
    """What has to come out, and the holder's answer. Nobody else opens it."""
    form = Answer(request.POST if request.method == "POST" and "acknowledge" not in request.POST else None)
    if request.method == "POST" and "acknowledge" in request.POST:
        datasets.acknowledge(row.pk, by=request.user)
        return redirect("exports:exclusion", row.pk)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            datasets.answer(
                row.pk,
                removed=said["removed"] == "yes",
                models_done=said["models_done"],
                why_not=said["why_not"],
                by=request.user,
            )
        except Refused as refused:
            form.add_error("why_not" if refused.code == "why_not_missing" else None, refused.sentence)
        else:
            messages.success(
                request, _("Answered. The person reads what could be taken out and what could not.")
            )
            return redirect("exports:exclusion", row.pk)
    facts: list[dict[str, Any]] = [
        {"label": _("Dataset"), "value": str(row.dataset)},
        {"label": _("In the package"), "value": row.about.subject},
        {"label": _("Because"), "value": str(row.get_because_display())},
        {"label": _("Segments"), "value": str(len(row.segments))},
        {"label": _("Out by"), "value": shown.day(row.due_on)},
        {"label": _("Acknowledged"), "value": shown.moment(row.acknowledged_at)},
    ]
    return render(
        request, "exports/exclusion.html",
        {
            "exclusion": row, "facts": facts, "form": None if row.answered_at else form,
            "statement": shown.statement(row) if row.answered_at else [], "zone": timezone.get_current_timezone_name(),
        },
        status=400 if form.errors else 200,
    )  # fmt: skip
