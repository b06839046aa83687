"""The log as it is read: newest first, filtered by code and day; and whether it is still what was written."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.audit import shown, verifying
from governance.audit.forms import Filter
from governance.audit.models import Checkpoint, Entry, Leaf
from governance.lib.access import may, requires
from governance.lib.dates import date_format

PAGE = 50
TIME_LIMIT = 8.0  # seconds that somebody waits
HASH = re.compile(r"[0-9a-f]{32,}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
TOO_MANY = 100_000  # leaves that surely take longer


@requires("audit.view")
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Keyset paging by the entry's id: new entries never shift what is on a page."""
    form = Filter(request.GET)
    entries = Entry.objects.select_related("leaf", "leaf__batch").order_by("-id")
    older = ""
    if form.is_valid():
        asked = form.cleaned_data
        entries = _filtered(entries, asked)
        page = list(entries[: PAGE + 1])
        if len(page) > PAGE:
            page.pop()
            rest = {k: asked[k] for k in ("code", "since", "until") if asked[k]}
            older = urlencode(rest | {"before": page[-1].id})
    else:
        page = []
    return render(
        request, "audit/log.html",
        {
            "form": form, "columns": log_columns(), "rows": [_row(entry) for entry in page], "older": older,
            "newest": urlencode({k: v for k, v in request.GET.items() if k in ("code", "since", "until") and v}) if "before" in request.GET else None,
            "checkpoints": [_checkpoint(batch) for batch in Checkpoint.objects.order_by("-number")[:5]],
            "checkpoint_columns": checkpoint_columns(), "may_verify": may(request.user, "audit.verify"),
        },
    )  # fmt: skip


def _filtered(entries: Any, asked: dict[str, Any]) -> Any:
    zone = timezone.get_current_timezone()
    if asked["code"]:
        entries = entries.filter(code__startswith=asked["code"])
    if asked["since"]:
        entries = entries.filter(at__gte=datetime.combine(asked["since"], time(), zone))
    if asked["until"] and asked["until"] < datetime.max.date():
        entries = entries.filter(at__lt=datetime.combine(asked["until"] + timedelta(days=1), time(), zone))
    if asked["before"]:
        entries = entries.filter(id__lt=asked["before"])
    return entries


def log_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("Position")}, {"label": _("When")}, {"label": _("What")}, {"label": _("By")}, {"label": _("Facts")},
    ]  # fmt: skip


def checkpoint_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("Checkpoint")}, {"label": _("Closed")}, {"label": _("Positions")}, {"label": _("Hash")}, {"label": _("Key")},
    ]  # fmt: skip


def _row(entry: Entry) -> list[Any]:
    leaf: Leaf | None = getattr(entry, "leaf", None)
    return [
        {"text": str(leaf.position), "note": _("checkpoint %(n)s") % {"n": leaf.batch_id}}
        if leaf
        else {"state": "sealing"},
        date_format(timezone.localtime(entry.at), "j M Y, H:i:s"),
        {"text": entry.code, "note": f"{entry.about_kind} {_id(entry.about_id)}" if entry.about_id else ""},
        shown.by(entry) or (_("kept back") if entry.by_id else _("the portal itself")),
        "; ".join(f"{key}: {_fact(value)}" for key, value in sorted(shown.facts(entry).items())),
    ]


def _id(value: Any) -> str:
    return str(value)[:8]


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_fact(v) for v in value[:6]) + (" …" if len(value) > 6 else "")
    if isinstance(value, dict):
        return ", ".join(f"{key} {_fact(v)}" for key, v in list(value.items())[:6]) + (
            " …" if len(value) > 6 else ""
        )
    text = str(value)
    if HASH.fullmatch(text):
        return f"{text[:12]}…"
    if MOMENT.match(text):
        return text[:16].replace("T", " ")
    return text[:8] if len(text) == 36 and text.count("-") == 4 else text[:120]


def _checkpoint(batch: Checkpoint) -> list[Any]:
    return [
        str(batch.number),
        date_format(timezone.localtime(batch.at), "j M Y, H:i:s"),
        f"{batch.first}–{batch.first + batch.count - 1}",
        {"digest": bytes(batch.hash).hex(), "label": _("Hash of the checkpoint")},
        batch.kid,
    ]


@requires("audit.verify")
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """POST runs the verifier and shows what it found; a log that takes longer than anybody waits is for the command."""
    leaves = Leaf.objects.count()
    verdict, too_large = None, leaves > TOO_MANY
    if request.method == "POST" and not too_large:
        verdict = verifying.run(settings.CHECKPOINTS, by=request.user.pk, seconds=TIME_LIMIT)
        too_large = not verdict.finished and not verdict.findings
    return render(
        request, "audit/verify.html",
        {
            "verdict": verdict, "too_large": too_large, "leaves": leaves, "command": "python manage.py verify_log",
            "columns": [{"label": _("Position")}, {"label": _("What was found")}],
            "rows": [[str(finding.position or "–"), finding.what] for finding in verdict.findings] if verdict else [],
        },
    )  # fmt: skip
