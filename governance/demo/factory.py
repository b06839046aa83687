"""A factory line of the demo company: a task filmed with worn cameras, decided, told and started like everything else."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress

from governance.capture import deciding, handouts, programmes, rules_worn
from governance.capture.models import Device, HandOut, Programme
from governance.capture.terms import Application, Shift, Terms, Zone
from governance.consents import ledger
from governance.demo import notices as tellings
from governance.demo import papers
from governance.demo.company import BEGAN, Company
from governance.lib import clock
from governance.people import roles
from governance.people.models import Employment, Person, Site, Unit
from governance.purposes import activity, evidence, judging, lifecycle, notices, rules_papers, versions
from governance.purposes.models import Purpose
from governance.purposes.policy import packs
from governance.retention import systems

APPLICATION = "Line camera"
SIGNAL = "worn_clip"
SHIFTS = (
    Shift("early", (1, 2, 3, 4, 5, 6), "06:00", "14:00", adults_only=True),
    Shift("late", (1, 2, 3, 4, 5, 6), "14:00", "22:00", adults_only=True),
)
# The line of the demo never stands still, so that a camera can be handed out whenever somebody looks.
AROUND_THE_CLOCK = (
    Shift("early", (1, 2, 3, 4, 5, 6, 7), "06:00", "14:00", adults_only=True),
    Shift("late", (1, 2, 3, 4, 5, 6, 7), "14:00", "22:00", adults_only=True),
    Shift("night", (1, 2, 3, 4, 5, 6, 7), "22:00", "06:00", adults_only=True),
)
# Who can be signed in as, and what for.
SHOWN = {
    "sunil": "hands out cameras at the press line; manages nobody",
    "kavita": "press operator in Chakan; agreed to be filmed",
    "imran": "press operator in Chakan; was never asked",
}
WHY = "How hands and tools move when the tool of the press is changed can be seen, and cannot be counted. One filmed change shows what ten pages of words do not."
# What differs from the notice of the reimbursement programme, in the languages of the line.
TOLD = {
    "en": {
        "title": "Filming the change of a press tool with a worn camera",
        "purpose": "We want a software agent to show new colleagues how the tool of a press is changed. To learn the steps, it needs examples. That is the only purpose. What is filmed is never used to judge your work, your speed or your presence.",
        "data": "Filmed task: short clips of your hands and tools, at most five minutes each. You start and stop each clip yourself. Faces and screens are blurred in the camera before anything is sent. Sound is never recorded.",
        "uses": "A software agent inside the company that shows how a tool is changed. It is not sold and not used on customers.",
        "why_worn_clip": WHY,
    },
    "hi": {
        "title": "पहने हुए कैमरे से प्रेस का औज़ार बदलना फ़िल्माना",
        "purpose": "हम चाहते हैं कि एक सॉफ़्टवेयर एजेंट नए साथियों को दिखाए कि प्रेस का औज़ार कैसे बदलते हैं। चरण सीखने के लिए उसे उदाहरण चाहिए। यही एक उद्देश्य है। जो फ़िल्माया जाता है उससे आपके काम, गति या उपस्थिति को कभी नहीं आँका जाता।",
        "data": "फ़िल्माया गया काम: आपके हाथों और औज़ारों की छोटी क्लिप, हर एक ज़्यादा से ज़्यादा पाँच मिनट की। हर क्लिप आप ख़ुद शुरू और बंद करते हैं। भेजने से पहले कैमरे में ही चेहरे और स्क्रीन धुँधले कर दिए जाते हैं। आवाज़ कभी रिकॉर्ड नहीं होती।",
        "uses": "कंपनी के भीतर एक सॉफ़्टवेयर एजेंट जो दिखाता है कि औज़ार कैसे बदलते हैं। वह बेचा नहीं जाता और ग्राहकों पर इस्तेमाल नहीं होता।",
        "why_worn_clip": "प्रेस का औज़ार बदलते समय हाथ और औज़ार कैसे चलते हैं, यह देखा जा सकता है, गिना नहीं जा सकता।",
    },
    "ur": {
        "title": "پہنے ہوئے کیمرے سے پریس کا اوزار بدلنے کا کام فلمانا",
        "purpose": "ہم چاہتے ہیں کہ ایک سافٹ ویئر ایجنٹ نئے ساتھیوں کو دکھائے کہ پریس کا اوزار کیسے بدلا جاتا ہے۔ مرحلے سیکھنے کے لیے اسے مثالیں چاہئیں۔ یہی واحد مقصد ہے۔ جو فلمایا جاتا ہے اس سے آپ کے کام، رفتار یا حاضری کو کبھی نہیں جانچا جاتا۔",
        "data": "فلمایا گیا کام: آپ کے ہاتھوں اور اوزاروں کے چھوٹے کلپ، ہر ایک زیادہ سے زیادہ پانچ منٹ کا۔ ہر کلپ آپ خود شروع اور بند کرتے ہیں۔ کچھ بھی بھیجنے سے پہلے چہرے اور اسکرینیں کیمرے ہی میں دھندلے کر دیے جاتے ہیں۔ آواز کبھی ریکارڈ نہیں ہوتی۔",
        "uses": "کمپنی کے اندر ایک سافٹ ویئر ایجنٹ جو دکھاتا ہے کہ اوزار کیسے بدلا جاتا ہے۔ اسے بیچا نہیں جاتا اور گاہکوں پر استعمال نہیں کیا جاتا۔",
        "why_worn_clip": "پریس کا اوزار بدلتے وقت ہاتھ اور اوزار کیسے چلتے ہیں، یہ دیکھا جا سکتا ہے، گنا نہیں جا سکتا۔",
    },
}  # fmt: skip


@dataclass
class Line:
    """`key` of the client, shown this once. `steward` hands the cameras out."""

    purpose: Purpose
    programme: Programme
    cameras: list[Device]
    key: str
    site: Site
    steward: Person


def show(company: Company, on: date | None = None) -> tuple[Line, dict[str, Person]]:
    """The line at work: cameras are out, one came back, one operator agreed; a zone is barred, since an apprentice came.

    Returns the line and the people of SHOWN.
    """
    line = found(company, on=on, shifts=AROUND_THE_CLOCK, tool_store=True)
    line.programme.refresh_from_db()
    systems.connect_own(
        company.software, by=company.dev, purpose=line.purpose
    )  # as starting from a page does
    press = Unit.objects.get(entity=company.software, name="Press shop, Chakan")
    kavita = _worker(company, line, "N-1061", "Kavita Jagtap", "kavita", unit=press)
    imran = _worker(company, line, "N-1062", "Imran Shaikh", "imran", unit=press)
    _worker(company, line, "N-1063", "Tejas Londhe", "", unit=_tool_store(company), is_under_18=True)
    notice = line.purpose.published_notice()
    assert notice is not None
    ledger.give(line.purpose, [SIGNAL], by=kavita, notice=notice, language="en", method="portal")
    shift = _now(company)
    handouts.take_back(_hand(line, 0, imran, shift), by=line.steward)
    _hand(line, 0, kavita, shift)
    _hand(line, 1, imran, shift)
    return line, {"sunil": line.steward, "kavita": kavita, "imran": imran}


def _hand(line: Line, camera: int, person: Person, shift: str) -> HandOut:
    return handouts.hand_out(line.cameras[camera], person.number or "", shift, by=line.steward)


def _now(company: Company) -> str:
    """The shift that runs at this moment."""
    now = clock.now()
    spans = {
        shift.code: rules_worn.allotted(shift, now, company.software.timezone) for shift in AROUND_THE_CLOCK
    }
    return min((span.begins, code) for code, span in spans.items() if span is not None)[1]


def _worker(
    company: Company, line: Line, number: str, name: str, login: str, *, unit: Unit, is_under_18: bool = False
) -> Person:
    email = f"{login}@nirmaan.example" if login else None
    person = Person.objects.register(
        number=number, name=name, email=email, language="en", is_under_18=is_under_18
    )
    if email:
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    Employment.objects.create(
        person=person, entity=company.software, site=line.site, unit=unit, country="IN", manager=company.omar,
        starts_on=clock.law_date(company.software.timezone) if is_under_18 else BEGAN,
    )  # fmt: skip
    return person


def _tool_store(company: Company) -> Unit:
    return Unit.objects.get_or_create(entity=company.software, name="Tool store, Chakan")[0]


def found(
    company: Company, *, on: date | None = None, shifts: tuple[Shift, ...] = SHIFTS, tool_store: bool = False
) -> Line:
    """The line at Chakan: its purpose is in force and told, its programme runs, two cameras lie ready."""
    on = on or clock.law_date(company.software.timezone)
    site, _made = Site.objects.get_or_create(
        entity=company.software, name="Chakan", defaults={"country": "IN"}
    )
    steward = _steward(company, site)
    purpose = _purpose(company, on)
    zones: tuple[Zone, ...] = (Zone("press-2", site.pk, "Press line 2", adults_only=True),)
    if tool_store:  # each zone names who works in it, so that an apprentice in one bars that one
        press = Unit.objects.get_or_create(entity=company.software, name="Press shop, Chakan")[0]
        store = _tool_store(company).pk
        zones = (
            Zone("press-2", site.pk, "Press line 2", (press.pk,), adults_only=True),
            Zone("tool-store", site.pk, "Tool store", (store,), adults_only=True),
        )
    terms = Terms(
        applications=(Application(APPLICATION),), ends_on=on + timedelta(days=180), shifts=shifts, zones=zones
    )
    omar = company.omar
    programme = programmes.plan(
        purpose, "Tool change at the press, Chakan", applications=[], by=omar, owner=omar, terms=terms
    )
    deciding.assess(programme, by=omar)
    deciding.sign(programme, "advice", ADVICE, by=company.dev)
    deciding.sign(programme, "security", SECURITY, by=company.leon)
    programme = deciding.approve(programme, by=omar)
    client, key = programmes.give_key(programme, "Docking station", by=omar)
    cameras = [programmes.add_device(client, number, by=omar) for number in ("CAM-01", "CAM-02")]
    return Line(purpose, programmes.start(programme, by=omar), cameras, key, site, steward)


def _steward(company: Company, site: Site) -> Person:
    """Hands the cameras out and manages nobody."""
    person = Person.objects.register(
        number="N-1060", name="Sunil Gaikwad", email="sunil@nirmaan.example", language="en"
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    unit, _made = Unit.objects.get_or_create(entity=company.software, name="Chakan plant")
    Employment.objects.create(
        person=person, entity=company.software, site=site, unit=unit, country="IN", starts_on=BEGAN
    )
    roles.grant(person, "steward", company.software, by=Person.objects.get(pk=company.ira.pk))
    return Person.objects.get(pk=person.pk)


def _activity() -> activity.Activity:
    row = dict(tomllib.loads((Path(__file__).parent / "register.toml").read_text())["activity"][0])
    for word in ("key", "entities", "review_in_days"):
        row.pop(word)
    item = activity.Item(
        code=SIGNAL, name="Filmed task", category="BV", dpv="https://w3id.org/dpv/pd#Picture", sensitivity="S4",
        source="capture_client", captured=True, fields=("picture",), mode="demo", why=WHY,
        safeguards=("user_started", "redacted_on_device", "blurred", "bystanders_told"),
    )  # fmt: skip
    whole = activity.load(row)
    keeps = tuple(
        activity.Keep(**{**_said(keep), "category": "filmed tasks"})
        for keep in whole.keeps
        if keep.law == "IN"
    )
    return whole.but(
        name="Film the change of a press tool with worn cameras", function="operations", items=(item,), keeps=keeps, countries=("IN",),
        description="Clips of hands and tools, started and stopped by the person, in order to train a software agent on the steps.",
        objectives=("Learn the steps of a tool change",), uses="An internal software agent that shows how a tool is changed",
        people_note="Adults on the press line who agree; nobody under 18 works in its zone or shifts", basis_eu="",
        software=("Camera at the line", "Docking station"), ai_system="Tool change agent", datasets=("tool changes",),
        models=("tool-change-agent",), works_note="Consultation of 8 October 2026 (Pune and Chakan)",
    )  # fmt: skip


def _said(keep: activity.Keep) -> dict[str, object]:
    return {name: getattr(keep, name) for name in keep.__struct_fields__}


def _purpose(company: Company, on: date) -> Purpose:
    entered = versions.enter(
        company.software, _activity(), by=company.dev, owner=company.omar, review_on=on + timedelta(days=180)
    )
    version = versions.submit(entered.versions.get().pk, by=company.dev)
    versions.approve(version.pk, by=company.dara, on=on)
    purpose = Purpose.objects.select_related("entity").get(pk=entered.pk)
    papers.assess_items(purpose, on=on, by=company.omar)
    wanted = {m.kind for m in judging.judge(purpose, on).evaluation.missing} & set(
        rules_papers.fileable(packs.default())
    )
    filed = [
        evidence.Paper(
            kind, papers.pdf("DPIA-2026-07: worn cameras at the press", PAPER), f"DPIA-2026-07-{kind}.pdf",
            "Dev Kulkarni, data protection officer", min(date(2026, 10, 20), on), reference="DPIA-2026-07",
        )
        for kind in sorted(wanted | {"dpia"})
    ]  # fmt: skip
    evidence.file_all(purpose, filed, on=on, by=company.dev)
    _tell(purpose, company, on)
    return lifecycle.activate(
        Purpose.objects.select_related("entity").get(pk=purpose.pk), by=company.dev, on=on
    )


def _tell(purpose: Purpose, company: Company, on: date) -> None:
    """A published notice in the languages of the line."""
    texts = {
        tag: text for tag, text in tellings.texts(purpose.entity, only_reviewed=True).items() if tag in TOLD
    }
    for tag, text in texts.items():
        mine = dict(TOLD[tag])
        kept = {code: said for code, said in text["elements"].items() if not code.startswith("why_")}
        text |= {"title": mine.pop("title"), "elements": kept | mine}
    notice = notices.draft(purpose, texts, by=company.dev)
    for tag, text in texts.items():
        read_on = min(text["reviewed_on"], on)
        notices.review_text(notice, tag, reviewer=text["reviewed_by"], on=read_on, today=on, by=company.dara)
    notices.publish(notice, by=company.dara, on=on)


PAPER = [
    "Data protection impact assessment: filmed tool changes at the press line.",
    "Risks: bystanders, faces, screens; use for performance; young people at the site.",
    "Measures: short clips started by the person, blurring in the camera, no sound, zones and shifts, hand-out by a steward.",
    "Remaining risk: low. Approved.",
]
ADVICE = "In favour. Short clips that the person starts, blurred in the camera, in one zone without young people; bystanders are told."
SECURITY = "Looked at the docking station and its key: clips are sealed per person in chunks, permits run for minutes."
