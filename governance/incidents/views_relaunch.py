"""The way back of a programme that an incident stopped: a line for each control, three signatures, one button."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.capture.models import Programme
from governance.incidents import relaunching, rules_relaunch
from governance.incidents.models import Relaunch, RelaunchSignature
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone


def _relaunch(row: Programme) -> Relaunch:
    found = relaunching.of(row)
    if found is None:
        raise Http404
    return found


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i") if at else ""


@requires("capture.view_programmes", of=Programme)
@in_their_zone
@never_cache
@require_safe
def relaunch(request: HttpRequest, row: Programme) -> HttpResponse:
    found = _relaunch(row)
    facts = relaunching.facts(found)
    open_codes = {line.code for line in facts.open_lines()}
    how = {
        "machine": _("checked by machine"),
        "probe": _("checked by machine"),
        "evidence": _("a paper filed since the incident"),
    }
    signatures = {s.part: s for s in found.signatures.select_related("person")}
    parts = relaunching.parts_of(request.user, row)  # type: ignore[arg-type]
    waiting = found.asked_at is not None and (found.checked_at is None or found.checked_at < found.asked_at)
    return render(
        request, "incidents/relaunch.html",
        {
            "programme": row, "relaunch": found, "waiting": waiting,
            "columns": [{"label": label} for label in (_("Control"), _("How it is shown"), _("When"), _("State"))],
            "rows": [
                [
                    {"text": str(rules_relaunch.CONTROLS[line.code]), "note": "; ".join(line.found)}, how[line.how], _moment(line.at),
                    _state(line, line.code in open_codes),
                ]
                for line in facts.lines
            ],
            "signed_columns": [{"label": label} for label in (_("Part"), _("Who"), _("When"))],
            "signed": [
                [str(word), str(signatures[part].person) if part in signatures else "", _moment(signatures[part].at) if part in signatures else ""]
                for part, word in RelaunchSignature.PARTS
            ],
            "evidence_url": reverse("purposes:purpose", args=[row.purpose_id]) if may(request.user, "purposes.view", row.purpose) else "",
            "may_check": may(request.user, "capture.relaunch", row), "may_go": may(request.user, "capture.run", row),
            "why_not_go": reason(rules_relaunch.check_go, facts),
            "to_sign": [
                {"part": part, "label": _("Sign as: %(part)s") % {"part": word}, "why_not": reason(rules_relaunch.check_sign, facts, part, request.user.pk, parts)}
                for part, word in RelaunchSignature.PARTS if part in parts and part not in signatures
            ],
        },
    )  # fmt: skip


def _state(line: rules_relaunch.Line, is_open: bool) -> dict[str, str]:
    if not is_open:
        return {"state": "verified", "word": _("green")}
    if line.at is None:
        return {"state": "waiting", "word": _("not shown yet")}
    return (
        {"state": "expired", "word": _("too long ago")} if line.ok else {"state": "failed", "word": _("red")}
    )


def _done(
    request: HttpRequest, row: Programme, act: Any, says: str, to: str = "incidents:relaunch"
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("incidents:relaunch", row.pk)
    messages.success(request, says)
    return redirect(to, row.pk)


@requires("capture.relaunch", of=Programme)
@require_POST
def check(request: HttpRequest, row: Programme) -> HttpResponse:
    found = _relaunch(row)
    return _done(
        request, row, lambda: relaunching.ask(found, by=request.user),  # type: ignore[arg-type]
        _("The controls are being checked. Look again in half a minute."),
    )  # fmt: skip


@requires("capture.relaunch", of=Programme)
@require_POST
def sign(request: HttpRequest, row: Programme) -> HttpResponse:
    found, part = _relaunch(row), request.POST.get("part", "")
    return _done(request, row, lambda: relaunching.sign(found, part, by=request.user), _("Signed."))  # type: ignore[arg-type]


@requires("capture.run", of=Programme)
@require_POST
def go(request: HttpRequest, row: Programme) -> HttpResponse:
    found = _relaunch(row)
    return _done(
        request, row, lambda: relaunching.go(found, by=request.user),  # type: ignore[arg-type]
        _("It runs again."), to="capture:programme",
    )  # fmt: skip
