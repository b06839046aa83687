"""Tasks by hand: what their owner has to do, and the second look at the proof."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib.access import requires
from governance.lib.refusals import Refused, reason
from governance.people.models import Person
from governance.purposes import rules_papers
from governance.retention import byhand, rules_byhand
from governance.retention.forms_byhand import ProofForm, SendBackForm
from governance.retention.models import DataMap, ManualEvidence, ManualTask


def _who(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _word(task: ManualTask) -> dict[str, str]:
    words = {"waiting": _("To do"), "waiting_for_check": _("Waits for a second look"), "done": _("Done")}
    return {"state": "done" if task.accepted_at else "waiting", "word": words[task.state]}


@requires("retention.do_task")
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """One's own tasks; for the DPO also those of the entity, because somebody has to look at the proofs."""
    me = _who(request)
    seen = Q(owner=me) | Q(system__entity_id__in=me.entities_where("retention.check_task"))
    found = ManualTask.objects.filter(seen).select_related("system", "person", "owner")
    rows = [
        [
            {
                "text": task.system.name,
                "url": reverse("retention:task" if task.owner_id == me.pk else "retention:check_task", args=[task.pk]),
            },
            task.person.number or {"text": _("forgotten")}, task.owner.name or "", task.due_on, _word(task),
        ]
        for task in found.order_by("accepted_at", "due_on")[:200]
    ]  # fmt: skip
    labels = [_("System"), _("Person"), _("Who does it"), _("Due"), _("State")]
    context = {"rows": rows, "columns": [{"label": label} for label in labels]}
    return render(request, "retention/tasks.html", context)


@requires("retention.do_task", of=ManualTask)
@never_cache
@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, task: ManualTask) -> HttpResponse:
    """Its owner reads what to do, and files the proof."""
    form, status = ProofForm(), 200
    if request.method == "POST":
        form, status = ProofForm(request.POST, request.FILES), 400
        if not request.FILES and int(request.headers.get("Content-Length") or 0) > rules_papers.MOST_BYTES:
            # Django drops a file beyond the limit before it is read: nothing of it touched a disk.
            form.errors["file"] = form.error_class([_("The file is larger than 10 MB. File a smaller copy.")])
        elif form.is_valid():
            given = form.cleaned_data
            try:
                byhand.file(task.pk, given["file"].read(), found=given["found"], by=_who(request))
            except Refused as refused:
                form.add_error(
                    None if refused.code in ("task_done", "already_filed") else "file", refused.sentence
                )
            else:
                messages.success(request, _("Your proof is filed. A second person looks at it."))
                return redirect("retention:task", task.pk)
    why_not = reason(rules_byhand.check_filing, byhand.facts(task, by=_who(request)))
    return _page(request, task, status, form=form, why_not=why_not, doing=True)


@requires("retention.check_task", of=ManualTask)
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, task: ManualTask) -> HttpResponse:
    """The second look: accept the proof or send it back with what is wrong."""
    form, status = SendBackForm(), 200
    if request.method == "POST":
        try:
            if "accept" in request.POST:
                byhand.accept(task.pk, by=_who(request))
                messages.success(request, _("Accepted. The order goes on."))
                return redirect("retention:check_task", task.pk)
            form, status = SendBackForm(request.POST), 400
            if form.is_valid():
                byhand.send_back(task.pk, because=form.cleaned_data["because"], by=_who(request))
                messages.success(request, _("Sent back. The owner of the task has been told."))
                return redirect("retention:check_task", task.pk)
        except Refused as refused:
            form, status = SendBackForm(), 400
            messages.error(request, refused.sentence)
    why_not = reason(rules_byhand.check_second, byhand.facts(task, by=_who(request)))
    return _page(request, task, status, form=form, why_not=why_not, doing=False)


def _page(request: HttpRequest, task: ManualTask, status: int, **more: Any) -> HttpResponse:
    maps = {row.purpose_id: row.spec for row in DataMap.objects.filter(system=task.system)}
    spec = maps.get(task.purpose_id) or maps.get(None) or {}
    everything = {"text": _("everything about the person")}
    facts = [
        {"label": _("State"), "value": _word(task)},
        {"label": _("Where it lies"), "value": spec.get("where", "")},
        {"label": _("What to do"), "value": spec.get("do", "")},
        {"label": _("Person"), "value": task.person.number or {"text": _("forgotten")}},
        {"label": _("What"), "value": task.purpose.name if task.purpose else everything},
        {"label": _("Collected until"), "value": task.before},
        {"label": _("Due"), "value": task.due_on},
    ]
    if task.filed_at:
        proof = {"digest": task.file_sha256, "label": _("SHA-256 of the proof")}
        facts += [
            {"label": _("Filed"), "value": task.filed_at},
            {"label": _("How much was there"), "value": str(task.found)},
            {"label": _("Proof"), "value": proof},
        ]
    if task.accepted_at:
        facts.append({"label": _("Seen by a second person"), "value": task.accepted_at})
    context = {
        "task": task,
        "facts": facts,
        "has_file": ManualEvidence.objects.filter(task=task).exists(),
        **more,
    }
    return render(request, "retention/task.html", context, status=status)


@requires("retention.check_task", of=ManualTask)
@never_cache
@require_safe
def proof(request: HttpRequest, task: ManualTask) -> HttpResponse:
    """The proof as it was filed: always saved, never shown inside the portal, whatever it contains."""
    evidence = ManualEvidence.objects.filter(task=task).first()
    if evidence is None:
        raise Http404
    ending = rules_papers.TYPES[task.file_type][0]
    answer = HttpResponse(bytes(evidence.content), content_type=task.file_type)
    answer["Content-Disposition"] = f'attachment; filename="proof{ending}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
