"""The register written in the browser's forms: section by section, shown before it is saved, two people at once."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from governance.purposes import sections, versions
from governance.purposes.activity import FIELDS, Activity, Contact, Item, Keep, Recipient, SystemPart, plain
from governance.purposes.forms_activity import FORMS
from governance.purposes.forms_rows import ROWS, ItemForm
from governance.purposes.models import DataSystem, Purpose
from governance.purposes.views import entering
from tests.purposes.conftest import ATTENDANCE, Office, open_one
from tests.visits import visit, words

FULL = ATTENDANCE.but(
    objectives=("Pay", "Plan"), people_note="All", laws=("EU",), joint_controllers=(Contact(name="Staffing Ltd", contact="dpo@staffing.example"),),
    systems=(SystemPart(code="hr-db", parts=("hours", "hours.person")),), software=("Clock",), basis_eu="b", interests="", ai_class="minimal",
    worker_notice_on=date(2026, 11, 1), datasets=("a",), circumstances=("works_council",), breach="no", policy_followed="yes",
    keeps=(*ATTENDANCE.keeps, Keep(category="hours", law="EU", minimum="P1Y", maximum="P2Y", source="Works agreement")), effects=("pay",),
    description="Who was at work.\nAnd when.",
)  # fmt: skip


def sent(page: Any) -> dict[str, list[str]]:
    """What a browser would send back of the page's last form, unchanged."""
    html = re.findall(
        r'(?s)<form method="post"[^>]*>.*?</form>',
        re.sub(r"(?s)<(header|footer).*?</\1>", "", page.content.decode()),
    )[-1]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        kind, name = re.search(r'type="(\w+)"', tag), re.search(r'name="([^"]+)"', tag)
        if name is None or (kind and kind[1] in ("checkbox", "radio") and "checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found.setdefault(name[1], []).append(
            unescape(value[1]) if value else "on" if kind and kind[1] == "checkbox" else ""
        )
    for name, text in re.findall(r'(?s)<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', html):
        found.setdefault(name, []).append(unescape(text).replace("\n", "\r\n"))
    for name, options in re.findall(r'(?s)<select name="([^"]+)"[^>]*>(.*?)</select>', html):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found.setdefault(name, []).append(unescape(chosen[1]) if chosen else "")
    found.pop("csrfmiddlewaretoken", None)
    return found


@pytest.fixture
def full(office: Office) -> Purpose:
    DataSystem.objects.create(
        entity=office.software, code="hr-db", name="HR database", holds="Hours", country="IN"
    )
    return office.hold(FULL)


def test_every_field_stands_in_exactly_one_section_and_on_its_form() -> None:
    listed = [field for section in sections.SECTIONS for field in section.fields]
    assert sorted(listed) == sorted(FIELDS)
    for section in sections.SECTIONS:
        if section.code != "items":
            assert {*FORMS[section.code].base_fields, *(f for f in section.fields if f in ROWS)} == set(
                section.fields
            )
    parts = {"joint_controllers": Contact, "recipients": Recipient, "keeps": Keep, "systems": SystemPart}
    for field, form in ROWS.items():
        assert set(form.base_fields) == set(parts[field].__struct_fields__)
    assert {"fields" if f == "fields_kept" else f for f in ItemForm.base_fields} | {"captured"} == set(
        Item.__struct_fields__
    )


@pytest.mark.parametrize("code", [section.code for section in sections.SECTIONS if section.code != "items"])
def test_a_form_sent_back_as_it_came_changes_nothing(office: Office, full: Purpose, code: str) -> None:
    """Line ends, empty rows, days and ticks: what a browser sends of an untouched form is what stands there."""
    with visit(office.dev) as client:
        here = f"/register/{full.pk}/edit/{code}/"
        page = client.get(here)
        assert page.status_code == 200
        assert "Nothing was changed." in words(client.post(here, sent(page), follow=True))
    assert full.versions.count() == 1


def test_looking_begins_no_draft_and_saving_does(office: Office, full: Purpose) -> None:
    with visit(office.dara) as client:
        here = f"/register/{full.pk}/edit/security/"
        page = client.get(here)
        assert full.versions.count() == 1
        asked = client.post(
            here, sent(page) | {"security": ["access_control", "backup"], "security_note": "Doors"}
        )
        text = words(asked)
        assert "This is a cosmetic change" in text and "The notice and all consents stay as they are." in text
        assert full.versions.count() == 1  # shown, not saved
        assert "Kept in the draft of version 2." in words(
            client.post(here, sent(asked) | {"sure": "yes"}, follow=True)
        )
    draft = open_one(full)
    assert draft.activity == FULL.but(security=("access_control", "backup"), security_note="Doors")
    assert draft.author == office.dara and Purpose.objects.get(pk=full.pk).version == 1


def test_a_material_change_says_by_which_rule_and_what_follows(cast: Any) -> None:
    with visit(cast.dev) as client:
        here = f"/register/{cast.purpose.pk}/edit/recipients/"
        page = sent(client.get(here))
        last = int(page["recipients-TOTAL_FORMS"][0]) - 1
        asked = words(
            client.post(
                here, page | {f"recipients-{last}-name": "Auditors", f"recipients-{last}-kind": "external"}
            )
        )
    assert (
        "This is a material change" in asked
        and "Somebody new gets the data" in asked
        and "GDPR Art. 13(1)(e), (f)" in asked
    )
    assert "Earlier consents then count no more" in asked and "people are asked" in asked
    assert not any(person.name in asked for person in (cast.asha, cast.bela))


def test_a_new_entry_needs_no_confirmation(office: Office) -> None:
    """Nothing is in force yet, so nothing can be a material change of it."""
    purpose = office.enter()
    with visit(office.dev) as client:
        here = f"/register/{purpose.pk}/edit/people/"
        form = sent(client.get(here)) | {"people": ["employees", "interns"], "countries": "in, de"}
        assert "Kept in the draft of version 1." in words(client.post(here, form, follow=True))
    assert open_one(purpose).activity.countries == ("IN", "DE")


def test_rows_are_added_changed_and_removed_without_a_script(office: Office, full: Purpose) -> None:
    with visit(office.dev) as client:
        here = f"/register/{full.pk}/edit/retention/"
        form = sent(client.get(here)) | {"keeps-0-maximum": "P30D", "keeps-1-DELETE": "on"}
        form |= {
            "keeps-2-category": "photos",
            "keeps-2-law": "IN",
            "keeps-2-maximum": "p7d",
            "then": "another",
        }
        done = client.post(here, sent(client.post(here, form)) | {"sure": "yes"})
        assert done["Location"] == f"{here}#add"
    kept = open_one(full).activity.keeps
    assert [(k.category, k.law, k.maximum) for k in kept] == [
        ("hours", "IN", "P30D"),
        ("photos", "IN", "P7D"),
    ]


@pytest.mark.parametrize(
    ("section", "change", "says"),
    [
        ("about", {"name": ""}, "This field is required"),
        ("people", {"countries": "India"}, "“INDIA” is no country code"),
        ("retention", {"keeps-0-maximum": "one year"}, "is no period. Write P30D, P12M or P7Y."),
        ("retention", {"keeps-2-category": "hours", "keeps-2-law": "IN", "keeps-2-start_event": "collected"}, "There are two periods for “hours” under one law."),
        ("machines", {"worker_notice_on": "soon"}, "Write a day as year-month-day"),
        ("grounds", {"limb_in": "loss", "ground_in": "s6"}, "Only DPDP s.7(i) has this choice."),
        ("recipients", {"recipients-0-country": "Germany"}, "is no country code"),
        ("grounds", {"basis_eu": "z"}, "Select a valid choice"),
        ("retention", {"keeps-TOTAL_FORMS": "9999"}, "at most 200 forms"),
        ("retention", {"keeps-TOTAL_FORMS": "x"}, "ManagementForm"),
    ],
)  # fmt: skip
def test_bad_input_is_told_at_its_field_and_loses_nothing(
    office: Office, full: Purpose, section: str, change: dict[str, str], says: str
) -> None:
    with visit(office.dev) as client:
        here = f"/register/{full.pk}/edit/{section}/"
        page = client.post(here, sent(client.get(here)) | change)
    assert page.status_code == 200 and says in words(page), words(page)
    assert full.versions.count() == 1
    for value in change.values():
        assert (
            value in page.content.decode()
            or section == "grounds"
            or not value
            or "TOTAL" in next(iter(change))
        )


def test_a_forged_beginning_is_not_believed(office: Office, full: Purpose) -> None:
    with visit(office.dev) as client:
        here = f"/register/{full.pk}/edit/systems/"
        page = client.post(here, sent(client.get(here)) | {"began": "forged", "location": "Moon"})
    assert "too old to be read" in words(page) and full.versions.count() == 1


def test_two_editors_of_different_fields_are_put_together_by_themselves(
    office: Office, full: Purpose
) -> None:
    here = f"/register/{full.pk}/edit/systems/"
    with visit(office.dev) as client:
        mine = sent(client.get(here))
    with visit(office.dara) as client:
        client.post(here, sent(client.get(here)) | {"software": "Clock\r\nGate", "sure": "yes"})
    with visit(office.dev) as client:
        assert "Kept in the draft" in words(
            client.post(here, mine | {"location": "Pune", "sure": "yes"}, follow=True)
        )
    found = open_one(full).activity
    assert (found.location, found.software) == ("Pune", ("Clock", "Gate"))


def test_the_second_editor_of_a_field_sees_both_and_loses_nothing(office: Office, full: Purpose) -> None:
    here = f"/register/{full.pk}/edit/systems/"
    with visit(office.dev) as client:
        mine = sent(client.get(here))
    with visit(office.dara) as client:
        client.post(here, sent(client.get(here)) | {"location": "Nashik", "software": "Gate", "sure": "yes"})
    with visit(office.dev) as client:
        page = client.post(here, mine | {"location": "Pune", "sure": "yes"})
        assert page.status_code == 409
        text = words(page)
        assert (
            "You wrote Pune" in text
            and "They wrote Nashik" in text
            and "Somebody else changed the same" in text
        )
        assert open_one(full).activity.location == "Nashik"
        form = sent(page)
        assert form["location"] == ["Pune"] and form["software"] == ["Gate"]  # theirs where I wrote nothing
        client.post(here, form | {"sure": "yes"})
        assert open_one(full).activity.location == "Pune" and open_one(full).activity.software == ("Gate",)
        client.post(
            here, sent(page) | {"theirs": ["location"], "sure": "yes"}
        )  # too late: the same page once more
    assert open_one(full).activity.location == "Pune"


def test_theirs_may_stay(office: Office, full: Purpose) -> None:
    here = f"/register/{full.pk}/edit/systems/"
    with visit(office.dev) as client:
        mine = sent(client.get(here))
    with visit(office.dara) as client:
        client.post(here, sent(client.get(here)) | {"location": "Nashik", "sure": "yes"})
    with visit(office.dev) as client:
        page = client.post(here, mine | {"location": "Pune", "software": "Gate", "sure": "yes"})
        client.post(here, sent(page) | {"theirs": ["location"], "sure": "yes"})
    found = open_one(full).activity
    assert (found.location, found.software) == ("Nashik", ("Gate",))


def test_a_signal_is_chosen_from_the_catalogue_with_its_fields_as_ticks(office: Office) -> None:
    purpose = office.enter()
    with visit(office.dev) as client:
        page = client.get(f"/register/{purpose.pk}/edit/items/")
        assert "Clicks and form steps" in words(page) and "Typed text" not in words(
            page
        )  # never recorded, never offered
        add = f"/register/{purpose.pk}/edit/items/add/"
        assert client.get(f"{add}?signal=typed_text").status_code == 404
        form = sent(client.get(f"{add}?signal=ui_event"))
        assert (
            form["name"] == ["Clicks and form steps"] and "fields_kept" not in form
        )  # nothing is ticked for anybody
        client.post(f"{add}?signal=ui_event", form | {"fields_kept": ["role"], "why": "To learn the steps."})
        assert "Clicks and form steps" in words(client.get(f"/register/{purpose.pk}/edit/items/"))
    item = open_one(purpose).activity.item("ui_event")
    assert (
        item
        and item.captured
        and item.fields == ("role",)
        and item.category == "CL"
        and item.source == "capture_client"
    )


def test_an_item_is_added_changed_and_removed(office: Office) -> None:
    purpose = office.enter()
    here = f"/register/{purpose.pk}/edit/items"
    with visit(office.dev) as client:
        form = sent(client.get(f"{here}/add/")) | {"name": "Bank account", "dpv": "nonsense"}
        assert "is no term of DPV 2.3" in words(client.post(f"{here}/add/", form))
        client.post(f"{here}/add/", form | {"dpv": "FinancialAccountNumber"})
        item = open_one(purpose).activity.item("bank-account")
        assert item and item.dpv == "https://w3id.org/dpv/pd#FinancialAccountNumber" and not item.captured
        assert "There is a data item “bank-account” already." in words(
            client.post(f"{here}/add/", form | {"dpv": ""})
        )
        form = sent(client.get(f"{here}/bank-account/"))
        client.post(f"{here}/bank-account/", form | {"sensitivity": "S3", "why": "Salaries are paid there."})
        assert open_one(purpose).activity.item("bank-account").sensitivity == "S3"  # type: ignore[union-attr]
        client.post(f"{here}/bank-account/", sent(client.get(f"{here}/bank-account/")) | {"remove": "1"})
        assert client.get(f"{here}/bank-account/").status_code == 404
    assert [item.code for item in open_one(purpose).activity.items] == ["hours"]


def test_two_editors_of_one_item_are_shown_the_part_that_clashes(office: Office) -> None:
    purpose = office.enter()
    here = f"/register/{purpose.pk}/edit/items/hours/"
    with visit(office.dev) as client:
        mine = sent(client.get(here))
    with visit(office.dara) as client:
        client.post(here, sent(client.get(here)) | {"why": "A law asks for it.", "sensitivity": "S2"})
    with visit(office.dev) as client:
        page = client.post(here, mine | {"why": "Overtime."})
        assert page.status_code == 409 and "You wrote Overtime. They wrote A law asks for it." in words(page)
        client.post(here, sent(page))
    item = open_one(purpose).activity.item("hours")
    assert item and (item.why, item.sensitivity) == ("Overtime.", "S2")


def test_nothing_is_written_while_it_is_in_review(office: Office) -> None:
    purpose = office.enter()
    with visit(office.dev) as client:
        here = f"/register/{purpose.pk}/edit/about/"
        form = sent(client.get(here))
        versions.submit(open_one(purpose).pk, by=office.dev)
        said = words(client.post(here, form | {"name": "Other"}, follow=True))
        assert "This draft is in review. Have it sent back before you change it." in said
        assert "in review" in words(client.get(f"/register/{purpose.pk}/edit/"))
    assert open_one(purpose).activity.name == "Attendance"


def test_only_who_may_edit_writes(office: Office) -> None:
    mine, other = office.enter(), office.enter(owner=None)
    for reader in (office.arun, office.lata, office.rupa, office.ira, office.bela):
        with visit(reader) as client:
            assert client.get(f"/register/{mine.pk}/edit/").status_code == 404
            assert client.post(f"/register/{mine.pk}/edit/about/", {"name": "X"}).status_code == 404
    with visit(office.omar) as client:  # an owner writes in what they answer for
        assert client.get(f"/register/{mine.pk}/edit/about/").status_code == 200
        assert client.get(f"/register/{other.pk}/edit/about/").status_code == 404


def test_a_new_activity_enters_as_a_draft_and_leads_to_its_sections(office: Office) -> None:
    with visit(office.dev) as client:
        form = sent(client.get("/register/new/")) | {
            "place": "NSP",
            "name": "Parking",
            "owner": "N-1010",
            "review_on": "2035-01-01",
        }
        assert "Only a programme owner of this entity" in words(
            client.post("/register/new/", form | {"owner": "N-1030"})
        )
        assert "Nobody has this staff number" in words(client.post("/register/new/", form | {"owner": "N-9"}))
        assert "is past. Choose a later day" in words(
            client.post("/register/new/", form | {"review_on": "2020-01-01"})
        )
        assert not Purpose.objects.exists()
        page = client.post("/register/new/", form, follow=True)
    purpose = Purpose.objects.get()
    assert page.redirect_chain[-1][0] == f"/register/{purpose.pk}/edit/" and "People concerned" in words(page)
    assert (purpose.owner, purpose.state, purpose.name) == (office.omar, "draft", "Parking")


def test_an_owner_enters_only_what_is_theirs(office: Office) -> None:
    with visit(office.omar) as client:
        page = client.get("/register/new/")
        assert "Staff number of the accountable owner" not in words(page)
        client.post("/register/new/", sent(page) | {"name": "My tool"})
    assert Purpose.objects.get().owner == office.omar
    places, own = entering.places(office.dev)
    assert not own and {"NSP", "NG"} <= set(places) and any("/" in key for key in places)


def test_markup_in_words_is_shown_as_words(office: Office) -> None:
    bad = "<script>alert(1)</script>"
    purpose = office.hold(
        Activity(
            name=bad,
            description=bad,
            items=(Item(code="a", name=bad, why=bad),),
            recipients=(Recipient(name=bad),),
        )
    )
    office.say(purpose, description=bad + "!", ai_class="minimal")
    with visit(office.dev) as client:
        for path in ("", "edit/", "edit/about/", "edit/items/", "versions/2/", "compare/", "give-up/"):
            html = client.get(f"/register/{purpose.pk}/{path}").content.decode()
            assert "<script>alert" not in html and "&lt;script&gt;" in html, path


def test_what_is_kept_is_what_was_written(office: Office, full: Purpose) -> None:
    assert plain(full.shown_version().activity) == plain(FULL)  # type: ignore[union-attr]
