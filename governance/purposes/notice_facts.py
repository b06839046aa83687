"""What stands in the notices of purposes, and who has to understand them: read for the pages, for publishing, for the rules engine."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Count

from governance.lib import clock, languages
from governance.people.models import Employment
from governance.purposes import elements, lint, rules_notice, words
from governance.purposes.activity import Activity, laws
from governance.purposes.models import Notice, NoticeText, Processor, Purpose, PurposeVersion
from governance.purposes.policy.facts import NoticeFacts

WAIVES, RESERVED, ELSEWHERE = "waiver", "reserved", "elsewhere"
People = dict[tuple[UUID, int | None, str, str], int]  # entity, unit, country, language → how many


def told(notice: Notice) -> PurposeVersion | None:
    """The version of the register that this notice tells of: its own once published, else the one that is to hold."""
    versions = notice.purpose.versions
    if notice.purpose_version:
        return versions.filter(number=notice.purpose_version).first()
    return waiting(notice.purpose) or notice.purpose.shown_version()


def waiting(purpose: Purpose) -> PurposeVersion | None:
    """An approved version that holds as soon as a notice of it is published."""
    return purpose.versions.filter(state="approved").first()


def beside(
    purpose: Purpose, activity: Activity, countries: Mapping[str, str] | None = None
) -> elements.Beside:
    """`countries`: code of a processor → its country, where the caller has read them already."""
    codes = {r.processor for r in activity.recipients if r.processor}
    if countries is None:
        countries = (
            dict(Processor.objects.filter(code__in=codes).values_list("code", "country")) if codes else {}
        )
    return elements.Beside(
        controller_country=purpose.entity.country,
        has_officer=bool(purpose.entity.dpo_name),
        countries=frozenset(countries[code] for code in codes if countries.get(code)),
    )


def speakers(entities: Iterable[UUID] | None = None) -> People:
    """Who works where and reads what, in one query: of these entities, or of the whole group."""
    jobs = Employment.objects.current().filter(person__is_active=True)
    if entities is not None:
        jobs = jobs.filter(entity_id__in=list(entities))
    counted = jobs.values_list("entity_id", "unit_id", "country", "person__language").annotate(n=Count("pk"))
    return {(entity, unit, country, language): n for entity, unit, country, language, n in counted.order_by()}


def people(purpose: Purpose, activity: Activity, spoken: People) -> dict[str, int]:
    """Language → how many of the people concerned read it. Only where people are asked: the others choose nothing."""
    if not activity.asks_consent:
        return {}
    found: dict[str, int] = {}
    for (entity, unit, country, language), n in spoken.items():
        here = entity == purpose.entity_id and purpose.unit_id in (None, unit)
        if here and (not activity.countries or country in activity.countries):
            tag = languages.canonical(language) or language
            found[tag] = found.get(tag, 0) + n
    for (
        tag
    ) in purpose.entity.languages:  # in which its people are told, whether or not somebody reads it today
        found.setdefault(tag, 0)
    return found


def text_facts(
    text: NoticeText, english: NoticeText | None, asked: Iterable[str], on: date
) -> rules_notice.TextFacts:
    return rules_notice.TextFacts(
        language=languages.canonical(text.language) or text.language,
        missing=tuple(code for code in asked if not str(text.elements.get(code, "")).strip()),
        is_reviewed=text.is_reviewed,
        is_demo=text.is_demo,
        is_stale=text.is_stale(english),
        findings=lint.findings(plain(text), on, plain(english) if english else None),
    )


def english_of(text: NoticeText) -> NoticeText | None:
    """The English words that this translation was made from, where a version of the notice kept them."""
    return NoticeText.objects.filter(
        notice__purpose=text.notice.purpose_id, language="en", sha256=text.english_sha256
    ).first()


def plain(text: NoticeText) -> lint.Text:
    return lint.Text.of(text.language, text.title, text.elements)


def read(notice: Notice, on: date, spoken: People | None = None) -> rules_notice.NoticeFacts:
    """All that decides whether this notice can be published."""
    purpose, version = notice.purpose, told(notice)
    activity = version.activity if version else Activity(name=purpose.name)
    asked = elements.asked(activity, laws(activity), beside(purpose, activity))
    english = notice.english
    texts = [text_facts(text, english, asked, on) for text in notice.texts.all()]
    spoken = speakers([purpose.entity_id]) if spoken is None else spoken
    return rules_notice.NoticeFacts(
        published=notice.published_at is not None,
        texts={text.language: text for text in texts},
        people=people(purpose, activity, spoken),
        cites={
            code: words.citations([(row.provision, row.part) for row in who], on)
            for code, who in asked.items()
        },
        author=(english.author_id if english else None) or notice.author_id,
    )


def notice_facts_for_rules(
    purpose: Purpose, activity: Activity | None = None, on: date | None = None
) -> NoticeFacts:
    """What the rules engine may know of what people are told: the newest published notice. Without one all is missing."""
    if activity is None:
        version = purpose.shown_version()
        activity = version.activity if version else Activity(name=purpose.name)
    return facts_for_rules([purpose], {purpose.pk: activity}, on)[purpose.pk]


def facts_for_rules(
    purposes: Iterable[Purpose], activities: Mapping[UUID, Activity], on: date | None = None,
    countries: Mapping[str, str] | None = None,
) -> dict[UUID, NoticeFacts]:  # fmt: skip
    """The same for many purposes at once, in three queries. `activities`: of each purpose, what it says now; `countries`:
    code of a processor → its country, where the caller has read them already."""
    purposes = list(purposes)
    if not any(activities[purpose.pk].asks_consent for purpose in purposes):
        return {purpose.pk: NoticeFacts() for purpose in purposes}
    notices = {notice.purpose_id: notice for notice in _newest_published(purposes)}
    asking = {p.entity_id for p in purposes if activities[p.pk].asks_consent}
    spoken = speakers(asking) if asking else {}
    if countries is None:
        countries = dict(Processor.objects.values_list("code", "country"))
    return {
        purpose.pk: _for_rules(
            purpose, activities[purpose.pk], notices.get(purpose.pk), spoken, countries, on or clock.law_date(purpose.entity.timezone)
        )
        for purpose in purposes
    }  # fmt: skip


def _newest_published(purposes: list[Purpose]) -> list[Notice]:
    """The notices that people are shown now, with their texts, in one query: none is published without a text."""
    published = Notice.objects.filter(
        purpose__in=[purpose.pk for purpose in purposes], published_at__isnull=False
    )
    newest = published.order_by("purpose_id", "-version").distinct("purpose_id").values("pk")
    texts: dict[Notice, list[NoticeText]] = {}
    for text in NoticeText.objects.filter(notice__in=newest).select_related("notice").order_by("language"):
        texts.setdefault(text.notice, []).append(text)
    for notice, own in texts.items():
        notice._prefetched_objects_cache = {"texts": own}  # type: ignore[attr-defined]
    return list(texts)


def _for_rules(
    purpose: Purpose,
    activity: Activity,
    notice: Notice | None,
    spoken: People,
    countries: Mapping[str, str],
    on: date,
) -> NoticeFacts:
    """`missing_elements` are the codes of what DPDP Rules r.3 and s.5, s.6(3) ask for (IN-09); the GDPR's keep a notice
    from being published at all."""
    if not activity.asks_consent:
        return NoticeFacts()
    asked = elements.asked(activity, ["IN"], beside(purpose, activity, countries))
    usable = notice.usable_texts() if notice else []
    english = notice.english if notice else None
    facts = [text_facts(text, english, asked, on) for text in usable]
    lacking = {code for text in facts for code in text.missing} if facts else set(asked)
    found = {finding.code for text in facts for finding in text.findings}
    return NoticeFacts(
        people_languages=frozenset({"en", *people(purpose, activity, spoken)}),
        approved_languages=frozenset(text.language for text in facts),
        missing_elements=frozenset(lacking),
        inside_other_document=ELSEWHERE in found,
        waives_a_right=WAIVES in found,
        names_us_a_registered_role=RESERVED in found,
    )
