"""A person's own word: give, refuse, withdraw, opt out; the notice, the receipt, the history."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.audit import log
from governance.consents import ledger, offers, optouts, rules
from governance.consents.forms import Choice
from governance.consents.models import ConsentEvent, ConsentRecord, OptOut, Receipt
from governance.lib import spoken
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people.zones import in_their_zone
from governance.purposes import catalogue, words
from governance.purposes.models import Notice, Purpose
from governance.retention.models import ErasureOrder

TICKED = "choices.ticked"  # session: what stood switched on in a form that was refused, for one look
METHOD = "portal: switch, then button"


def _purpose(request: HttpRequest, pk: UUID) -> Purpose:
    return get_object_or_404(offers.concerning(request.user), pk=pk)


def _back(purpose: Purpose | None = None) -> HttpResponseRedirect:
    place = f"#purpose-{purpose.pk}" if purpose else ""
    return HttpResponseRedirect(reverse("consents:choices") + place)


def _read(request: HttpRequest, purpose: Purpose) -> tuple[Notice, str, list[str]]:
    """The version that was on the page, its language and the signals. Raises Refused for a form that is not ours."""
    form = Choice(request.POST)
    notice = purpose.notices.filter(pk=form.cleaned_data["notice"]).first() if form.is_valid() else None
    if notice is None:
        raise Refused(
            _("The page was not sent completely. Please read it again and choose again."), code="bad_form"
        )
    return notice, form.cleaned_data["language"], form.signals


@requires("consents.give")
@require_POST
def give(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Switch on what was chosen; a refusal keeps the choice and says why on the page where it was made."""
    purpose = _purpose(request, pk)
    signals: list[str] = request.POST.getlist("signals")[:50]
    try:
        notice, language, signals = _read(request, purpose)
        receipt = ledger.give(
            purpose, signals, by=request.user, notice=notice, language=language, method=METHOD
        )
    except Refused as refused:
        request.session[TICKED] = {"purpose": str(purpose.pk), "signals": signals, "code": refused.code}
        messages.warning(request, refused.sentence)
        return _back(purpose)
    return redirect("consents:receipt", receipt.pk)


@requires("consents.refuse")
@require_POST
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """No to everything of this purpose, also to what another tab switched on since this page was made."""
    purpose = _purpose(request, pk)
    try:
        notice, language, _ticked = _read(request, purpose)
        receipt = ledger.refuse_all(purpose, by=request.user, notice=notice, language=language, method=METHOD)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return _back(purpose)
    return redirect("consents:receipt", receipt.pk)


@requires("consents.withdraw", of=ConsentRecord)
@require_POST
def withdraw(request: HttpRequest, record: ConsentRecord) -> HttpResponse:
    """DPDP s.6(4), GDPR Art. 7(3): as easy as giving. One press, no question, no confirmation page."""
    try:
        receipt = ledger.withdraw(record.pk, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return _back(record.purpose)
    return redirect("consents:receipt", receipt.pk)


@requires("consents.withdraw")
@require_POST
def withdraw_purpose(request: HttpRequest, pk: UUID) -> HttpResponse:
    purpose = _purpose(request, pk)
    try:
        receipt = ledger.withdraw_purpose(purpose, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return _back(purpose)
    return redirect("consents:receipt", receipt.pk)


@requires("consents.opt_out")
@require_POST
def opt_out(request: HttpRequest) -> HttpResponse:
    """No to everything, now and in future, in one step; with `purpose`, to everything of that purpose."""
    purpose = _purpose(request, _uuid(request.POST["purpose"])) if request.POST.get("purpose") else None
    again = OptOut.objects.filter(
        person=request.user, purpose=purpose, lifted_at__isnull=True
    ).whole()  # two tabs: one truth
    if not again.exists():
        optouts.opt_out(by=request.user, purpose=purpose)
    messages.success(request, _("You have opted out. Nothing is recorded about you from this moment on."))
    return _back(purpose)


@requires("consents.opt_out", of=OptOut)
@require_POST
def lift(request: HttpRequest, row: OptOut) -> HttpResponse:
    optouts.lift(row.pk, by=request.user)
    if row.is_whole:
        messages.success(request, _("The opt-out has ended. Everything stays off until you switch it on."))
        return _back(row.purpose)
    if row.is_narrow:
        messages.success(
            request, _("The opt-out has ended. What you switched on is recorded there again from now on.")
        )
    else:
        messages.success(
            request, _("The opt-out has ended. This signal stays off until you switch it on yourself.")
        )
    return redirect("consents:opt_outs")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _signal_title(code: str) -> str:
    kind = catalogue.signals().get(code)
    return kind.title(get_language() or "en") if kind else code


def _why_invalid(row: Receipt) -> str:
    """Of a consent that was found not valid, in the words of the finding."""
    method = str(row.body["events"][0]["method"]) if row.kind == "invalid" else ""
    return str(rules.INVALID.get(method.removeprefix("not valid: "), ""))


@requires("consents.view", of=Receipt)
@never_cache
@in_their_zone
@require_safe
def receipt(request: HttpRequest, row: Receipt) -> HttpResponse:
    """What was said, on which words, and where that stands in the log."""
    proof = log.inclusion(row.entry_id)
    if request.GET.get("part") == "seal":
        return render(request, "consents/parts/seal.html", {"receipt": row, "proof": proof})
    events = ConsentEvent.objects.filter(pk__in=row.events, person=request.user)
    # A withdrawal shows no words of its own.
    language = (events[0].language if events else "") or spoken.wanted(request)
    number = row.body.get("erasure_order")
    order = ErasureOrder.objects.filter(number=number, person=request.user).first() if number else None
    return render(
        request, "consents/receipt.html",
        {
            "receipt": row, "why": _why_invalid(row), "proof": proof, "order": order, "purpose": row.purpose,
            "lines": [{"title": _signal_title(event.signal), "event": event} for event in events],
            "shown": offers.words(row.purpose, language, events[0].notice_version) if events else None,
            "language": words.language(row.body["notice"]["language"]) if row.body.get("notice") else "",
        },
    )  # fmt: skip
