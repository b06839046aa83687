"""Everything that stands here of a person's word, to take along: a page to read, a spreadsheet, and data for machines."""

import io
import json
import zipfile
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import get_language

from governance.consents import looked, said
from governance.consents.models import ConsentEvent, Objection, OptOut, Pause, Receipt
from governance.lib import clock
from governance.people.models import Person
from governance.purposes import words
from governance.purposes.models import NoticeText
from governance.retention.models import ErasureOrder


def texts(person: Person) -> "QuerySet[NoticeText]":
    """The exact words that were ever shown to this person when they answered, each once."""
    shown = ConsentEvent.objects.filter(person=person, notice_id__isnull=False).exclude(text_sha256="")
    return (
        NoticeText.objects.filter(
            sha256__in=shown.values("text_sha256"), notice__in=shown.values("notice_id")
        )
        .select_related("notice__purpose")
        .order_by("notice__purpose__ordinal", "notice__version", "language")
    )


def everything(person: Person) -> dict[str, Any]:
    """For machines; without a name: it holds the person's opaque id alone."""
    return {
        "person": str(person.pk),
        "made_at": clock.now().isoformat(),
        "said": [word.plain for word in said.by(person)],
        "notices": [
            {
                "purpose": text.notice.purpose.number, "version": text.notice.version, "language": text.language,
                "title": text.title, "parts": [{"heading": head, "text": part} for _code, head, part in text.parts], "sha256": text.sha256,
            }
            for text in texts(person)
        ],
        "receipts": [
            {"number": row.number, "kind": row.kind, "at": row.at.isoformat(), "body": row.body, "sha256": row.sha256, "jws": row.jws}
            for row in Receipt.objects.filter(person=person)
        ],
        "opt_outs": [_opt_out(row) for row in OptOut.objects.filter(person=person).select_related("purpose").order_by("at")],
        "pauses": [
            {"purpose": _number(row), "at": _at(row.at), "until": _at(row.until), "ended_at": _at(row.ended_at)}
            for row in Pause.objects.filter(person=person).select_related("purpose")
        ],
        "objections": [
            {
                "purpose": row.purpose.number, "at": _at(row.at), "reasons": row.reasons, "due_on": row.due_on.isoformat(),
                "decided_at": _at(row.decided_at), "upheld": row.upheld, "answer": row.answer,
            }
            for row in Objection.objects.filter(person=person).select_related("purpose").order_by("at")
        ],
        "erasure_orders": [
            {"number": row.number, "purpose": _number(row), "state": row.state, "raised_at": _at(row.created_at), "done_at": _at(row.done_at)}
            for row in ErasureOrder.objects.filter(person=person).select_related("purpose").order_by("created_at")
        ],
        **looked.plain(person),
    }  # fmt: skip


def _opt_out(row: OptOut) -> dict[str, Any]:
    return {
        "purpose": _number(row), "signal": row.signal, "application": row.application, "host": row.host, "weekdays": row.weekdays,
        "from": row.from_time.isoformat() if row.from_time else None, "until": row.until_time.isoformat() if row.until_time else None,
        "at": _at(row.at), "lifted_at": _at(row.lifted_at),
    }  # fmt: skip


def _number(row: Any) -> str:
    return row.purpose.number if row.purpose else ""


def _at(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def archive(person: Person) -> bytes:
    """A zip: read.html (nothing in it is fetched from anywhere), said.csv, everything.json."""
    story = said.by(person)
    page = render_to_string(
        "consents/keepsake.html",
        {
            "items": [
                {"word": word, "language": words.language(word.event.language) if word.event and word.event.language else ""}
                for word in story
            ],
            "texts": [{"text": text, "language": words.language(text.language)} for text in texts(person)],
            "receipts": Receipt.objects.filter(person=person).select_related("purpose"),
            "objections": Objection.objects.filter(person=person).select_related("purpose").order_by("at"),
            "made_at": clock.now(), "language": get_language() or "en",
        },
    )  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("read.html", page)
        files.writestr("said.csv", "\ufeff" + said.as_csv(story))
        files.writestr("everything.json", json.dumps(everything(person), ensure_ascii=False, indent=1))
    return out.getvalue()
