"""Four eyes in the browser: handed in, sent back with words, approved by another, compared field by field."""

from typing import Any

from governance.purposes import versions
from governance.purposes.activity import Item, Keep, Recipient
from governance.purposes.models import Notice, Purpose
from tests.purposes.conftest import ATTENDANCE, Office, open_one
from tests.purposes.test_editing import sent
from tests.visits import visit, words


def at(purpose: Purpose, path: str = "") -> str:
    return f"/register/{purpose.pk}/{path}"


def test_an_entry_goes_from_draft_to_approved(office: Office) -> None:
    purpose = office.enter()
    with visit(office.dev) as client:
        page = words(client.get(at(purpose)))
        assert "Version 1 is being written. Nothing of it holds yet." in page and "Hand in for review" in page
        assert "Version 1 waits for review." in words(client.post(at(purpose, "submit/"), follow=True))
        page = client.get(at(purpose))  # the author sees the button greyed, with its reason
        assert "You cannot approve what you wrote yourself. Ask another member" in words(page)
        assert 'aria-disabled="true"' in page.content.decode()
        client.post(at(purpose, "approve/"), {"seen": open_one(purpose).sha256})
        assert open_one(purpose).state == "in_review"
    with visit(office.dara) as client:
        assert "Read and approve" in words(client.get(at(purpose)))
        page = client.get(at(purpose, "versions/1/"))
        assert "Approve this version" in words(page) and "it holds at once" in words(page)
        answer = client.post(
            at(purpose, "approve/"),
            {"seen": open_one(purpose).sha256, "note": "Checked against the contract."},
            follow=True,
        )
        assert "Version 1 is approved." in words(answer) and "does not run yet" in words(answer)
        assert "Checked against the contract." in words(client.get(at(purpose, "versions/1/")))
    assert Purpose.objects.get(pk=purpose.pk).version == 1


def test_sent_back_the_author_reads_why(office: Office) -> None:
    purpose = office.enter()
    versions.submit(open_one(purpose).pk, by=office.dev)
    with visit(office.dara) as client:
        empty = client.post(at(purpose, "send-back/"), {"because": ""})
        assert "Write what should be changed." in words(empty)
        client.post(at(purpose, "send-back/"), {"because": "Who gets it outside?"})
    with visit(office.dev) as client:
        page = words(client.get(at(purpose)))
        assert (
            "was sent back and can be changed. “Who gets it outside?”" in page
            and "Hand in for review" in page
        )


def test_what_was_changed_since_it_was_read_is_not_approved(office: Office) -> None:
    purpose = office.enter()
    versions.submit(open_one(purpose).pk, by=office.dev)
    with visit(office.dara) as client:
        form = sent(client.get(at(purpose, "versions/1/")))
        seen = open_one(purpose).sha256
        versions.send_back(open_one(purpose).pk, because="More.", by=office.lata)
        office.say(purpose, description="Other words")
        versions.submit(open_one(purpose).pk, by=office.dev)
        assert form and "was changed since you read it" in words(
            client.post(at(purpose, "approve/"), {"seen": seen}, follow=True)
        )
    assert open_one(purpose).state == "in_review"


def test_who_was_slower_is_told_and_nothing_happens_twice(office: Office) -> None:
    purpose = office.hold()
    with visit(office.dara) as client:
        for verb, form in (("approve", {"seen": "x"}), ("send-back", {"because": "x"}), ("give-up", {})):
            assert "Somebody may have been quicker" in words(
                client.post(at(purpose, f"{verb}/"), form, follow=True)
            )


def test_an_approved_change_says_that_it_waits_for_its_notice(office: Office) -> None:
    purpose = office.hold()
    Notice.objects.create(purpose=purpose, version=1, published_at="2026-01-01T00:00Z")
    office.say(purpose, uses="Bonus", name="Hours")
    purpose = office.begin(purpose)
    with visit(office.dev) as client:
        page = words(client.get(at(purpose)))
        assert (
            "Version 2 is approved. It holds when a notice of it is published." in page
            and "Write the notice" in page
        )
        assert "Attendance" in page  # what is in force is what is shown
        page = words(client.get(at(purpose, "edit/about/"), follow=True))
        assert "A version is approved and waits for its notice." in page
        client.post(at(purpose, "give-up/"))
        assert "Change the entry" in words(client.get(at(purpose)))
    assert purpose.versions.get(number=2).state == "discarded"


def test_two_versions_are_compared_material_changes_first_and_without_colour(office: Office) -> None:
    purpose = office.hold()
    items = (*ATTENDANCE.items, Item(code="photo", name="Photo"))
    items = (
        Item(
            code="hours",
            name="Hours worked",
            category="ID",
            sensitivity="S2",
            source="person",
            why="To pay them.",
        ),
        items[1],
    )
    office.say(
        purpose, name="Hours", items=items, recipients=(Recipient(name="Insurer", kind="external"),), security=("backup",),
        keeps=(Keep(category="hours", law="IN", maximum="P5Y"),), description="Who was at work, and where.",
    )  # fmt: skip
    with visit(office.arun) as client:
        page = words(client.get(at(purpose, "compare/?a=1&b=2")))
    assert page.index("Material") < page.index("Cosmetic")
    for said in (
        "A new data item, or more of one, was not agreed to. DPDP Act s.5(1)(i), 6(1)", "Added Photo", "Sensitivity: S1, low → S2, moderate",
        "Removed Payroll team", "Added Insurer", "At most: 3 years → 5 years", "Removed Access control", "Added Backups and continuity",
        "Version 1 Attendance Version 2 Hours",
    ):  # fmt: skip
        assert said in page, said
    html = page  # marks stand in the text for who sees no colour: the words, and ins and del
    assert "Removed" in html and "Added" in html


def test_comparing_turned_round_or_with_itself_or_with_nothing(office: Office) -> None:
    purpose = office.hold()
    office.say(purpose, security=("access_control", "backup"))
    with visit(office.dev) as client:
        assert "Removed Backups" in words(client.get(at(purpose, "compare/?a=2&b=1")))
        assert "These two say the same." in words(client.get(at(purpose, "compare/?a=1&b=1")))
        assert "There is no such version." in words(client.get(at(purpose, "compare/?a=1&b=99"), follow=True))
        assert "Added Backups" in words(client.get(at(purpose, "compare/")))  # in force against the newest
        assert client.get(at(purpose, "versions/9/")).status_code == 404


def test_who_only_reads_sees_versions_and_decides_nothing(office: Office) -> None:
    purpose = office.enter()
    versions.submit(open_one(purpose).pk, by=office.dev)
    for reader in (office.arun, office.lata, office.omar, office.rupa):
        with visit(reader) as client:
            page = words(client.get(at(purpose, "versions/1/")))
            assert "Your decision" not in page and "Hand in for review" not in page
            for verb in ("approve", "send-back"):
                assert client.post(at(purpose, f"{verb}/"), {"because": "x", "seen": "x"}).status_code == 404
    assert open_one(purpose).state == "in_review"


def test_the_draft_page_marks_what_it_changes(office: Office) -> None:
    purpose = office.hold()
    with visit(office.dev) as client:
        before: Any = words(client.get(at(purpose, "edit/")))
        assert (
            "Version 1 is in force. What you save begins a draft" in before
            and "material change" not in before
        )
        office.say(purpose, uses="Bonus", security=("backup",))
        page = words(client.get(at(purpose, "edit/")))
    assert (
        "Version 2, section by section." in page
        and "material change" in page
        and "What this draft changes" in page
    )
