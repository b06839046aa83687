"""Papers on file: the list, filing one, reading one, withdrawing one."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.refusals import Refused
from governance.people.zones import in_their_zone
from governance.purposes import evidence, rules_papers, verdict_words
from governance.purposes.forms_papers import EvidenceForm, WithdrawForm
from governance.purposes.models import Evidence, Purpose
from governance.purposes.policy import packs


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def listing(request: HttpRequest, row: Purpose) -> HttpResponse:
    """Every paper, those that count first; what was withdrawn stays with its reason."""
    on = clock.law_date(row.entity.timezone)
    papers = row.evidence.select_related("filed_by", "withdrawn_by")
    shown = sorted((_shown(paper, on) for paper in papers), key=lambda paper: not paper["counts"])
    return render(
        request, "purposes/evidence.html",
        {"purpose": row, "papers": shown, "may_file": may(request.user, "purposes.file_evidence", row)},
    )  # fmt: skip


def _shown(paper: Evidence, on: Any) -> dict[str, Any]:
    if paper.withdrawn_at:
        state = {"state": "withdrawn"}
    elif paper.outcome == "refused":
        state = {"state": "refused", "word": _("Says no"), "colour": "bad"}
    elif paper.expires_on and paper.expires_on <= on:
        state = {"state": "expired"}
    elif paper.signed_on > on:
        state = {"state": "waiting", "word": _("Counts later")}
    else:
        state = {"state": "on", "word": _("Counts")}
    return {"paper": paper, "title": verdict_words.paper(paper.kind), "state": state, "counts": state["state"] == "on",
            "type": rules_papers.TYPES[paper.file_type][1], "kilobytes": max(1, round(paper.file_size / 1024))}  # fmt: skip


@requires("purposes.file_evidence", of=Purpose)
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, row: Purpose) -> HttpResponse:
    """`?kind=`: chosen already, because a HOLD led here."""
    on = clock.law_date(row.entity.timezone)
    kinds = rules_papers.fileable(packs.default())
    wanted = request.GET.get("kind", "")
    form = EvidenceForm(initial={"kind": wanted if wanted in kinds else ""})
    status = 200
    if request.method == "POST":
        form, status = EvidenceForm(request.POST, request.FILES), 400
        if not request.FILES and int(request.headers.get("Content-Length") or 0) > rules_papers.MOST_BYTES:
            # Django drops a file beyond the limit before it is read: nothing of it touched a disk.
            form.errors["file"] = form.error_class([_("The file is larger than 10 MB. File a smaller copy.")])
        elif form.is_valid():
            said, upload = form.cleaned_data, form.cleaned_data["file"]
            try:
                paper = evidence.Paper(
                    said["kind"], upload.read(), upload.name, said["signer"], said["signed_on"], said["expires_on"], said["outcome"],
                    said["reference"],
                )  # fmt: skip
                evidence.file(row, paper, on=on, by=request.user)
            except Refused as refused:
                form.add_error(FIELD_OF.get(refused.code), refused.sentence)
            else:
                messages.success(request, _("The paper is on file, and the purpose was judged anew."))
                return redirect("purposes:evidence", row.pk)
    return render(request, "purposes/evidence_new.html", {"purpose": row, "form": form}, status=status)


FIELD_OF = {
    "too_large": "file", "empty_file": "file", "wrong_type": "file", "signed_ahead": "signed_on", "signed_long_ago": "signed_on",
    "run_out": "expires_on", "no_signer": "signer", "not_a_paper": "kind", "no_such_kind": "kind",
}  # fmt: skip


@requires("purposes.view", of=Evidence)
@never_cache
@require_safe
def file(request: HttpRequest, row: Evidence) -> HttpResponse:
    """The paper as it was filed: always saved, never shown inside the portal, whatever it contains."""
    answer = HttpResponse(bytes(row.file.content), content_type=row.file_type)
    plain = row.file_name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    answer["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(row.file_name, safe='')}"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@requires("purposes.file_evidence", of=Evidence)
@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, row: Evidence) -> HttpResponse:
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        on = clock.law_date(row.purpose.entity.timezone)
        evidence.withdraw(row.pk, because=form.cleaned_data["because"], on=on, by=request.user)
        messages.success(request, _("The paper counts no more, and the purpose was judged anew."))
        return redirect("purposes:evidence", row.purpose_id)
    return render(
        request, "purposes/evidence_withdraw.html",
        {"purpose": row.purpose, "evidence": row, "title": verdict_words.paper(row.kind), "form": form},
        status=400 if form.errors else 200,
    )  # fmt: skip
