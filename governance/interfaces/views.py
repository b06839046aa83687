"""Programs that ask and are told: who let them in, to what; their webhooks and what was delivered."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.interfaces import clients, rules, webhooks
from governance.interfaces.forms import LetIn, SetUp
from governance.interfaces.models import ApiClient, Delivery, Webhook
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused

VIEW, MANAGE = "interfaces.view_clients", "interfaces.manage_clients"
PAGE = 50


def _columns(*labels: str) -> list[dict[str, str]]:
    return [{"label": label} for label in labels]


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i") if at else ""


def _purposes(client: ApiClient) -> str:
    return ", ".join(purpose.number for purpose in client.purposes.all())


@requires(VIEW)
@never_cache
@require_safe
def clients_page(request: HttpRequest) -> HttpResponse:
    """Every program of the entities in one's care; those that were ended come last."""
    mine = ApiClient.objects.to_open().filter(entity_id__in=request.user.entities_where(VIEW))
    page = Paginator(mine.order_by("ended_at", "name"), PAGE).get_page(request.GET.get("page"))
    rows = [
        [
            {"text": row.name, "url": reverse("interfaces:client", args=[row.pk])}, row.entity.name, _purposes(row),
            ", ".join(row.scopes), date_format(row.used_on, "j M Y") if row.used_on else {"note": _("never")}, _state(row),
        ]
        for row in page
    ]  # fmt: skip
    return render(
        request, "interfaces/clients.html",
        {
            "columns": _columns(_("Program"), _("Entity"), _("Purposes"), _("Scopes"), _("Last used"), _("State")), "rows": rows,
            "page": page, "may_manage": may(request.user, MANAGE),
        },
    )  # fmt: skip


def _state(row: ApiClient) -> dict[str, str]:
    return {"state": "ended"} if row.ended_at else {"state": "active"}


@requires(MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def let_in(request: HttpRequest) -> HttpResponse:
    """The key stands on the page that answers, and nowhere else ever."""
    form = LetIn(request.POST if request.method == "POST" else None, by=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            row, key = clients.let_in(
                asked["entity"], asked["name"], purposes=asked["purposes"], scopes=asked["scopes"], per_minute=asked["per_minute"],
                operator=asked["operator"], by=request.user,
            )  # type: ignore[arg-type]  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return _shown_once(request, row, key, _("Its key"))
    return render(request, "interfaces/let_in.html", {"form": form}, status=400 if form.errors else 200)


def _shown_once(request: HttpRequest, row: ApiClient, secret: str, what: str) -> HttpResponse:
    answer = render(
        request, "interfaces/shown_once.html",
        {"client": row, "secret": secret, "what": what, "back": reverse("interfaces:client", args=[row.pk])},
    )  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


@requires(VIEW, of=ApiClient)
@never_cache
@require_safe
def client(request: HttpRequest, row: ApiClient) -> HttpResponse:
    """What it may do, for which purposes, since when; and where it is told what happened."""
    facts = [
        {"label": _("Client id (OAuth)"), "value": str(row.pk)},
        {"label": _("Entity"), "value": row.entity.name},
        {"label": _("Company that runs it"), "value": row.operator or row.entity.name},
        {"label": _("Purposes"), "lines": [f"{p.number} {p.name}" for p in row.purposes.all()]},
        {
            "label": _("What it may do"),
            "lines": [{"text": str(rules.SCOPES[code]), "note": code} for code in row.scopes],
        },
        {"label": _("Requests a minute, at most"), "value": str(row.per_minute)},
        {"label": _("Let in"), "value": {"text": _moment(row.made_at), "note": str(row.made_by)}},
        {"label": _("Key from"), "value": _moment(row.key_at)},
        {"label": _("Last used"), "value": date_format(row.used_on, "j M Y") if row.used_on else ""},
    ]
    manages = may(request.user, MANAGE, row) and row.ended_at is None
    hooks = [
        [{"text": hook.url, "url": reverse("interfaces:webhook", args=[hook.pk])}, ", ".join(hook.types), _hook_state(hook)]
        for hook in row.webhooks.all()
    ]  # fmt: skip
    context = {
        "client": row, "facts": facts, "manages": manages, "hook_columns": _columns(_("Address"), _("Hears of"), _("State")),
        "hooks": hooks, "state": _state(row), "may_hook": manages and "events" in row.scopes,
        "root": request.build_absolute_uri("/").rstrip("/"), "asks": _asks(row),
    }  # fmt: skip
    return render(request, "interfaces/client.html", context)


def _asks(row: ApiClient) -> dict[str, str]:
    """A purpose and a signal that this program may ask about, for an example that works."""
    purpose = row.purposes.order_by("number").first()
    signal = purpose.signals.first() if purpose else None
    return {"purpose": purpose.number, "signal": signal.code} if purpose and signal else {}


def _hook_state(hook: Webhook) -> dict[str, str]:
    if hook.ended_at:
        return {"state": "ended"}
    if hook.stopped_at:
        return {"state": "paused", "note": str(rules.STOPPED.get(hook.stopped_because, ""))}
    return {"state": "active"}


@requires(MANAGE, of=ApiClient)
@require_POST
def renew_key(request: HttpRequest, row: ApiClient) -> HttpResponse:
    if row.ended_at:
        raise Refused(_("This program has been ended. Let a new one in."), code="client_ended")
    return _shown_once(request, row, clients.renew_key(row, by=request.user), _("Its new key"))  # type: ignore[arg-type]


@requires(MANAGE, of=ApiClient)
@require_POST
def end(request: HttpRequest, row: ApiClient) -> HttpResponse:
    clients.end(row, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Its key opens nothing any more."))
    return redirect("interfaces:client", row.pk)


@requires(MANAGE, of=ApiClient)
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, row: ApiClient) -> HttpResponse:
    form = SetUp(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _hook, secret = webhooks.set_up(
                row, form.cleaned_data["url"], types=form.cleaned_data["types"], by=request.user
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return _shown_once(request, row, secret, _("Secret of the webhook"))
    return render(
        request, "interfaces/set_up.html", {"form": form, "client": row}, status=400 if form.errors else 200
    )


@requires(VIEW, of=Webhook)
@never_cache
@require_safe
def webhook(request: HttpRequest, row: Webhook) -> HttpResponse:
    """What waits, what was delivered, what was given up, and why."""
    page = Paginator(row.deliveries.order_by("-position"), PAGE).get_page(request.GET.get("page"))
    manages = may(request.user, MANAGE, row) and row.ended_at is None
    rows = [
        [
            {"text": str(one.position), "url": reverse("interfaces:delivery", args=[one.pk])}, {"text": str(rules.TYPES.get(one.type, one.type)), "note": one.type},
            {"state": _STATES[one.state], "word": one.get_state_display()}, _last(one),
            _moment(one.delivered_at) or ({"note": _("next try %(at)s") % {"at": _moment(one.next_at)}} if one.state == "waiting" else ""),
        ]
        for one in page
    ]  # fmt: skip
    context = {
        "webhook": row, "client": row.client, "manages": manages, "state": _hook_state(row), "page": page, "rows": rows,
        "columns": _columns(_("Position"), _("What"), _("State"), _("Last try"), _("Delivered")),
    }  # fmt: skip
    return render(request, "interfaces/webhook.html", context)


_STATES = {"waiting": "waiting", "delivered": "done", "given_up": "failed"}


def _last(one: Delivery) -> Any:
    if not one.tries:
        return {"note": _("not yet")}
    tried = one.last
    said = str(tried["status"] or _("no answer"))
    count = ngettext("%(n)s try", "%(n)s tries", one.attempts) % {"n": one.attempts}
    return {"text": said, "note": ", ".join(filter(None, [tried["code"], f"{tried['ms']} ms", count]))}


@requires(VIEW, of=Delivery)
@never_cache
@require_safe
def delivery(request: HttpRequest, row: Delivery) -> HttpResponse:
    """What exactly was sent, and what became of every try."""
    tries = [
        [
            _moment(datetime.fromisoformat(tried["at"])), str(tried["status"] or _("no answer")),
            tried["code"] or {"state": "done", "word": _("taken")}, f"{tried['ms']} ms",
        ]
        for tried in reversed(row.tries)
    ]  # fmt: skip
    hook = row.webhook
    context = {
        "delivery": row, "webhook": hook, "client": hook.client, "tries": tries, "state": _STATES[row.state],
        "word": row.get_state_display(), "what": rules.TYPES.get(row.type, row.type), "body": json.dumps(row.body, indent=2),
        "columns": _columns(_("When"), _("Status"), _("What became of it"), _("Took")),
        "manages": may(request.user, MANAGE, row) and hook.ended_at is None,
    }  # fmt: skip
    return render(request, "interfaces/delivery.html", context)


@requires(MANAGE, of=Webhook)
@require_POST
def renew_secret(request: HttpRequest, row: Webhook) -> HttpResponse:
    return _shown_once(
        request, row.client, webhooks.renew_secret(row, by=request.user), _("New secret of the webhook")
    )


@requires(MANAGE, of=Webhook)
@require_POST
def stop(request: HttpRequest, row: Webhook) -> HttpResponse:
    webhooks.stop(row, by=request.user)
    messages.success(request, _("Nothing is sent until you start it again. What happens meanwhile waits."))
    return redirect("interfaces:webhook", row.pk)


@requires(MANAGE, of=Webhook)
@require_POST
def start(request: HttpRequest, row: Webhook) -> HttpResponse:
    webhooks.start(row, by=request.user)
    messages.success(request, _("Started. What waited is sent now."))
    return redirect("interfaces:webhook", row.pk)


@requires(MANAGE, of=Webhook)
@require_POST
def end_webhook(request: HttpRequest, row: Webhook) -> HttpResponse:
    webhooks.end(row, by=request.user)
    messages.success(request, _("Nothing is sent to this address any more."))
    return redirect("interfaces:client", row.client_id)


@requires(MANAGE, of=Delivery)
@require_POST
def send_again(request: HttpRequest, row: Delivery) -> HttpResponse:
    webhooks.send_again(row.pk, by=request.user)
    messages.success(request, _("It is sent again within the next seconds."))
    return redirect("interfaces:delivery", row.pk)
