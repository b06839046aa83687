"""The kiosk: one person after another at one screen, so no name on it, sixty seconds, and a code instead of the choice.

Nobody is signed in here: the session holds whose turn it is and until when, and opens these pages alone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.capture import recorded
from governance.consents import kiosk, later, ledger, offers, rules
from governance.consents.forms import Choice
from governance.consents.models import OptOut, Pause, PinSlip, Receipt
from governance.lib import clock, languages, spoken
from governance.lib.access import public, requires
from governance.lib.refusals import Refused
from governance.pages import choices, others
from governance.people.models import Person
from governance.people.zones import zone_of

TURN = "kiosk"  # session: {"person", "until"}
SECONDS = 60
METHOD = "kiosk: switch, then button"
A_MINUTE = {"device": 20, "badge": 5}  # tries


class Enter(forms.Form):
    number = forms.CharField(
        max_length=40, label=gettext_lazy("Badge number"), widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"})
    )  # fmt: skip
    pin = forms.CharField(
        max_length=20, label=gettext_lazy("PIN from your slip"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )  # fmt: skip


def _too_many(kind: str, what: str) -> bool:
    """More tries in this minute than anybody needs."""
    key = f"kiosk:{kind}:{what}"[:200]
    cache.add(key, 0, SECONDS)
    try:
        return bool(cache.incr(key) > A_MINUTE[kind])
    except ValueError:  # it ended between the two
        return False


@public
@never_cache
@require_http_methods(["GET", "POST"])
def wait(request: HttpRequest) -> HttpResponse:
    """The waiting screen. Whoever was here before is gone from it, and their language with them."""
    if TURN not in request.session:
        return _waiting(request)
    request.session.flush()
    request.COOKIES.pop(spoken.KIOSK, None)
    language = languages.of_pages(spoken.wanted(request), own=True)
    with translation.override(language):
        answer = _waiting(request)
    answer["Content-Language"] = language
    return speak(answer, "") if spoken.KIOSK not in answer.cookies else answer


def _waiting(request: HttpRequest) -> HttpResponse:
    list(messages.get_messages(request))  # read, and shown to nobody: they were meant for the one before
    form = Enter(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        device = request.META.get("REMOTE_ADDR", "")
        if _too_many("device", device) or _too_many("badge", said["number"].casefold()):
            form.add_error(None, _("Too many tries. Wait a minute, then try again."))
            status = 429
        elif person := kiosk.open_with(said["number"], said["pin"].replace(" ", "")):
            request.session.flush()
            _stay(request, person.pk)
            return speak(redirect("kiosk:choices"), request.COOKIES.get(spoken.KIOSK) or person.language)
        else:
            form.add_error(
                None, _("Number and PIN do not belong together, or the slip is void. The data protection officer’s office gives out a new one.")
            )  # fmt: skip
    if form.errors and status == 200:
        status = 400
    answer = render(
        request, "pages/kiosk.html", {"form": Enter() if status != 200 else form, "said": form, "messages": []}, status=status
    )  # fmt: skip
    if request.COOKIES.get(spoken.KIOSK):  # whoever chose it may have gone on without a word
        answer["Refresh"] = f"{SECONDS + 1}; url={reverse('kiosk:wait')}"
    return answer


def speak(answer: HttpResponse, tag: str) -> HttpResponse:
    """The kiosk speaks this language to whoever stands there, for as long as a screen lasts; "": its own again."""
    if languages.canonical(tag):
        answer.set_cookie(
            spoken.KIOSK, tag, max_age=SECONDS, path=reverse("kiosk:wait"), samesite="Lax", httponly=True, secure=settings.HTTPS
        )  # fmt: skip
    else:
        answer.delete_cookie(spoken.KIOSK, path=reverse("kiosk:wait"), samesite="Lax")
    return answer


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """For whoever stands here now, and not for the next."""
    return speak(redirect("kiosk:wait"), request.POST.get("language", ""))


def _stay(request: HttpRequest, person: UUID) -> None:
    until = clock.now() + timedelta(seconds=SECONDS)
    request.session[TURN] = {"person": str(person), "until": until.isoformat()}
    request.session.set_expiry(SECONDS * 2)


def _zone(person: Person) -> ZoneInfo:
    try:
        return ZoneInfo(zone_of(person))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def evidence(person: Person) -> str:
    """What shows that it was them: the slip that opened this minute."""
    slip = PinSlip.objects.filter(person=person, ended_at__isnull=True).values_list("pk", flat=True).first()
    return f"pin_slip:{slip}" if slip else "pin_slip"


def in_turn(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only within the sixty seconds; each page begins them anew, and the browser goes back by itself when they are over."""

    @wraps(view)
    def turned(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        turn = request.session.get(TURN)
        person = None
        if turn and datetime.fromisoformat(turn["until"]) > clock.now():
            person = Person.objects.filter(pk=turn["person"], is_active=True).first()
        if person is None:
            request.session.pop(TURN, None)
            return speak(redirect("kiosk:wait"), "")
        _stay(request, person.pk)
        with timezone.override(_zone(person)):
            answer = view(request, person, *args, **kwargs)
        answer["Refresh"] = f"{SECONDS}; url={reverse('kiosk:wait')}"
        return speak(answer, request.COOKIES.get(spoken.KIOSK) or person.language)

    return turned


def now_of(person: Person) -> dict[str, Any]:
    """What else the screen offers depends on: a running pause, a no to everything, news."""
    return {
        "pause": Pause.objects.running(clock.now()).filter(person=person, purpose=None).first(),
        "hours": rules.PAUSES,
        "everything": OptOut.objects.in_force().whole().filter(person=person, purpose=None).first(),
        "news": person.unread,
    }


@public
@never_cache
@require_http_methods(["GET", "POST"])
@in_turn
def choose(request: HttpRequest, person: Person) -> HttpResponse:
    """The same purposes, words and rules as on My choices; one press gives, one refuses, one withdraws."""
    if request.method == "POST":
        return _said(request, person)
    language = request.GET.get("lang") or spoken.wanted(request)
    now, today = clock.now(), clock.law_date(zone_of(person))
    return render(
        request, "pages/kiosk_choices.html",
        {
            "answer": recorded.answer(person, now), "choices": choices.of(person, language, now, today), "seconds": SECONDS,
            "now": now_of(person), "others": others.running(person, today, language),
        },
    )  # fmt: skip


def _said(request: HttpRequest, person: Person) -> HttpResponse:
    try:
        purpose = get_object_or_404(offers.concerning(person), pk=UUID(request.POST.get("purpose", "")))
    except ValueError:
        raise Http404 from None
    form, verb, shown = Choice(request.POST), request.POST.get("say"), evidence(person)
    try:
        if verb == "withdraw":
            receipt = ledger.withdraw_purpose(purpose, by=person, method=METHOD, evidence=shown)
            return code(request, receipt)
        notice = purpose.notices.filter(pk=form.cleaned_data["notice"]).first() if form.is_valid() else None
        if notice is None or verb not in ("give", "refuse", "later"):
            raise Refused(
                _("The page was not sent completely. Please read it again and choose again."), code="bad_form"
            )
        language = form.cleaned_data["language"]
        if verb == "later":
            later.defer(purpose, by=person, notice=notice, language=language, method=METHOD, evidence=shown)
            return render(request, "pages/kiosk_code.html", {"code": "", "seconds": SECONDS})
        if verb == "give":
            receipt = ledger.give(
                purpose,
                form.signals,
                by=person,
                notice=notice,
                language=language,
                method=METHOD,
                evidence=shown,
            )
        else:
            receipt = ledger.refuse_all(
                purpose, by=person, notice=notice, language=language, method=METHOD, evidence=shown
            )
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("kiosk:choices")
    return code(request, receipt)


def code(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    """Whoever stands behind reads a number, and not what was decided."""
    return render(request, "pages/kiosk_code.html", {"code": receipt.number, "seconds": SECONDS})


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    request.session.pop(TURN, None)
    return speak(redirect("kiosk:wait"), "")


class Slip(forms.Form):
    number = forms.CharField(
        max_length=40, label=gettext_lazy("Badge number"),
        help_text=gettext_lazy("Of the person who asks for a slip, after you have seen their badge."),
    )  # fmt: skip


@requires("consents.issue_pin")
@never_cache
@require_http_methods(["GET", "POST"])
def slips(request: HttpRequest) -> HttpResponse:
    """The PIN stands on this answer and nowhere else: it is printed and handed over, and cannot be shown again."""
    form = Slip(request.POST if request.method == "POST" else None)
    pin = ""
    if request.method == "POST" and form.is_valid():
        try:
            row, pin = kiosk.issue(form.cleaned_data["number"], by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error("number", refused.sentence)
        else:
            tongue = languages.get(languages.of_pages(row.person.language, own=True))
            return render(
                request, "pages/slip.html", {"pin": f"{pin[:4]} {pin[4:]}", "row": row, "tongue": tongue}
            )
    return render(request, "pages/slips.html", {"form": form}, status=400 if form.errors else 200)
