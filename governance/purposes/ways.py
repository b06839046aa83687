"""The way out of a HOLD: what is missing, which rule asks for it, and the page on which it is put right."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.purposes import catalogue, verdict_words, words
from governance.purposes.judgement import Judgement
from governance.purposes.models import Notice, Purpose
from governance.purposes.policy import Outcome, packs
from governance.purposes.policy.evaluation import Fired, Missing

# Where in the entry of the register something is written that no paper proves.
SECTION = {
    "legal_basis": "grounds", "art9_condition": "grounds", "client_law": "people", "data_category": "items",
    "processor_contract": "recipients", "transfer_tool": "recipients",
}  # fmt: skip
GATE_SECTION = {"G7": "circumstances", "G8": "circumstances"}


@dataclass(frozen=True)
class Way:
    """One thing that is missing. `stops`: without it the purpose, or one item, does not run."""

    what: str
    why: str
    cite: str
    url: str
    link: str
    stops: bool


def edit_url(purpose: Purpose, section: str) -> str:
    """The form of this section of the entry (sections.py)."""
    return reverse("purposes:section", args=[purpose.pk, section])


def out(purpose: Purpose, judged: Judgement) -> list[Way]:
    """Everything missing under all laws, what stops first; each named once, however many rules ask for it."""
    said = judged.evaluation
    fired: dict[str, list[Fired]] = {}
    for row in said.fired:
        fired.setdefault(row.rule_id, []).append(row)
    found: dict[tuple[str, str], Way] = {}
    elements = list(dict.fromkeys(m.detail for m in said.missing if m.kind == "notice_element"))
    asks_for_words = any(missing.kind.startswith("notice_") for missing in said.missing)
    draft = _open_draft(purpose) if asks_for_words else None
    for missing in said.missing:
        rows = fired.get(missing.rule_id)
        if not rows:
            continue
        why = _condition(missing.detail) or rows[0].sentence
        for key, what, url, link in _ways(purpose, judged, missing, rows, elements, draft):
            stops = any(row.outcome is not None and row.outcome >= Outcome.HOLD for row in rows)
            way = Way(what, why, _cite(rows[0]), url, link, stops)
            if key not in found or (stops and not found[key].stops):
                found[key] = way
    for row in said.fired:
        if row.rule_id.startswith("NO-"):
            section = "people" if row.rule_id == "NO-COUNTRY" else "items" if row.signal else "grounds"
            what = _item(judged, row.signal) or _("The entry")
            way = Way(
                what,
                row.sentence,
                row.law and words.law(row.law),
                edit_url(purpose, section),
                _("Look at the entry"),
                True,
            )
            found.setdefault((row.rule_id, row.law + row.signal), way)
    return sorted(found.values(), key=lambda way: not way.stops)


def _ways(
    purpose: Purpose,
    judged: Judgement,
    missing: Missing,
    rows: list[Fired],
    elements: list[str],
    draft: Notice | None,
) -> Iterator[tuple[tuple[str, str], str, str, str]]:
    """(what makes it one thing, words, address, words of the link)."""
    kind, detail = missing.kind, missing.detail
    if kind == "item_assessment":
        for code in dict.fromkeys(row.signal for row in rows if row.signal):
            what = _("Value assessment: %(item)s") % {"item": _item(judged, code)}
            yield (
                (kind, code),
                what,
                reverse("purposes:assess", args=[purpose.pk, code]),
                _("Write the assessment"),
            )
    elif kind == "notice_text":
        what = _("Notice in %(language)s, read by a second person") % {"language": words.language(detail)}
        yield (kind, detail), what, _notice_url(purpose, draft, detail), _("Write the notice")
    elif kind == "notice_element":
        language = get_language() or "en"
        listed = ", ".join(catalogue.heading(code, language) for code in elements)
        what = _("In the notice: %(parts)s") % {"parts": listed}
        yield (kind, ""), what, _notice_url(purpose, draft, "en"), _("Write the notice")
    elif kind == "":
        what = _("How consent is asked for (%(condition)s)") % {"condition": detail}
        yield (
            (detail, ""),
            what,
            edit_url(purpose, GATE_SECTION.get(detail, "circumstances")),
            _("Change the circumstances"),
        )
    elif kind in SECTION:
        links = {
            "processor_contract": _("Look at the recipients"),
            "transfer_tool": _("Look at the recipients"),
        }
        yield (
            (kind, ""),
            verdict_words.paper(kind),
            edit_url(purpose, SECTION[kind]),
            links.get(kind, _("Change the entry")),
        )
    else:
        what = verdict_words.paper(kind)
        if " / " in detail:  # one of several national acts is enough
            country, _sep, acts = detail.partition(": ")
            what = f"{country}: " + _(" or ").join(verdict_words.paper(act) for act in acts.split(" / "))
        url = f"{reverse('purposes:file_evidence', args=[purpose.pk])}?kind={kind}"
        yield (kind, ""), what, url, _("File this paper")


def _condition(detail: str) -> str:
    """What a condition of the gate G1–G10 asks for, in the reader's language as far as the pack has it."""
    said = next((dict(c.sentences) for c in packs.default().gate if c.id == detail), {})
    return said.get((get_language() or "en").split("-")[0]) or said.get("en", "")


def _item(judged: Judgement, code: str) -> str:
    item = judged.activity.item(code) if code else None
    return item.name if item else code


def _open_draft(purpose: Purpose) -> Notice | None:
    return purpose.notices.filter(published_at__isnull=True).order_by("-version").first()


def _notice_url(purpose: Purpose, draft: Notice | None, language: str) -> str:
    """The text in the open draft; without one, the place where a draft is begun."""
    if draft is not None:
        return reverse("purposes:text", args=[draft.pk, language])
    return reverse("purposes:purpose", args=[purpose.pk]) + "#notices"


def _cite(row: Fired) -> str:
    return f"{row.rule_id}, {row.cite}"
