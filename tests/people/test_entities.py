"""Entities: who changes their legal facts, what a second person has to agree to, and what follows for notices."""

from datetime import timedelta
from typing import Any

import pytest

from governance.audit.models import Entry
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.pages import tracker_notices
from governance.pages.tracker_due import Desk
from governance.people import entities, rules_entities
from governance.people.models import Entity, EntityChange, Message, Person
from governance.purposes import notice_facts, verdicts
from governance.purposes.models import Notice, Purpose
from tests.cast import Cast
from tests.visits import visit, words

FACTS: dict[str, Any] = {
    "name": "Nirmaan Dubai FZ", "address": "Internet City 4, Dubai", "country": "AE", "timezone": "Asia/Dubai", "languages": ["ur"],
    "contact_name": "Dara Sethi", "contact_email": "privacy@nirmaan.example", "dpo_name": "", "dpo_email": "", "eu_representative": "",
}  # fmt: skip


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"address": " "}, "fact_missing"), ({"country": "India"}, "unknown_country"), ({"timezone": "Pune"}, "unknown_timezone"),
        ({"languages": ["xx"]}, "no_such_language"), ({"dpo_name": "Dev"}, "half_an_officer"), ({"dpo_email": "d@x.example"}, "half_an_officer"),
    ],
)  # fmt: skip
def test_facts_that_cannot_be_are_refused(said: dict[str, Any], code: str) -> None:
    rules_entities.check_facts(FACTS)
    with pytest.raises(Refused) as refused:
        rules_entities.check_facts(FACTS | said)
    assert refused.value.code == code


def test_every_fact_is_told_or_not_and_none_is_forgotten() -> None:
    assert set(entities.FIELDS) == rules_entities.TOLD | rules_entities.ALONE
    assert not rules_entities.TOLD & rules_entities.ALONE


def test_what_nobody_is_told_is_changed_at_once(cast: Cast) -> None:
    done = entities.change(cast.software, by=fresh(cast.ira), languages=["hi", "ur"])
    row = Entity.objects.get(pk=cast.software.pk)
    assert done.agreed and row.languages == ["hi", "ur"] and row.told_changed_at is None
    assert Entry.objects.get(code="entity.changed", about_id=row.pk).facts["changed"] == ["languages"]


def test_what_notices_say_needs_a_second_person_who_is_somebody_else_and_may(cast: Cast) -> None:
    ira = fresh(cast.ira)
    for second, code in ((None, "second_needed"), (ira, "second_needed"), (cast.omar, "second_may_not"), (cast.asha, "second_may_not")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            entities.change(cast.software, by=ira, second=second, contact_email="new@nirmaan.example")
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        entities.change(
            cast.software, by=fresh(cast.dev), second=cast.lata, contact_email="new@nirmaan.example"
        )
    assert refused.value.code == "not_an_admin"
    assert not EntityChange.objects.exists()


def test_it_is_changed_when_the_second_agrees_and_the_words_stand_in_one_place(cast: Cast) -> None:
    before = Entity.objects.get(pk=cast.software.pk)
    asked = entities.change(
        cast.software, by=fresh(cast.ira), second=cast.lata, seen=before.changed_at, contact_name="Dara Sethi"
    )
    assert Entity.objects.get(pk=before.pk).contact_name == before.contact_name
    assert Message.objects.get(person=cast.lata, code="entity_second_asked").facts["change"] == str(asked.pk)
    with pytest.raises(Refused) as refused:
        entities.change(cast.software, by=fresh(cast.ira), second=cast.lata, address="Elsewhere")
    assert refused.value.code == "change_waits"
    with pytest.raises(Refused) as refused:
        entities.agree(asked.pk, by=cast.dev, yes=True)
    assert refused.value.code == "not_asked"
    entities.agree(asked.pk, by=cast.lata, yes=True)
    row = Entity.objects.get(pk=before.pk)
    assert row.contact_name == "Dara Sethi" and row.told_changed_at is not None
    asked.refresh_from_db()
    assert asked.said == {} and asked.fields == ["contact_name"] and asked.agreed
    entry = Entry.objects.get(code="entity.changed", about_id=row.pk)
    assert (
        entry.by_id == cast.ira.pk
        and entry.facts["second"] == str(cast.lata.pk)
        and "Dara" not in str(entry.facts)
    )
    with pytest.raises(Refused) as refused:
        entities.agree(asked.pk, by=cast.lata, yes=False)
    assert refused.value.code == "answered"
    with pytest.raises(Refused) as refused:
        entities.change(cast.software, by=fresh(cast.ira), seen=before.changed_at, timezone="Asia/Dubai")
    assert refused.value.code == "edited_meanwhile"


def test_a_no_changes_nothing_and_a_new_change_may_be_asked_for(cast: Cast) -> None:
    asked = entities.change(cast.software, by=fresh(cast.ira), second=cast.lata, address="Elsewhere 1")
    assert entities.agree(asked.pk, by=cast.lata, yes=False) is None
    assert Entity.objects.get(pk=cast.software.pk).address != "Elsewhere 1"
    assert Message.objects.filter(person=cast.ira, code="entity_second_refused").exists()
    entities.change(cast.software, by=fresh(cast.ira), second=cast.lata, address="Elsewhere 2")


def test_a_new_entity_is_there_when_two_agree_and_has_an_administrator(cast: Cast) -> None:
    ira = fresh(cast.ira)
    with pytest.raises(Refused) as refused:
        entities.propose_new("NSP", by=ira, second=cast.lata, **FACTS)
    assert refused.value.code == "code_taken"
    asked = entities.propose_new("NDX", by=ira, second=cast.lata, **FACTS)
    assert not Entity.objects.filter(code="NDX").exists()
    made = entities.agree(asked.pk, by=cast.lata, yes=True)
    assert made is not None and made.languages == ["ur"] and made.told_changed_at is None
    assert fresh(ira).holds("people.grant_roles", made.pk)
    assert Entry.objects.filter(code="entity.entered", about_id=made.pk).count() == 1


# --- What follows -------------------------------------------------------------------------------------------------


def desk(person: Person) -> Desk:
    return Desk(fresh(person), clock.law_date("Asia/Kolkata"), clock.now())


def test_notices_from_before_stand_on_the_officer_s_table_until_a_new_one_is_published(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    Notice.objects.filter(pk=notice.pk).update(published_at=clock.now() - timedelta(days=3))
    what = "Notice says what the controller was before a change"
    assert what not in [row.what for row in tracker_notices.notices(desk(cast.dev)).rows]
    asked = entities.change(
        cast.software, by=fresh(cast.ira), second=cast.lata, contact_email="new@nirmaan.example"
    )
    entities.agree(asked.pk, by=cast.lata, yes=True)
    (row,) = [
        row
        for row in tracker_notices.notices(desk(cast.dev)).rows
        if cast.purpose.number in row.about["text"]
    ]
    assert (row.what, "Art. 13(1)(a), (b)" in row.law or "s.5" in row.law) == (what, True)
    with visit(cast.dev) as client:
        assert what in words(client.get("/"))
    Notice.objects.filter(pk=notice.pk).update(published_at=clock.now() + timedelta(seconds=1))
    assert what not in [row.what for row in tracker_notices.notices(desk(cast.dev)).rows]


def test_a_language_of_the_entity_is_required_of_notices_that_ask(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    today = clock.law_date("Asia/Kolkata")
    assert "pa" not in notice_facts.read(notice, today).required
    entities.change(cast.software, by=fresh(cast.ira), languages=["pa"])
    again = Notice.objects.get(pk=notice.pk)
    assert "pa" in notice_facts.read(again, today).required
    assert any("ਪੰਜਾਬੀ" in row.what for row in tracker_notices.notices(desk(cast.dev)).rows)
    with visit(cast.dev) as client:
        assert "a language of this entity" in words(client.get(f"/register/notices/{notice.pk}/"))


def test_entries_lack_what_the_controller_lacks_after_the_day_was_judged(cast: Cast) -> None:
    row = Purpose.objects.get(pk=cast.purpose.pk)
    lacked = {gap["code"] for gap in row.missing}
    asked = entities.change(cast.software, by=fresh(cast.ira), second=cast.lata, dpo_name="", dpo_email="")
    entities.agree(asked.pk, by=cast.lata, yes=True)
    entity = Entity.objects.get(pk=cast.software.pk)
    verdicts.judge_all(entity, clock.law_date(entity.timezone))
    verdicts.judge_all(entity, clock.law_date(entity.timezone))
    row.refresh_from_db()
    assert {gap["code"] for gap in row.missing} - lacked, "the officer is missing"


# --- The pages ----------------------------------------------------------------------------------------------------


def sent(client: Any, entity: Entity, **more: Any) -> dict[str, Any]:
    form = client.get(f"/people/entities/{entity.pk}/change/").context["form"]
    return {name: "" if value is None else value for name, value in form.initial.items()} | more


def test_an_administrator_asks_and_the_second_answers_in_the_browser(cast: Cast) -> None:
    with visit(cast.ira) as client:
        here = f"/people/entities/{cast.software.pk}/"
        assert "Change" in words(client.get(here))
        unchanged = client.post(here + "change/", sent(client, cast.software))
        assert unchanged.status_code == 400 and "Nothing was changed." in words(unchanged)
        alone = client.post(here + "change/", sent(client, cast.software, address="New Road 1"))
        assert "a second person has to agree" in words(alone)
        wrong = client.post(here + "change/", sent(client, cast.software, timezone="Pune", second="N-0"))
        assert "There is no such time zone" in words(wrong) and "No person has this number." in words(wrong)
        done = client.post(
            here + "change/",
            sent(client, cast.software, address="New Road 1", second=cast.lata.number),
            follow=True,
        )
        assert "The second person was asked." in words(done) and "A change waits for the answer" in words(
            done
        )
    change = EntityChange.objects.get()
    with visit(cast.dev) as client:
        assert client.get(f"/people/entities/changes/{change.pk}/").status_code == 404
        assert client.post(f"/people/entities/changes/{change.pk}/", {"answer": "yes"}).status_code == 404
        assert client.get(f"/people/entities/{cast.software.pk}/change/").status_code == 404
    with visit(cast.lata) as client:
        assert "agree to a change of what notices say of Nirmaan Software Pvt Ltd" in words(
            client.get("/people/messages/")
        )
        page = words(client.get(f"/people/entities/changes/{change.pk}/"))
        assert "New Road 1" in page and "Senapati Bapat Road" in page
        client.post(f"/people/entities/changes/{change.pk}/", {"answer": "yes"})
        assert "You agreed." in words(client.get(f"/people/entities/changes/{change.pk}/"))
        history = words(client.get(f"/people/entities/{cast.software.pk}/"))
        assert "New Road 1" in history and "Lata" in history and "written" in history
    assert Entity.objects.get(pk=cast.software.pk).address == "New Road 1"


def test_a_new_entity_in_the_browser(cast: Cast) -> None:
    with visit(cast.ira) as client:
        done = client.post(
            "/people/entities/new/", FACTS | {"code": "ndx", "second": cast.dev.number}, follow=True
        )
        assert "The entity is there when they agree." in words(done)
    with visit(cast.dev) as client:
        client.post(f"/people/entities/changes/{EntityChange.objects.get().pk}/", {"answer": "yes"})
    with visit(cast.ira) as client:
        assert "Nirmaan Dubai FZ" in words(client.get("/people/entities/"))


def test_others_read_or_see_nothing(cast: Cast) -> None:
    for reader in (cast.lata, cast.arun):
        with visit(reader) as client:
            assert client.get(f"/people/entities/{cast.software.pk}/").status_code == 200
            assert client.get("/people/entities/new/").status_code == 403
    for stranger in (cast.asha, cast.meera, cast.omar):
        with visit(stranger) as client:
            assert client.get("/people/entities/").status_code == 403
            assert client.get(f"/people/entities/{cast.software.pk}/").status_code == 404
