"""What people are told: the versions of a notice, from draft to published."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import clock, packs
from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone
from governance.purposes import catalogue, forms, notices, rules, words
from governance.purposes.models import Notice, Purpose


@requires("purposes.edit", of=Purpose)
@require_POST
def new_notice(request: HttpRequest, row: Purpose) -> HttpResponse:
    """A draft that begins with the words of the newest version; an open draft is gone on with."""
    return redirect("purposes:notice", notices.new_version(row, by=request.user).pk)


@requires("purposes.view", of=Notice)
@in_their_zone
@require_safe
def notice(request: HttpRequest, row: Notice) -> HttpResponse:
    """One version in one language (?lang=), and what still keeps a draft from being published."""
    on = clock.law_date(row.purpose.entity.timezone)
    texts = list(row.texts.all())
    wanted = request.GET.get("lang") or get_language() or "en"
    shown = row.text_for(wanted) or (texts[0] if texts else None)
    return render(
        request, "purposes/notice.html",
        {
            "notice": row, "purpose": row.purpose, "shown": shown, "on": on,
            "texts": [{"text": text, "name": words.language(text.language)} for text in texts],
            "why_not": "" if row.published_at else reason(rules.check_publish, notices.notice_facts(row), on),
            "may_edit": may(request.user, "purposes.edit", row),
            "may_publish": may(request.user, "purposes.publish", row),
            "add": forms.Language(),
            "provisions": packs.load("laws").version,
        },
    )  # fmt: skip


@requires("purposes.edit", of=Notice)
@require_POST
def add_language(request: HttpRequest, row: Notice) -> HttpResponse:
    form = forms.Language(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Write a language code like ta, ur or de."))
        return redirect("purposes:notice", row.pk)
    return redirect("purposes:text", row.pk, form.cleaned_data["language"])


@requires("purposes.edit", of=Notice)
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, row: Notice, language: str) -> HttpResponse:
    """Write one text of a draft. A published one is not written any more: the page says so."""
    if forms.Language({"language": language}).is_valid() is False:
        raise Http404
    if why_not := reason(rules.check_write, row.published_at is not None):
        messages.warning(request, why_not)
        return redirect("purposes:notice", row.pk)
    on = clock.law_date(row.purpose.entity.timezone)
    kept = row.texts.filter(language=language).first()
    form = forms.Text(
        request.POST or None,
        text=kept,
        language=language,
        asked_by=catalogue.required_elements(row.purpose.jurisdictions, on),
    )
    if request.method == "POST" and form.is_valid():
        notices.write_text(
            row, language, title=form.cleaned_data["title"], elements=form.elements(), by=request.user,
            reviewed_by=form.cleaned_data["reviewed_by"], reviewed_on=form.cleaned_data["reviewed_on"],
        )  # fmt: skip
        messages.success(request, _("The text is kept in the draft."))
        return redirect("purposes:notice", row.pk)
    return render(
        request, "purposes/text.html",
        {"notice": row, "purpose": row.purpose, "form": form, "language": language, "language_name": words.language(language)},
    )  # fmt: skip


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
