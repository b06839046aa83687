"""Requests for content, those who speak about them, and the package that comes of it. Nobody browses content here."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.capture.models import Programme
from governance.exports import asking, manifest, recipients, rules, shown
from governance.exports.forms import Advice, Ask, Key, NewDataset, Reasons
from governance.exports.models import Export, Recipient
from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone


@requires("exports.view")
@never_cache
@in_their_zone
@require_safe
def exports_page(request: HttpRequest) -> HttpResponse:
    mine = Export.objects.visible_to(request.user).to_open()
    page = Paginator(mine, 30).get_page(request.GET.get("page"))
    labels = (_("Export"), _("Programme"), _("Recipient"), _("Asked"), _("State"))
    asks_at = request.user.entities_where("exports.ask")
    programmes = Programme.objects.filter(entity_id__in=asks_at, state__in=("running", "paused", "ended"))
    return render(
        request, "exports/exports.html",
        {"columns": [{"label": label} for label in labels], "rows": [shown.row(e) for e in page], "page": page, "programmes": programmes},
    )  # fmt: skip


@requires("exports.view")
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def recipients_page(request: HttpRequest) -> HttpResponse:
    """Keys that packages may be sealed to; who may, registers another."""
    may_ask = may(request.user, "exports.ask")
    form = Key(request.POST if request.method == "POST" else None, by=request.user) if may_ask else None
    if request.method == "POST" and form is not None and form.is_valid():
        said = form.cleaned_data
        try:
            recipients.register(said["entity"], said["name"], said["public_key"], by=request.user)
        except Refused as refused:
            form.add_error("public_key", refused.sentence)
        else:
            messages.success(
                request, _("Registered. A data protection officer compares the key now, and confirms it.")
            )
            return redirect("exports:recipients")
    rows = Recipient.objects.filter(entity_id__in=request.user.entities_where("exports.view"))
    return render(
        request, "exports/recipients.html",
        {
            "form": form,
            "recipients": [_recipient(request.user, row) for row in rows.select_related("registered_by", "confirmed_by", "entity")],
        },
        status=400 if form is not None and form.errors else 200,
    )  # fmt: skip


def _recipient(user: Any, row: Recipient) -> dict[str, Any]:
    confirms = user.holds("exports.advise", row.entity_id)
    is_open = row.confirmed_at is None and row.ended_at is None
    return {
        "row": row, "state": "ended" if row.ended_at else "approved" if row.confirmed_at else "waiting",
        "may_confirm": confirms and is_open,
        "why_not": reason(rules.check_confirm, confirms, row.registered_by_id == user.pk, is_open),
        "may_end": row.ended_at is None and (confirms or user.holds("exports.ask", row.entity_id)),
        "facts": [
            {"label": _("Entity"), "value": row.entity.name},
            {"label": _("Fingerprint"), "value": {"digest": row.fingerprint, "label": _("Fingerprint of the recipient's key")}},
            {"label": _("Registered by"), "value": {"text": str(row.registered_by), "note": shown.moment(row.registered_at)}},
            {"label": _("Confirmed by"), "value": {"text": str(row.confirmed_by), "note": shown.moment(row.confirmed_at)} if row.confirmed_by else ""},
        ],
    }  # fmt: skip


@requires("exports.advise", of=Recipient)
@require_POST
def confirm(request: HttpRequest, row: Recipient) -> HttpResponse:
    """Somebody has compared the fingerprint with the recipient."""
    return _said(
        request, lambda: recipients.confirm(row.pk, by=request.user), _("Confirmed."), "exports:recipients"
    )


@requires("exports.view", of=Recipient)
@require_POST
def end_recipient(request: HttpRequest, row: Recipient) -> HttpResponse:
    done = _("Ended. Nothing more is sealed to this key.")
    return _said(request, lambda: recipients.end(row.pk, by=request.user), done, "exports:recipients")


@requires("exports.ask", of=Programme)
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, programme: Programme) -> HttpResponse:
    """Ask for content of this programme."""
    form = Ask(request.POST if request.method == "POST" else None, programme=programme)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = asking.ask(
                programme, said["recipient"], why=said["why"], fields=form.asked_fields(), since=said["since"],
                until=said["until"], by=request.user,
            )  # fmt: skip
        except Refused as refused:
            form.add_error("until" if refused.code == "bad_period" else None, refused.sentence)
        else:
            messages.success(request, _("Asked. The data protection officers were told."))
            return redirect("exports:export", made.pk)
    return render(
        request,
        "exports/ask.html",
        {"form": form, "programme": programme},
        status=400 if form.errors else 200,
    )


@requires("exports.view", of=Export)
@never_cache
@in_their_zone
@require_safe
def export(request: HttpRequest, row: Export) -> HttpResponse:
    return _page(request, row)


def _page(
    request: HttpRequest, row: Export, *, advice: Advice | None = None, reasons: Reasons | None = None
) -> HttpResponse:
    user = request.user
    owns = asking.is_owner(row, user)
    may_agree = row.state == "advised" and (owns or user.holds("exports.second", row.entity_id))
    place_taken = row.owner_by_id if owns else row.second_by_id
    may_advise = row.state == "asked" and user.holds("exports.advise", row.entity_id)
    wrong = bool((advice and advice.errors) or (reasons and reasons.errors))
    return render(
        request, "exports/export.html",
        {
            "export": row, "pill": shown.pill(row), "facts": shown.facts(row), "voices": shown.voices(row),
            "voice_columns": [{"label": label} for label in (_("Who"), _("Name"), _("Word"), _("Reasons"))],
            "advice": (advice or Advice()) if may_advise else None,
            "reasons": (reasons or Reasons()) if may_agree and owns and not row.favourable else None,
            "may_agree": may_agree and not place_taken,
            "why_not": reason(rules.check_voice, asking.voice(row, user), row.state) if may_agree or may_advise else "",
            "may_refuse": "refused" in rules.MOVES[row.state] and asking.may_refuse(row, user),
            "package": shown.package(row) if row.packed_at else None,
            "is_asker": row.asked_by_id == user.pk,
            "why_no_package": reason(rules.check_take, row.asked_by_id == user.pk, row.state, asking.over(row)),
            "downloads": [[d.get_what_display(), str(d.by), shown.moment(d.at)] for d in row.downloads.select_related("by")],
            "download_columns": [{"label": label} for label in (_("What"), _("Who"), _("When"))],
            "datasets": row.datasets.select_related("holder"),
            "new_dataset": NewDataset(export=row) if row.packed_at and user.holds("exports.ask", row.entity_id) else None,
        },
        status=400 if wrong else 200,
    )  # fmt: skip


@requires("exports.advise", of=Export)
@in_their_zone
@require_POST
def advise(request: HttpRequest, row: Export) -> HttpResponse:
    """The data protection officer's written advice."""
    form = Advice(request.POST)
    if not form.is_valid():
        return _page(request, row, advice=form)
    said = form.cleaned_data
    return _said(
        request, lambda: asking.advise(row.pk, said["advice"], favourable=said["favourable"] == "yes", by=request.user),
        _("Your advice stands with the request."), "exports:export", row.pk,
    )  # fmt: skip


@requires("exports.view", of=Export)
@in_their_zone
@require_POST
def agree(request: HttpRequest, row: Export) -> HttpResponse:
    """The owner's or the second person's agreement; the verb knows which."""
    form = Reasons(request.POST)
    if not form.is_valid():
        return _page(request, row, reasons=form)
    return _said(
        request, lambda: asking.agree(row.pk, by=request.user, reasons=form.cleaned_data["reasons"]), _("You have agreed."),
        "exports:export", row.pk,
    )  # fmt: skip


@requires("exports.view", of=Export)
@require_POST
def refuse(request: HttpRequest, row: Export) -> HttpResponse:
    done = _("Refused. Nothing leaves.")
    return _said(request, lambda: asking.refuse(row.pk, by=request.user), done, "exports:export", row.pk)


@requires("exports.ask", of=Export)
@never_cache
@require_POST
def package(request: HttpRequest, row: Export) -> Any:
    """The sealed package, to who asked for it; that it was taken stands in the log before the first byte goes."""
    try:
        asking.take(row.pk, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("exports:export", row.pk)
    answer = StreamingHttpResponse(asking.sealed(row), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{row.number}.sammati"'
    answer["Content-Length"] = str(row.package_size)
    return answer


@requires("exports.ask", of=Export)
@never_cache
@require_POST
def manifest_file(request: HttpRequest, row: Export) -> Any:
    """The manifest: segments, consents and versions; no names, no content."""
    if row.manifest is None:
        messages.warning(request, _("Nothing was packed: there is no manifest."))
        return redirect("exports:export", row.pk)
    asking.note_download(row, "manifest", by=request.user)
    answer = StreamingHttpResponse(manifest.whole(row), content_type="application/x-ndjson")
    answer["Content-Disposition"] = f'attachment; filename="{row.number}-manifest.ndjson"'
    return answer


def _said(request: HttpRequest, verb: Any, done: str, to: str, *args: Any) -> HttpResponse:
    """One verb, one sentence, back to the page."""
    try:
        verb()
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, done)
    return redirect(to, *args)
