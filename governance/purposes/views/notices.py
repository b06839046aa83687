"""What people are told: the versions of a notice, from draft to published."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.lib import clock, languages, spoken
from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone
from governance.purposes import (
    activity,
    elements,
    forms,
    notice_facts,
    notice_shown,
    notices,
    rules_notice,
    words,
)
from governance.purposes.models import Notice, NoticeText, Purpose


@requires("purposes.edit", of=Purpose)
@require_POST
def new_notice(request: HttpRequest, row: Purpose) -> HttpResponse:
    """A draft that begins with the words of the newest version; an open draft is gone on with."""
    return redirect("purposes:notice", notices.new_version(row, by=request.user).pk)


@requires("purposes.view", of=Notice)
@in_their_zone
@require_safe
def notice(request: HttpRequest, row: Notice) -> HttpResponse:
    """One version: what every law and language still lacks, what the lint found, and the words as people see them (?lang=)."""
    on = clock.law_date(row.purpose.entity.timezone)
    facts = notice_facts.read(row, on)
    version = notice_facts.told(row)
    told = version.activity if version else activity.Activity(name=row.purpose.name)
    laws, beside = activity.laws(told), notice_facts.beside(row.purpose, told)
    shown = _shown(row, request.GET.get("lang") or spoken.wanted(request))
    published = row.published_at is not None
    tongues = notice_shown.tongues(row, facts)
    return render(
        request, "purposes/notice.html",
        {
            "notice": row, "purpose": row.purpose, "on": on, "shown": shown, "version": version, "published": published,
            "shown_facts": facts.texts.get(languages.canonical(shown.language)) if shown else None,
            "findings": notice_shown.findings(facts.texts.get(languages.canonical(shown.language))) if shown else [],
            "tongues": [one for one in tongues if one.counts], "others": [one for one in tongues if not one.counts],
            "columns": [{"tag": tag, "native": languages.native(tag)} for tag in notice_shown.columns(facts)],
            "matrix": notice_shown.matrix(facts, elements.asked(told, laws, beside), elements.of_the_whole(told, laws, beside), on),
            "stops": [] if published else list(rules_notice.what_stops(facts)),
            "why_not": "" if published else reason(rules_notice.check_publish, facts, request.user.pk),
            "follows": notice_shown.consequences(None if published else notice_facts.waiting(row.purpose), facts),
            "signals": _signals(shown, told),
            "may_edit": may(request.user, "purposes.edit", row) and not published,
            "may_publish": may(request.user, "purposes.publish", row) and not published,
            "add": forms.Language(there={text.language for text in row.texts.all()}, reader=words.reader()),
        },
    )  # fmt: skip


def _shown(row: Notice, wanted: str) -> NoticeText | None:
    """The text in this language, whatever its state; else the English; else any."""
    texts = {text.language: text for text in row.texts.all()}
    return texts.get(languages.best(wanted, texts) or "en") or next(iter(texts.values()), None)


def _signals(shown: NoticeText | None, told: activity.Activity) -> list[dict[str, str]]:
    """What stands beside each switch on a person's page, in the language of the text."""
    language = shown.language if shown else "en"
    said = shown.elements if shown else {}
    return [
        {"title": rules_notice.signal_title(item.code, language), "why": said.get(f"why_{item.code}", "") or item.why}
        for item in told.signals
    ]  # fmt: skip


@requires("purposes.edit", of=Notice)
@require_POST
def add_language(request: HttpRequest, row: Notice) -> HttpResponse:
    form = forms.Language(request.POST, there={text.language for text in row.texts.all()})
    if not form.is_valid():
        messages.warning(request, _("Choose one of the languages in the list."))
        return redirect("purposes:notice", row.pk)
    return redirect("purposes:text", row.pk, form.cleaned_data["language"])


@requires("purposes.publish", of=Notice)
@require_POST
def publish(request: HttpRequest, row: Notice) -> HttpResponse:
    """People are shown this version from now on; who has the older one open is told before they decide."""
    try:
        notices.publish(row, by=request.user, on=clock.law_date(row.purpose.entity.timezone))
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Published. From now on people are shown this version."))
    return redirect("purposes:notice", row.pk)
