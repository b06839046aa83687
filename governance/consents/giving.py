"""A yes, in two statements: all that it depends on, read at once under the person's lock, and all that it leaves.

Everybody's yes goes this way: ledger.give for pages, desks and programs, and the short way of the API, which sends the
statements together. What is rare (something else is switched on already, an earlier yes waits to be renewed) shows in the
facts, and the ledger puts it in order first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import msgspec

from governance.audit import log
from governance.consents import populations, receipts, rules, running, streams
from governance.lib import clock, numbers
from governance.purposes.models import NoticeText

# One statement, one snapshot, after the lock. The numbers that it takes are given once, whatever comes of it.
READ = f"""
SELECT clock_timestamp(), p.is_under_18, u.id, u.number, u.name, u.version, u.state, u.asks_consent, u.jurisdictions,
    t.id, t.name, t.address, t.contact_email, t.timezone, ARRAY(SELECT s.code FROM purposes_signal s WHERE s.purpose_id = u.id),
    j.id, {running.ABOUT}, n.id, n.version,
    (SELECT jsonb_agg(jsonb_build_array(x.id, x.language, x.sha256, x.english_sha256, x.is_demo, x.reviewed_by, x.reviewed_on))
        FROM purposes_noticetext x WHERE x.notice_id = n.id AND x.language IN ('en', %(language)s)),
    ARRAY({populations.BARRED.format(person="p.id", purpose="u.id")}),
    ARRAY(SELECT r.number || '@' || r.terms_sha256 FROM consents_runningprogramme r WHERE r.purpose_id = u.id AND r.runs ORDER BY r.number),
    (SELECT min(k.maximum) FROM purposes_retentionrule k WHERE k.purpose_id = u.id AND k.ended_at IS NULL AND k.maximum <> ''),
    (SELECT jsonb_agg(jsonb_build_array(c.id, c.signal, c.status, c.ended_at IS NOT NULL, c.notice_id)
            ORDER BY c.ended_at NULLS LAST, c.number)
        FROM consents_consentrecord c WHERE c.person_id = p.id AND c.purpose_id = u.id AND c.signal = ANY(%(signals)s::varchar[])),
    EXISTS (SELECT 1 FROM consents_consentrecord c WHERE c.person_id = p.id AND c.purpose_id = u.id AND c.ended_at IS NULL
        AND c.status IN ('given', 'renewed')),
    EXISTS (SELECT 1 FROM consents_consentrecord c WHERE c.person_id = p.id AND c.purpose_id = u.id AND c.erase_on IS NOT NULL),
    EXISTS (SELECT 1 FROM consents_stream s WHERE s.person_id = p.id AND s.purpose_id = u.id AND s.state IN ('waiting', 'open')),
    ARRAY(SELECT nextval('number_c') FROM unnest(%(signals)s::varchar[])), nextval('number_r'), {log.NEXT}
FROM people_person p CROSS JOIN purposes_purpose u JOIN people_entity t ON t.id = u.entity_id
LEFT JOIN LATERAL (
    SELECT e.id, e.site_id, e.unit_id, e.country, e.employer FROM people_employment e
    WHERE e.person_id = p.id AND e.entity_id = u.entity_id
        AND e.starts_on <= (statement_timestamp() AT TIME ZONE t.timezone)::date
        AND (e.ends_on IS NULL OR e.ends_on >= (statement_timestamp() AT TIME ZONE t.timezone)::date)
    ORDER BY e.starts_on DESC LIMIT 1
) j ON TRUE
LEFT JOIN LATERAL (
    SELECT o.id, o.version FROM purposes_notice o WHERE o.purpose_id = u.id AND o.published_at IS NOT NULL ORDER BY o.version DESC LIMIT 1
) n ON TRUE
WHERE p.id = %(person)s AND u.id = %(purpose)s
"""  # noqa: S608  our own words

# `said`: one row a signal. A record that lives goes on; for the others a new one begins.
PARTS = f"""
WITH said AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(said)s::jsonb)
        AS x (record uuid, number text, begins boolean, before uuid, signal text, status text, event uuid, stream uuid)),
begun AS (
    INSERT INTO consents_consentrecord (id, number, person_id, purpose_id, signal, status, notice_id, given_at, expires_at, replaces_id,
        job_id, ended_because, purpose_version)
    SELECT record, number, %(person)s::uuid, %(purpose)s::uuid, signal, status, %(notice)s::uuid, %(at)s::timestamptz,
        %(expires_at)s::timestamptz, before, %(job)s::bigint, '', %(purpose_version)s::int
    FROM said WHERE begins),
gone_on AS (
    UPDATE consents_consentrecord r
    SET status = said.status, notice_id = %(notice)s::uuid, given_at = %(at)s::timestamptz, expires_at = %(expires_at)s::timestamptz,
        job_id = %(job)s::bigint, warned_at = NULL, purpose_version = %(purpose_version)s::int
    FROM said WHERE r.id = said.record AND NOT said.begins),
events AS (
    INSERT INTO consents_consentevent (id, record_id, person_id, purpose_id, signal, status, by_kind, by_id, method, notice_id,
        notice_version, language, text_sha256, purpose_version, programmes, evidence, provenance, at)
    SELECT event, record, %(person)s::uuid, %(purpose)s::uuid, signal, status, 'person', %(person)s::uuid, %(method)s, %(notice)s::uuid,
        %(notice_version)s::int, %(language)s, %(text_sha256)s, %(purpose_version)s::int, %(programmes)s::varchar[], %(evidence)s, '',
        %(at)s::timestamptz
    FROM said),
streams AS (
    INSERT INTO consents_stream (id, person_id, purpose_id, event_id, signal, month, expires_on, state)
    SELECT stream, %(person)s::uuid, %(purpose)s::uuid, event, signal, %(month)s::date, %(stream_ends)s::date, 'waiting' FROM said),
entry AS ({log.PUT})
"""  # noqa: S608  our own words
WRITE = PARTS + receipts.PUT


class Newest(msgspec.Struct, array_like=True):
    """The newest record of a signal, which is the living one if there is one."""

    id: UUID
    signal: str
    status: str
    ended: bool
    notice_id: UUID | None

    @property
    def is_on(self) -> bool:
        return not self.ended and self.status in rules.ENABLING

    def is_given_to(self, notice: UUID | None) -> bool:
        return self.is_on and self.notice_id == notice


class Text(msgspec.Struct, array_like=True):
    id: int
    language: str
    sha256: str
    english_sha256: str
    is_demo: bool
    reviewed_by: str
    reviewed_on: date | None

    @property
    def row(self) -> NoticeText:
        return NoticeText(**{name: getattr(self, name) for name in self.__struct_fields__})


TEXTS, RECORDS = msgspec.json.Decoder(list[Text]), msgspec.json.Decoder(list[Newest])


@dataclass(frozen=True, slots=True)
class Facts:
    """The row of READ."""

    at: datetime  # by the database's clock, under the lock
    under_18: bool
    purpose: receipts.Purpose
    state: str
    asks_consent: bool
    declared: frozenset[str]
    job: int | None
    about_them: bool  # a programme of it takes in that job, or none was ever started
    notice: UUID | None
    notice_version: int | None
    text: NoticeText | None  # of the published notice, in the language that was asked for
    text_is_usable: bool
    barred: frozenset[
        str
    ]  # signals to which a no for the people among whom they work stands; "": all of them
    programmes: list[str]
    retention: str
    newest: dict[str, Newest]
    something_on: bool
    something_to_renew: bool
    something_streams: bool
    numbers: list[int]
    receipt: str
    entry: int

    @property
    def is_plain(self) -> bool:
        """Nothing of this purpose has to be ended, renewed or closed before."""
        return not (self.something_on or self.something_to_renew or self.something_streams)


def asked(person: UUID, purpose: UUID, signals: Collection[str], language: str) -> dict[str, Any]:
    """The values of READ."""
    return {"person": person, "purpose": purpose, "signals": sorted(signals), "language": language}


def facts(row: Any, language: str) -> Facts:
    (
        at, under_18, pk, number, name, version, state, asks_consent, jurisdictions, entity, called, address, contact, zone, declared,
        job, about_them, notice, notice_version, texts, barred, programmes, retention, records, on, to_renew, streaming, taken, receipt, entry,
    ) = row  # fmt: skip
    by_language = {text.language: text.row for text in TEXTS.decode(texts)} if texts else {}
    text = by_language.get(language)
    controller = receipts.Controller(entity, called, address, contact, zone)
    return Facts(
        at, under_18, receipts.Purpose(pk, number, name, version, jurisdictions, controller), state, asks_consent, frozenset(declared),
        job, about_them, notice, notice_version, text, text is not None and text.is_usable(by_language.get("en")), frozenset(barred), programmes,
        retention or streams.DEFAULT_RETENTION, {one.signal: one for one in RECORDS.decode(records)} if records else {},
        on, to_renew, streaming, taken, numbers.written("R", at.year, receipt), entry,
    )  # fmt: skip


def check(
    now: Facts, wanted: frozenset[str], notice: UUID | None, language: str, *, unasked: bool = False
) -> None:
    """Raises Refused unless this person may say yes to these signals, on this notice, in this language.

    `unasked`: the yes comes from where the portal did not put the question, so whether it is about them is asked here.
    """
    if now.notice is not None and now.notice != notice:
        raise rules.Refused(
            rules._("The notice has changed since you opened the page. Read the new one, then decide."),
            code="stale_notice",
        )
    rules.check_give(
        rules.AskFacts(
            purpose_active=now.state == "active",
            rests_on_consent=now.asks_consent,
            employed_there=now.job is not None,
            about_them=now.about_them or not unasked,
            under_18=now.under_18,
            has_notice=now.notice is not None,
            language_shown=language,
            languages_published=frozenset({language} if now.text_is_usable else ()),
            signals_wanted=wanted,
            signals_declared=now.declared,
            barred=not now.barred.isdisjoint({"", *wanted}),
        )
    )


def said(
    now: Facts, wanted: frozenset[str], *, person: UUID, method: str, evidence: str = ""
) -> tuple[dict[str, Any], list[receipts.Word], receipts.Written]:  # fmt: skip
    """(the values of WRITE, the words, the receipt) of a yes that has been checked. Raises Refused when all is on already."""
    assert now.text is not None and now.notice is not None and now.notice_version is not None
    rows, words, of = [], [], now.purpose
    taken = iter(now.numbers)
    evidence = evidence or f"notice_text:{now.text.pk}"
    for code in sorted(wanted):
        newest = now.newest.get(code)
        record = newest if newest is not None and not newest.ended else None
        if record is not None and record.is_given_to(now.notice):
            continue  # two tabs: one truth
        new = "renewed" if record is not None and record.is_on else "given"
        rules.check_move(record.status if record else "", new, "person")
        pk = record.id if record is not None else uuid4()
        words.append(
            receipts.Word(
                uuid4(), pk, code, new, now.at, method, now.notice, now.notice_version, now.text.language, now.text.sha256, of.version,
                now.programmes, evidence,
            )
        )  # fmt: skip
        rows.append(
            {
                "record": pk, "number": numbers.written("C", now.at.year, next(taken)), "begins": record is None,
                "before": newest.id if newest is not None else None, "signal": code, "status": new, "event": words[-1].pk, "stream": uuid4(),
            }
        )  # fmt: skip
    if not words:
        raise rules.Refused(rules._("That is already switched on."), code="already_on")
    month = streams.month_of(now.at)
    ends = rules.expires(clock.law_date(of.entity.timezone))
    entry = log.values(
        now.entry, "consent.given", by=person, kind="purpose", about=of.pk, at=now.at, signals=sorted(wanted), events=[word.pk for word in words]
    )  # fmt: skip
    receipt = receipts.write(
        now.receipt, "given", words, entry=now.entry, person=person, purpose=of, at=now.at
    )
    values = {
        "said": msgspec.json.encode(rows).decode(), "person": person, "purpose": of.pk, "notice": now.notice,
        "notice_version": now.notice_version, "language": now.text.language, "text_sha256": now.text.sha256,
        "purpose_version": of.version, "programmes": now.programmes, "evidence": evidence, "method": method, "job": now.job,
        "at": now.at, "expires_at": datetime.combine(ends, time(), UTC), "month": month,
        "stream_ends": streams.ends(now.retention, month), **entry, **receipt.values,
    }  # fmt: skip
    return values, words, receipt
