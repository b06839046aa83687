"""Versions of an entry: written as a draft, approved by a second person, kept for ever; nobody overwrites anybody."""

import threading
from typing import Any

import pytest
from django.db import Error, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.models import Entry
from governance.lib.refusals import Refused
from governance.purposes import editing, lifecycle, versions
from governance.purposes.activity import Activity, Item, Recipient, plain, problems
from governance.purposes.merging import merge
from governance.purposes.models import Notice, Purpose, PurposeVersion, RetentionRule
from tests.conftest import World, as_login
from tests.purposes.conftest import ATTENDANCE, Office, open_one


def refusal(code: str, verb: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        verb(*args, **more)
    assert refused.value.code == code, refused.value.sentence
    return refused.value.sentence


def test_an_entry_begins_as_a_draft_that_holds_nothing(office: Office) -> None:
    purpose = office.enter()
    assert (purpose.state, purpose.version, purpose.number) == ("draft", 0, "P-0001")
    assert purpose.name == "Attendance" and purpose.item_count == 1  # the list shows it
    assert not RetentionRule.objects.filter(purpose=purpose).exists()  # the sweep does not


def test_approval_puts_the_first_version_in_force(office: Office) -> None:
    purpose = office.hold()
    version = purpose.versions.get()
    assert (purpose.state, purpose.version, version.state) == ("approved", 1, "in_force")
    assert version.in_force_at and version.approved_by == office.dara == purpose.approved_by
    assert RetentionRule.objects.living().get(purpose=purpose).maximum == "P3Y"
    told = Entry.objects.filter(about_id=purpose.pk).order_by("id").values_list("code", flat=True)
    assert [code for code in told if code != "purpose.judged"][:4] == [
        "purpose.entered", "purpose.submitted", "purpose.approved", "purpose.version_in_force"
    ]  # fmt: skip


def test_a_draft_begins_with_the_words_in_force_and_touches_nothing(office: Office) -> None:
    purpose = office.hold()
    draft = office.say(purpose, name="Hours and attendance")
    purpose.refresh_from_db()
    assert (draft.number, draft.state, purpose.version, purpose.name) == (2, "draft", 1, "Attendance")
    assert versions.draft(purpose, by=office.dara) == draft  # one open version, gone on with


def test_nobody_approves_what_they_wrote_handed_in_or_edited(office: Office) -> None:
    purpose = office.enter()
    draft = open_one(purpose)
    versions.save(draft.pk, ATTENDANCE.but(function="it"), revision=draft.revision, by=office.dara)
    versions.submit(draft.pk, by=office.dev)
    for one in (office.dev, office.dara):
        assert "Ask another member of the DPO’s office" in refusal(
            "own_work", versions.approve, draft.pk, by=one
        )
    versions.approve(draft.pk, by=office.lata)  # which role may is the page's question, not the verb's
    assert Purpose.objects.get(pk=purpose.pk).version == 1


def test_who_approves_has_read_these_very_words(office: Office) -> None:
    purpose = office.enter()
    draft = versions.submit(open_one(purpose).pk, by=office.dev)
    seen = draft.sha256
    versions.send_back(draft.pk, because="The countries are missing.", by=office.dara)
    office.say(purpose, countries=("IN", "DE"))
    versions.submit(draft.pk, by=office.dev)
    assert "Read it again" in refusal(
        "changed_since_read", versions.approve, draft.pk, by=office.dara, seen=seen
    )


def test_a_version_in_review_is_not_edited(office: Office) -> None:
    purpose = office.enter()
    draft = versions.submit(open_one(purpose).pk, by=office.dev)
    refusal(
        "in_review", versions.save, draft.pk, ATTENDANCE.but(name="B"), revision=draft.revision, by=office.dev
    )


def test_what_says_the_same_is_not_handed_in(office: Office) -> None:
    purpose = office.hold()
    draft = versions.draft(purpose, by=office.dev)
    assert "give it up" in refusal("nothing_changed", versions.submit, draft.pk, by=office.dev)


def test_sending_back_takes_words_and_they_are_kept(office: Office) -> None:
    purpose = office.enter()
    draft = versions.submit(open_one(purpose).pk, by=office.dev)
    refusal("no_reason", versions.send_back, draft.pk, because="  ", by=office.dara)
    back = versions.send_back(draft.pk, because="Who gets it?", by=office.dara)
    purpose.refresh_from_db()
    assert (back.state, back.sent_back_because, purpose.state) == ("draft", "Who gets it?", "draft")


def test_a_cosmetic_change_holds_at_once_and_a_material_one_waits_for_its_notice(office: Office) -> None:
    purpose = office.hold()
    Notice.objects.create(purpose=purpose, version=1, published_at="2026-01-01T00:00Z")
    office.say(purpose, security=("access_control", "backup"))
    assert office.begin(purpose).version == 2
    draft = office.say(
        purpose,
        recipients=(Recipient(name="Payroll team"), Recipient(name="Insurer", kind="external", country="IN")),
    )
    assert [change["field"] for change in draft.material] == ["recipients"] and "13(1)(e)" in draft.material[
        0
    ]["cite"]
    purpose = office.begin(purpose)
    assert purpose.version == 2 and open_one(purpose).state == "approved"
    refusal("approved", versions.save, open_one(purpose).pk, ATTENDANCE, revision=1, by=office.dev)


def test_giving_a_draft_up_leaves_what_is_in_force(office: Office) -> None:
    purpose = office.enter()
    refusal("only_version", versions.discard, open_one(purpose).pk, by=office.dev)
    purpose = office.begin(purpose)
    draft = office.say(purpose, name="Other")
    versions.submit(draft.pk, by=office.dev)
    assert versions.discard(draft.pk, by=office.dev).state == "discarded"
    purpose.refresh_from_db()
    assert purpose.version == 1 and office.say(purpose, name="Third").number == 3


def test_the_second_who_saves_is_told_and_overwrites_nothing(office: Office) -> None:
    purpose = office.enter()
    draft = open_one(purpose)
    versions.save(draft.pk, ATTENDANCE.but(location="Pune"), revision=draft.revision, by=office.dev)
    with pytest.raises(versions.SomebodyElse) as clash, transaction.atomic():
        versions.save(draft.pk, ATTENDANCE.but(location="Nashik"), revision=draft.revision, by=office.dara)
    assert clash.value.theirs.activity.location == "Pune"
    assert open_one(purpose).activity.location == "Pune"


def test_saving_the_same_words_again_is_no_change(office: Office) -> None:
    draft = open_one(office.enter())
    assert (
        versions.save(draft.pk, ATTENDANCE, revision=draft.revision, by=office.dara).revision
        == draft.revision
    )


def test_what_cannot_stand_in_the_register_is_refused_with_its_place(office: Office) -> None:
    bad = ATTENDANCE.but(countries=("India",), recipients=(Recipient(name="X", processor="nobody"),))
    said = refusal("not_an_activity", versions.enter, office.software, bad, by=office.dev)
    assert "countries: “India” is no country code" in said and "“nobody” is not known" in said


@pytest.mark.parametrize("where", ["description", "items[0].why", "recipients[0].note"])
def test_a_text_that_no_cell_holds_is_refused_at_its_place(where: str) -> None:
    long = "x" * 30_001
    said = Activity(
        name="Pay", description=long if where == "description" else "", items=(Item(code="a", name="A", why=long if "items" in where else ""),),
        recipients=(Recipient(name="Bank", note=long if "recipients" in where else ""),),
    )  # fmt: skip
    assert [problem.path for problem in problems(said) if "longer" in str(problem.sentence)] == [where]


@pytest.mark.parametrize("login", ["web", "owner"])
@pytest.mark.parametrize(
    "change",
    [
        {"content": {"name": "Forged"}}, {"sha256": "0" * 64}, {"number": 7}, {"state": "draft"}, {"approved_by": None},
        {"approved_at": "2020-01-01T00:00Z"}, {"editors": []},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_an_approved_version_is_changed_by_no_login(
    office: Office, login: str, change: dict[str, Any]
) -> None:
    version = office.hold().versions.get()
    with pytest.raises(Error) as refused, transaction.atomic(), as_login(login):
        PurposeVersion.objects.filter(pk=version.pk).update(**change)
    assert "an approved version stays" in str(refused.value) or "check" in str(refused.value)


def test_an_approved_version_is_deleted_by_no_login(office: Office) -> None:
    version = office.hold().versions.get()
    for login in ("web", "owner"):
        with pytest.raises(Error), transaction.atomic(), as_login(login):
            PurposeVersion.objects.filter(pk=version.pk)._raw_delete("default")
    with as_login("web"):  # what follows from its life may still be written
        PurposeVersion.objects.filter(pk=version.pk).update(state="superseded")


def test_a_retired_purpose_is_written_no_more(office: Office) -> None:
    purpose = office.hold()
    draft = office.say(purpose, name="Other")
    lifecycle.retire(purpose, because="It is over.", by=office.omar)
    draft.refresh_from_db()
    assert draft.state == "discarded"
    refusal("wrong_transition", versions.draft, purpose, by=office.dev)
    fresh = office.enter()
    lifecycle.retire(fresh, because="Entered by mistake.", by=office.omar)
    refusal(
        "wrong_transition",
        versions.save,
        fresh.versions.get().pk,
        ATTENDANCE.but(name="B"),
        revision=1,
        by=office.dev,
    )
    refusal("wrong_transition", versions.submit, fresh.versions.get().pk, by=office.dev)


def test_the_number_of_an_entry_is_never_given_twice(office: Office) -> None:
    assert [office.enter().number for _ in range(3)] == ["P-0001", "P-0002", "P-0003"]


VALUES = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 3), min_size=5, max_size=5)


@given(VALUES, VALUES, VALUES)
def test_merging_loses_nobody_s_word(
    was: dict[str, int], mine: dict[str, int], theirs: dict[str, int]
) -> None:
    merged, clashes = merge(was, mine, theirs)
    named = {clash.field for clash in clashes}
    for field in was:
        if mine[field] == was[field]:
            assert merged[field] == theirs[field] and field not in named
        elif theirs[field] == was[field] or theirs[field] == mine[field]:
            assert merged[field] == mine[field] and field not in named
        else:
            assert field in named and merged[field] == mine[field]


def test_two_who_write_in_different_fields_are_both_kept(office: Office) -> None:
    purpose = office.hold()
    before = plain(ATTENDANCE)
    editing.save(
        purpose,
        editing.of_fields({"location": "", "software": []}, {"location": "Pune", "software": []}),
        by=office.dev,
    )
    editing.save(purpose, editing.of_fields({"name": before["name"]}, {"name": "Hours"}), by=office.dara)
    editing.save(
        purpose,
        editing.of_fields({"location": "", "software": []}, {"location": "", "software": ["Clock"]}),
        by=office.dara,
    )
    found = open_one(purpose).activity
    assert (found.location, found.name, found.software) == ("Pune", "Hours", ("Clock",))
    assert open_one(purpose).editors == [office.dev.pk, office.dara.pk]


def test_two_who_write_the_same_field_are_shown_both(office: Office) -> None:
    purpose = office.hold()
    editing.save(purpose, editing.of_fields({"location": ""}, {"location": "Pune"}), by=office.dev)
    with pytest.raises(editing.Clashing) as clash, transaction.atomic():
        editing.save(purpose, editing.of_fields({"location": ""}, {"location": "Nashik"}), by=office.dara)
    (one,) = clash.value.clashes
    assert (one.field, one.mine, one.theirs) == ("location", "Nashik", "Pune")
    assert open_one(purpose).activity.location == "Pune"


def test_items_are_merged_one_by_one(office: Office) -> None:
    purpose = office.hold()
    hours = plain(ATTENDANCE)["items"][0]
    leave = plain(ATTENDANCE.but(items=(Item(code="leave", name="Leave"),)))["items"][0]
    editing.save(
        purpose, editing.of_item("hours", hours, hours | {"why": "The law wants it."}), by=office.dev
    )
    editing.save(purpose, editing.of_item("leave", None, leave), by=office.dara)
    editing.save(purpose, editing.of_item("hours", hours, hours | {"sensitivity": "S2"}), by=office.dara)
    found = {item.code: item for item in open_one(purpose).activity.items}
    assert (found["hours"].why, found["hours"].sensitivity, found["leave"].name) == (
        "The law wants it.",
        "S2",
        "Leave",
    )
    refusal("item_exists", editing.save, purpose, editing.of_item("leave", None, leave), by=office.dev)
    with pytest.raises(editing.Clashing), transaction.atomic():  # removing what somebody just changed
        editing.save(purpose, editing.of_item("hours", hours, None), by=office.dara)
    editing.save(purpose, editing.of_item("leave", leave, None), by=office.dev)
    refusal(
        "item_removed",
        editing.save,
        purpose,
        editing.of_item("leave", leave, leave | {"why": "x"}),
        by=office.dara,
    )


def test_a_preview_writes_nothing(office: Office) -> None:
    purpose = office.hold()
    found = editing.preview(purpose, editing.of_fields({"uses": ""}, {"uses": "Pay slips"}))
    assert [(change.field, change.material) for change in found.changes] == [("uses", True)]
    assert purpose.versions.count() == 1 and not found.problems and not found.nothing_new


@pytest.mark.slow
def test_of_two_who_save_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    """Real logins, real transactions: forty pairs, each pair with the same revision in hand."""
    world.sign_in("web")
    cast = world.company()
    purpose = versions.enter(cast.software, Activity(name="Raced"), by=cast.dev)
    draft = open_one(purpose)
    for trial in range(40):
        revision = PurposeVersion.objects.get(pk=draft.pk).revision
        gate, told, won = threading.Barrier(2), [], []

        def write(
            word: str, by: Any, revision: int = revision, gate: Any = gate, told: Any = told, won: Any = won
        ) -> None:
            world.sign_in("web")
            try:
                gate.wait(10)
                versions.save(draft.pk, Activity(name="Raced", location=word), revision=revision, by=by)
                won.append(word)
            except versions.SomebodyElse as clash:
                told.append((word, clash.theirs.activity.location))
            finally:
                connections.close_all()

        pair = [
            threading.Thread(target=write, args=(f"{trial}-{who}", getattr(cast, who)))
            for who in ("dev", "dara")
        ]
        for one in pair:
            one.start()
        for one in pair:
            one.join(20)
        assert len(won) == len(told) == 1
        after = PurposeVersion.objects.get(pk=draft.pk)
        assert after.activity.location == won[0] == told[0][1] and after.revision == revision + 1
