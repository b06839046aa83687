"""Write one text of a notice beside the English, and enter who has read it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.lib import clock, languages
from governance.lib.access import requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone
from governance.purposes import (
    activity,
    catalogue,
    forms,
    notice_facts,
    notice_shown,
    notices,
    rules_notice,
)
from governance.purposes.models import Notice, NoticeText


@requires("purposes.edit", of=Notice)
@in_their_zone
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, row: Notice, language: str) -> HttpResponse:
    """One text of a draft. A published one is not written any more: the page says so."""
    if not (tag := languages.canonical(language)):
        raise Http404
    if why_not := reason(rules_notice.check_write, row.published_at is not None):
        messages.warning(request, why_not)
        return redirect("purposes:notice", row.pk)
    if tag != language:
        return redirect("purposes:text", row.pk, tag)
    page = Page(request, row, tag)
    form = page.form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            notices.write_text(
                row, tag, title=form.cleaned_data["title"], elements=form.elements(), seen=form.cleaned_data["seen"], by=request.user,
            )  # fmt: skip
        except notices.SomebodyElseWrote as refused:
            return page.render(page.form(_seen_now(request, refused.theirs)), theirs=refused.theirs)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The text is kept in the draft."))
            return redirect("purposes:notice", row.pk)
    return page.render(form)


def _seen_now(request: HttpRequest, theirs: NoticeText) -> Any:
    """What was typed, with the other's text as the one that was seen: keeping again is then a decision."""
    data = request.POST.copy()
    data["seen"] = theirs.sha256
    return data


@requires("purposes.edit", of=Notice)
@in_their_zone
@require_POST
def review(request: HttpRequest, row: Notice, language: str) -> HttpResponse:
    """Somebody else than its author has read this text. What was typed stays on the page when that is refused."""
    kept = row.texts.filter(language=language).first()
    if kept is None:
        raise Http404
    page = Page(request, row, language)
    form = forms.Review(request.POST, seen=kept.sha256, today=page.on)
    if form.is_valid():
        said = form.cleaned_data
        try:
            notices.review_text(
                row, language, reviewer=said["reviewer"], on=said["reviewed_on"], today=page.on, seen=said["seen"], by=request.user,
            )  # fmt: skip
        except notices.SomebodyElseWrote:
            form = forms.Review(_seen_now(request, kept), seen=kept.sha256, today=page.on)
            form.add_error(None, _("Somebody changed this text since it was read. Read it once more."))
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The review is recorded."))
            return redirect("purposes:notice", row.pk)
    return page.render(page.form(None), review=form)


class Page:
    """The editor of one text: the form, the English beside it and what of it has changed, the review."""

    def __init__(self, request: HttpRequest, row: Notice, tag: str) -> None:
        self.request, self.row, self.tag = request, row, tag
        self.on: date = clock.law_date(row.purpose.entity.timezone)
        self.facts = notice_facts.read(row, self.on)
        self.kept: NoticeText | None = row.texts.select_related("author").filter(language=tag).first()
        self.english = row.english if tag != "en" else None
        version = notice_facts.told(row)
        told = version.activity if version else activity.Activity(name=row.purpose.name)
        beside = self.kept.elements if self.kept else {}
        signals = [f"why_{item.code}" for item in told.signals]
        shown = [
            code
            for code in catalogue.ELEMENTS
            if code in self.facts.cites or beside.get(code) or self._in_english(code)
        ]
        self.parts = [*shown, *signals]

    def _in_english(self, code: str) -> bool:
        return bool(self.english and self.english.elements.get(code))

    def form(self, data: Any) -> forms.Text:
        return forms.Text(
            data,
            language=self.tag,
            parts=self.parts,
            cites=self.facts.cites,
            kept=self.kept,
            english=self.english.elements if self.english else {},
        )

    def render(
        self, form: forms.Text, *, theirs: NoticeText | None = None, review: forms.Review | None = None
    ) -> HttpResponse:
        tongue = next(
            (row for row in notice_shown.tongues(self.row, self.facts) if row.tag == self.tag), None
        )
        before = notice_facts.english_of(self.kept) if self.english and self.kept else None
        is_stale = bool(self.kept and self.english and self.kept.is_stale(self.english))
        return render(
            self.request, "purposes/text.html",
            {
                "notice": self.row, "purpose": self.row.purpose, "form": form, "language": self.tag, "kept": self.kept, "tongue": tongue,
                "native": languages.native(self.tag), "called": rules_notice.called(self.tag), "direction": languages.direction(self.tag),
                "rows": [self._row(form, name, before if is_stale else None, theirs) for name in ("title", *(f"element_{c}" for c in self.parts))],
                "theirs": theirs, "english": self.english, "is_stale": is_stale, "knows_before": before is not None,
                "findings": notice_shown.findings(self.facts.texts.get(self.tag)),
                "review": review or self._review(), "why_no_review": self._why_no_review(),
            },
        )  # fmt: skip

    def _row(
        self, form: forms.Text, name: str, before: NoticeText | None, theirs: NoticeText | None
    ) -> dict[str, Any]:
        field = form[name]
        mine = str(field.value() or "").replace("\r\n", "\n").strip()
        said = _said(theirs, name) if theirs else mine
        now, was = _said(self.english, name), _said(before, name)
        return {
            "field": field, "english": now, "changed": notice_shown.changes(was, now) if before and was != now else [],
            "theirs": notice_shown.changes(mine, said) if theirs and said.strip() != mine else [], "theirs_empty": not said.strip(),
        }  # fmt: skip

    def _review(self) -> forms.Review | None:
        return forms.Review(seen=self.kept.sha256, today=self.on) if self.kept else None

    def _why_no_review(self) -> str:
        """Why this reader cannot enter a review of the text as it stands; "" when they can."""
        if self.kept is None:
            return ""
        return reason(
            rules_notice.check_read,
            notices.review_facts(
                self.row, self.kept, by=self.request.user, reviewer="?", on=self.on, today=self.on
            ),
        )


def _said(text: NoticeText | None, name: str) -> str:
    if text is None:
        return ""
    return text.title if name == "title" else str(text.elements.get(name.removeprefix("element_"), ""))
