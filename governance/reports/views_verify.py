"""For everybody, signed in or not: is this document whole, whose seal is it, and with which certificates is it checked?"""

from functools import cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.audit import log
from governance.consents import verifying as receipts
from governance.lib.access import public
from governance.lib.pace import too_fast
from governance.lib.refusals import Refused
from governance.reports import certificates, dates, honest, parcels, verifying
from governance.reports.forms_verify import PaperForm, VerifyForm
from governance.reports.kinds import KINDS
from governance.reports.models import Report

MOST, SECONDS = 20, 60  # knocks of one address
PEM = "application/x-pem-file"


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """A document is handed in, or the code of a printed copy; what was found is said, and nothing is kept."""
    asked = request.method == "POST" or "n" in request.GET
    if asked and too_fast(request, "verify", most=MOST, seconds=SECONDS):
        return render(request, "reports/verify_wait.html", status=429)
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    paper = PaperForm(request.GET) if "n" in request.GET else PaperForm()
    found = None
    if form.is_bound and form.is_valid():
        try:
            found = _found(form.handed_in) | {"proof": _proof(form.handed_in, form.handed_in_proof)}
        except Refused as refused:
            form.add_error(None, refused.sentence)
    elif paper.is_bound and paper.is_valid():
        found = _of_paper(paper.cleaned_data["n"], paper.cleaned_data["c"])
    context = {"form": form, "paper": paper, "found": found, "checker_sha256": checker_sha256(), "receipt_checker_sha256": receipts.offline_command_sha256()}  # fmt: skip
    return render(request, "reports/verify.html", context, status=400 if form.errors else 200)


def _found(handed_in: bytes) -> dict[str, Any]:
    """{"kind", "sentence", "more", "facts"} for the page."""
    if handed_in.lstrip()[:1] != b"%":
        text = handed_in.decode(errors="replace")
        receipt = receipts.check(text)
        facts = [{"label": label, "value": value} for label, value in receipt.facts.items()]
        return {"kind": "good" if receipt.ok else "warn", "sentence": receipt.sentence, "facts": facts}
    found = verifying.check(handed_in, settings.SEALS)
    return {
        "kind": found.kind, "sentence": found.sentence, "more": _more(found),
        "honest": _honest(found), "facts": _seal_facts(found) + _book_facts(found.report, found.newer),
    }  # fmt: skip


def _proof(document: bytes, proof: bytes) -> dict[str, Any] | None:
    if not proof:
        return None
    found = verifying.check_proof(document, proof, settings.CHECKPOINTS)
    facts = []
    if found["proof"] == "in_log":
        facts = [
            {"label": _("Document"), "value": found["number"]},
            {"label": _("Recorded"), "value": honest.moment(found["recorded_at"])},
            {"label": _("Place in the log"), "value": _("position %(position)s, under checkpoint %(number)s") % {"position": found["position"], "number": found["checkpoint"]}},
            {"label": _("Checkpoint closed"), "value": {"text": honest.moment(found["closed_at"]), "note": found["key"]}},
        ]  # fmt: skip
    return {"kind": found["kind"], "sentence": found["sentence"], "facts": facts}


def _more(found: verifying.Finding) -> str:
    if found.report and found.code == "unsealed":
        return _("Its bytes are those that this portal keeps: it was made before documents were sealed.")
    if found.code == "sound" and found.report and found.report.state == "expired":
        day = dates.day(localtime(found.report.expired_at))
        return _("This portal deleted its own copy on %(day)s, when the time for keeping it was over.") % {
            "day": day
        }
    if found.code == "sound" and found.report is None:
        return _("This portal does not keep this document any more, or never handed it out.")
    return ""


def _honest(found: verifying.Finding) -> str:
    if found.code != "sound":
        return ""
    if found.report and found.report.seal:
        return honest.of(found.report)
    return honest.sentence(
        found.facts["sealed_by"], honest.moment(found.facts["sealed_at"]), own=found.facts["self_made"]
    )


def _seal_facts(found: verifying.Finding) -> list[dict[str, Any]]:
    facts, rows = found.facts, []
    if found.code in ("sound", "appended", "foreign"):
        rows = [
            {"label": _("Name in the seal"), "value": facts["sealed_by"][:200]},
            {"label": _("Given by"), "value": facts["issuer"][:200]},
            {"label": _("Certificate"), "value": {"text": facts["certificate"], "url": reverse("reports:seal", args=[facts["certificate"]])} if facts["ours"] else facts["certificate"]},
            {"label": _("Sealed"), "value": {"text": honest.moment(facts["sealed_at"]), "note": _("by the clock of whoever sealed it")} if facts["sealed_at"] else ""},
        ]  # fmt: skip
        if facts["stamped_at"]:
            note = (
                _("by the clock of %(authority)s, which this portal relies on")
                if facts["stamp"] == "trusted"
                else _("by the clock of %(authority)s; nothing here shows that it can be relied on")
            )
            told = {
                "text": honest.moment(facts["stamped_at"]),
                "note": note % {"authority": facts["stamped_by"][:200]},
            }
            rows.append({"label": _("Time stamp"), "value": told})
    return [*rows, {"label": _("SHA-256 of the file"), "value": {"digest": facts["sha256"], "label": _("SHA-256 of the file")}}]  # fmt: skip


def _book_facts(report: Report | None, newer: Report | None) -> list[dict[str, Any]]:
    """What our books say of it: no name of a person, whoever it is about."""
    if report is None:
        return []
    proof = log.inclusion(report.entry_id) if report.entry_id else None
    place = _("position %(position)s, under checkpoint %(number)s") % {"position": proof["position"], "number": proof["checkpoint"]} if proof else _("recorded, being sealed")  # fmt: skip
    latest = {"text": _("yes, the latest of its kind, subject and language")}
    if newer is not None:
        made = dates.day(localtime(newer.ready_at))
        latest = {
            "text": _("no: %(number)s was made on %(day)s") % {"number": newer.number, "day": made},
            "note": _("Both say what was true on their day."),
        }
    return [
        {"label": _("Document"), "value": {"text": str(KINDS[report.kind].title) if report.kind in KINDS else report.kind, "note": report.number}},
        {"label": _("Controller"), "value": report.entity.name},
        {"label": _("Made"), "value": dates.minute(localtime(report.ready_at))},
        {"label": _("Latest version"), "value": latest},
        {"label": _("In the log"), "value": place},
    ]  # fmt: skip


def _of_paper(number: str, code: str) -> dict[str, Any]:
    report = verifying.of_paper(number, code)
    if report is None:
        sentence = _("There is no document with this number and this code. Compare both with the paper.")
        return {"kind": "warn", "sentence": sentence, "facts": []}
    return {
        "kind": "note",
        "sentence": _("A document with this number and this code was made here."),
        "more": _("Paper carries no seal: whether a printed copy says the same, only the file itself shows. Hand it in here."),
        "honest": honest.of(report),
        "facts": [*_book_facts(report, verifying.newer_than(report)), {"label": _("SHA-256 of the facts"), "value": {"digest": report.facts_sha256, "label": _("SHA-256 of the facts")}}],
    }  # fmt: skip


@cache
def checker_sha256() -> str:
    return sha256(verifying.CHECKING.read_bytes()).hexdigest()


@public
@require_safe
def checker(request: HttpRequest) -> HttpResponse:
    """The small offline command: one file that needs Python and pyHanko, and nothing of ours."""
    answer = HttpResponse(verifying.CHECKING.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="checking.py"'
    return answer


@public
@require_safe
def manifests(request: HttpRequest) -> HttpResponse:
    """The public keys by which the signed list in a ZIP of reports is checked."""
    return JsonResponse(parcels.published(settings.SEALS), json_dumps_params={"indent": 1})


@public
@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """Every certificate with which a document was ever sealed here, to keep beside the documents."""
    rows = [
        [
            {"text": name, "url": reverse("reports:seal", args=[name])},
            certificate.subject.rfc4514_string().removeprefix("CN="),
            _("certifies the others") if certificates.certifies(certificate) else _("seals documents"),
            f"{dates.short_day(certificate.not_valid_before_utc)} – {dates.short_day(certificate.not_valid_after_utc)}",
        ]
        for name, certificate, _pem in certificates.history(settings.SEALS)
    ]
    columns = [{"label": _("Certificate")}, {"label": _("Name")}, {"label": _("What it does")}, {"label": _("Valid")}]  # fmt: skip
    context = {"rows": rows, "columns": columns, "checker_sha256": checker_sha256()}
    return render(request, "reports/seals.html", context)


@public
@require_safe
def seal(request: HttpRequest, name: str) -> HttpResponse:
    """One certificate as PEM; "all": every one in one file."""
    known = {kid: pem for kid, _certificate, pem in certificates.history(settings.SEALS)}
    body = b"".join(known.values()) if name == "all" else known.get(name, b"")
    if not body:
        raise Http404
    answer = HttpResponse(body, content_type=PEM)
    answer["Content-Disposition"] = f'attachment; filename="sammati-seals-{name}.pem"'
    return answer
