"""Generated activities: everything that may stand in the register, with texts that try to be mistaken for something else."""

from datetime import date

from hypothesis import strategies as st

from governance.purposes import catalogue, lists
from governance.purposes.activity import Activity, Contact, Item, Keep, Recipient, SystemPart, problems

TRAPS = [
    "=1+1", "+44 20", "-5 °C", "@SUM(A1)", "'quoted", "''", "'=x", "\t=1", "Note:", "Note:\nNote:", "Employees", "employees; Contractors",
    "Consent", "Art. 6(1)(a)", "Legal obligation", "– an objective", "Makes possible: much", '{"uses": "x"}', '["a", "b"]', "[", "a;b",
    "Salary (PAY, S1)", "Salary [salary]", "Somebody (processor, IN)", "Name <name@nirmaan.example>", "Wages: at most 7 years; counted from collected; then erase",
    "The person", "The person: salary", "yes", "no", "–", "_x0041_", "_x000D_", "2026-04-01", "12", "1.0", "TRUE", "नाम", "اردو", "a,b", 'say "so"',
    "two\nlines", "two\n\n\nlines", "line\r\nline", "\x0bbell\x07", "a\u2028b", "  spaces  ", "\ufeffmark", "😀", "#REF!", "<b>bold</b>", "&amp;",
]  # fmt: skip
plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=20)
texts = st.one_of(
    st.just(""),
    st.sampled_from(TRAPS),
    st.lists(st.one_of(st.sampled_from(TRAPS), plain), min_size=1, max_size=3).map("\n".join),
    plain,
)
names = st.one_of(st.sampled_from([t for t in TRAPS if t.strip(" \t\n\r\x0b\x07")]), plain).filter(
    lambda t: t.strip()
)
entries = st.lists(st.one_of(names, st.just("")), max_size=3).map(tuple)
days = st.one_of(st.none(), st.dates(date(1800, 1, 1), date(2200, 1, 1)))
periods = st.one_of(
    st.just(""), st.builds(lambda n, u: f"P{n}{u}", st.integers(1, 9999), st.sampled_from("DMY"))
)
countries = st.sampled_from(["IN", "DE", "US", "GB", "SG", "FR"])
codes = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)
signals = [kind for kind in catalogue.signals().values() if not kind.never]


def one(name: str, *, empty: bool = True):
    return st.sampled_from([*([""] if empty else []), *lists.codes(name)])


def many(name: str):
    return st.lists(st.sampled_from(lists.codes(name)), max_size=3, unique=True).map(tuple)


@st.composite
def items(draw: st.DrawFn, n: int) -> Item:
    shared = {
        "name": draw(names), "category": draw(st.sampled_from(["", *lists.categories()])), "sensitivity": draw(one("sensitivity")),
        "dpv": draw(st.sampled_from(["", *sorted(lists.dpv_terms())[:20]])), "necessary": draw(st.booleans()), "why": draw(texts),
        "source": draw(one("source")), "mode": draw(one("mode")), "form": draw(one("form")), "uses": draw(many("use")),
        "origin": draw(one("origin")), "safeguards": draw(many("safeguard")),
    }  # fmt: skip
    if n < len(signals) and draw(st.booleans()):
        kind = signals[n]
        fields = draw(st.lists(st.sampled_from(kind.fields), unique=True, max_size=3))
        return Item(code=kind.code, captured=True, fields=tuple(fields), **shared)
    return Item(code=f"{draw(codes)[:36]}-{n}", **shared)


recipients = st.builds(
    Recipient, name=names, kind=one("recipient_kind"), country=st.one_of(st.just(""), countries), tool=one("tool"), assessed_on=days, note=texts,
)  # fmt: skip
keeps = st.builds(
    Keep, category=names, law=st.sampled_from(["", "IN", "EU", "DE"]), start_event=one("start_event"), minimum=periods, maximum=periods,
    action=one("action"), source=texts, applies_from=days,
).filter(lambda keep: not problems(Activity(name="x", keeps=(keep,))))  # fmt: skip
answers = st.sampled_from(["", "yes", "no"])


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    ground = draw(one("ground_in"))
    return Activity(
        name=draw(names), function=draw(one("function")), kind=draw(one("kind", empty=False)), description=draw(texts), objectives=draw(entries),
        uses=draw(texts), people=draw(many("people")), people_note=draw(texts), countries=tuple(draw(st.lists(countries, max_size=3))),
        laws=draw(many("law")), joint_controllers=tuple(draw(st.lists(st.builds(Contact, name=names, contact=texts), max_size=2))),
        items=tuple(draw(items(n)) for n in range(draw(st.integers(0, 4)))), recipients=tuple(draw(st.lists(recipients, max_size=3))),
        transfers_note=draw(texts), basis_eu=draw(one("basis_eu")), art9=draw(one("art9")), ground_in=ground,
        limb_in=draw(one("limb_in")) if ground == "s7i" else "", ground_note=draw(texts), interests=draw(texts), interests_link=draw(texts),
        rights_note=draw(texts), keeps=tuple(draw(st.lists(keeps, max_size=3))), retention_note=draw(texts), policy_link=draw(texts),
        policy_followed=draw(answers), policy_why_not=draw(texts), security=draw(many("security")), security_note=draw(texts),
        systems=tuple(SystemPart(code=draw(codes), parts=draw(entries)) for _ in range(draw(st.integers(0, 2)))), software=draw(entries),
        location=draw(texts), automated=draw(texts), art22=draw(one("art22")), effects=draw(many("effect")), ai_system=draw(texts),
        ai_role=draw(one("ai_role")), ai_class=draw(one("ai_class")), worker_notice_on=draw(days), training_allowed=draw(st.booleans()),
        datasets=draw(entries), models=draw(entries), dpia=draw(one("dpia")), dpia_link=draw(texts), works_note=draw(texts),
        circumstances=draw(many("circumstance")), contract_link=draw(texts), consent_link=draw(texts), breach=draw(answers),
        breach_link=draw(texts), schedule_1=draw(texts),
    )  # fmt: skip
