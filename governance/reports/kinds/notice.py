"""What people are told about a purpose, as a document that one keeps: one version, in one language, word for word."""

from typing import Any

from django.utils.translation import gettext as _

from governance.consents import offers
from governance.lib import languages
from governance.people.models import Entity
from governance.purposes.models import Notice, NoticeText
from governance.reports import words as say
from governance.reports.kinds.register import controller_lines
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.reports.words import Frame


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """About nobody: whom the notice tells may have it, and it is one document for all of them."""
    text = _text(scope)
    if text is None or text.notice.purpose.entity_id != entity.pk:
        return None
    notice = text.notice
    return Subject(
        f"{notice.purpose.number}, {notice.version}, {text.language}",
        tells=lambda person: offers.concerns(notice, person),
    )


def settled(scope: dict[str, str]) -> bool:
    return True


def _text(scope: dict[str, str]) -> NoticeText | None:
    """The published text that the scope names; none for a draft, or for words that nobody has reviewed."""
    notice = (
        Notice.objects.select_related("purpose__entity")
        .filter(pk=id_in(scope, "notice"), published_at__isnull=False)
        .first()
    )
    texts = offers.offered(notice) if notice else []
    return next((text for text in texts if text.language == scope.get("language")), None)


def facts(report: Report) -> dict[str, Any]:
    """The exact words with their fingerprint. Raises LookupError when they are not shown to anybody any more."""
    text = _text(report.scope)
    if text is None:
        raise LookupError("notice")
    notice, shown = text.notice, offers.Words(text.notice, text, text.language)
    parts = [{"code": code, "heading": heading, "text": said} for code, heading, said in text.parts]
    parts += [{"code": "why", "heading": title, "text": said} for title, said in shown.beside]
    return {
        "notice": {
            "id": notice.pk, "version": notice.version, "register_version": notice.purpose_version,
            "published_at": notice.published_at,
        },
        "purpose": {"id": notice.purpose_id, "number": notice.purpose.number, "asks_consent": notice.purpose.asks_consent},
        "text": {
            "language": text.language, "native": languages.native(text.language),
            "direction": languages.direction(text.language), "title": text.title, "parts": parts,
            "elements": text.elements, "sha256": text.sha256, "unchanged": text.compute_hash() == text.sha256,
            "reviewed_on": text.reviewed_on,
        },
        "texts": [{"language": one.language, "sha256": one.sha256} for one in offers.offered(notice)],
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    notice, text = content["notice"], content["text"]
    number = content["purpose"]["number"]
    name = say.language_name(text["language"])
    title = _("Notice %(number)s, version %(version)s") % {"number": number, "version": notice["version"]}
    return {
        "head": {"title": title, "kind": title, "prepared_for": ""},
        "number": number,
        "version": say.number(notice["version"]),
        "published": frame.moment(notice["published_at"]),
        "controller": controller_lines(frame.controller),
        "text": {key: text[key] for key in ("language", "direction", "title", "parts", "sha256")},
        "language": name if name == text["native"] else f"{name} ({text['native']})",
        "instead": say.instead(text["language"], frame.language),
        "unchanged": text["unchanged"],
        # Their fingerprints stand in the twin.
        "others": ", ".join(
            sorted(
                say.language_name(one["language"])
                for one in content["texts"]
                if one["language"] != text["language"]
            )
        ),
    }
