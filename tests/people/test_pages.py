"""The administrator's pages: people without their choices, and no name in any address."""

import pytest
from django.urls import reverse

from governance.consents import ledger
from governance.people import messages, notify
from governance.people.models import Message, Person
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


def test_ira_finds_people_by_name_without_a_name_in_the_address(cast: Cast) -> None:
    with visit(cast.ira) as client:
        page = client.post("/people/", {"words": "deshm"})
        assert (
            "Asha Deshmukh" in words(page)
            and "Bela" not in words(page)
            and "deshm" not in page.request["QUERY_STRING"]
        )
        assert "Asha Deshmukh" in words(client.get("/people/?number=N-1001"))
        assert "Asha" not in words(client.get("/people/?number=N-2"))
        assert "Emil Brandt" in words(client.get(f"/people/?entity={cast.gmbh.pk}"))
        assert client.get("/people/?number=%3Cscript%3E&page=zzz&entity=nonsense").status_code == 200


def test_a_persons_page_shows_work_and_roles_and_no_choice(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    with visit(cast.ira) as client:
        page = words(client.get(reverse("people:person", args=[cast.asha.pk])))
    assert "Asha Deshmukh" in page and "N-1020" in page and "Pune staff" in page
    for word in ("ui_event", "UI element", cast.purpose.name, "onsent", "C-2026"):
        assert word not in page


@pytest.mark.parametrize("who", ["asha", "meera", "dev", "lata", "arun", "rupa", "omar"])
def test_nobody_else_opens_the_peoples_pages(cast: Cast, who: str) -> None:
    with visit(getattr(cast, who)) as client:
        assert client.get("/people/").status_code == 403
        assert client.get(reverse("people:person", args=[cast.bela.pk])).status_code == 404
        assert client.post(reverse("people:grant", args=[cast.bela.pk]), {"role": "owner"}).status_code == 404


def test_an_admin_of_another_entity_finds_nobody_here(cast: Cast) -> None:
    cast.ira.roles.filter(entity=cast.software).update(ended_at="2026-01-01T00:00Z")
    with visit(cast.ira) as client:
        assert "Asha" not in words(client.get("/people/")) and "Emil" in words(client.get("/people/"))
        assert client.get(reverse("people:person", args=[cast.asha.pk])).status_code == 404
        assert "Nirmaan Software" not in client.get("/people/entities/").content.decode().split("<main")[1]


def test_messages_are_sentences_with_a_way_on_and_stay_mine(cast: Cast) -> None:
    Person.objects.filter(pk=cast.asha.pk).update(language="en")
    make.consent(cast.asha, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    with visit(cast.asha) as client:
        page = client.get("/people/messages/")
        assert "Your withdrawal is recorded. Nothing more is taken of what you withdrew." in words(page)
        note = page.context["notes"][0]
        assert client.get(note.url).status_code == 200
        client.post("/people/messages/", {"message": note.id})
        assert "You have read everything." in words(client.get("/people/messages/"))
    with visit(cast.bela) as client:
        assert "withdrawal" not in words(client.get("/people/messages/"))
        client.post(
            "/people/messages/", {"message": Message.objects.filter(person=cast.asha).latest("pk").pk}
        )


def test_a_message_is_marked_by_its_owner_alone(cast: Cast) -> None:
    note = notify.tell(cast.asha, "order_done", order=cast.asha.pk)
    with visit(cast.bela) as client:
        client.post("/people/messages/", {"message": note.pk})
    assert Message.objects.get(pk=note.pk).read_at is None


def test_a_question_stays_unread_until_it_is_answered(cast: Cast) -> None:
    notify.tell(
        cast.dev,
        "role_second_asked",
        person=cast.bela.pk,
        role="auditor",
        entity=cast.software.pk,
        by=cast.ira.pk,
    )
    messages.mark_read(cast.dev)
    assert Message.objects.get(code="role_second_asked").read_at is None


@pytest.mark.parametrize("code", sorted(messages.SENTENCES))
def test_every_sentence_can_be_made_even_of_nothing(cast: Cast, code: str) -> None:
    shown = messages.shown(
        [
            notify.tell(cast.bela, code),
            notify.tell(cast.bela, code, until="2027-06-01", role="dpo", entity=cast.software.pk),
        ]
    )
    assert all(s.text and "%(" not in s.text and "%(" not in s.more for s in shown)


def test_a_code_of_tomorrow_still_says_that_there_is_news(cast: Cast) -> None:
    assert "news" in messages.shown([notify.tell(cast.bela, "something_new")])[0].text


def test_every_code_that_is_told_has_its_sentence() -> None:
    """Read from the source: notify.tell(person, "code", …); an order's states are the codes that are built."""
    import re
    from pathlib import Path

    from governance.retention.models import ErasureOrder

    told = set()
    # exports.asking: _tell(export, "role", "code") goes through the same table.
    for path in Path("governance").rglob("*.py"):
        text = path.read_text()
        told |= set(re.findall(r'[^_]tell\([^,()]+(?:\([^()]*\))?[^,()]*,\s*"([a-z_]+)"', text))
        told |= set(re.findall(r'_tell\([^,()]+,\s*"[a-z_]+",\s*"([a-z_]+)"', text))
    told |= {
        f"order_{state}"
        for state, _label in ErasureOrder.STATES
        if state not in ("erasing", "merged", "called_off")
    }
    assert len(told) > 10 and told <= set(messages.SENTENCES), told - set(messages.SENTENCES)
