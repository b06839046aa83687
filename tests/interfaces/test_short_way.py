"""The short way to a decision says what the long way says, to the letter, or leaves it to the long way."""

import io
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from governance.consents import ledger, objections, optouts, pauses
from governance.interfaces import clients, short
from governance.lib import early
from governance.people.models import Person
from governance.purposes import lifecycle
from governance.purposes.models import Purpose
from tests import make
from tests.cast import Cast
from tests.interfaces.conftest import Make, Program

PATH = "/api/v1/decisions"


def shortly(agent: Program, query: str, **more: Any) -> dict[str, Any] | None:
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": query, "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": f"Bearer {agent.key}", **more,
    }  # fmt: skip
    body = short.answer(environ)
    return json.loads(body) if body is not None else None


def query(person: str, purpose: Purpose, signal: str = "ui_event") -> str:
    return f"person={person}&purpose={purpose.number}&signal={signal}"


def used(agent: Program) -> Program:
    """The day's first use of a key goes the long way, which writes it down."""
    agent.ask("get", f"{PATH}?person=N-9999&purpose=P-0001&signal=ui_event")
    return agent


def both(agent: Program, asked: str) -> dict[str, Any]:
    shown, said = shortly(agent, asked), agent.ask("get", f"{PATH}?{asked}").json()
    assert shown is not None, asked
    assert list(shown) == list(said) and shown | {"at": ""} == said | {"at": ""}
    return shown


def test_both_ways_say_the_same_of_everybody(cast: Cast, program: Make) -> None:
    for person in (cast.asha, cast.omar, cast.meera, cast.rupa):
        make.consent(person, cast.purpose, "ui_event", open_streams=person == cast.asha)
    pauses.pause(by=cast.omar)
    optouts.opt_out(by=cast.meera)
    ledger.withdraw_purpose(cast.purpose, by=cast.rupa)
    for agent in (used(program("decisions")), used(program("decisions", "explain"))):
        for person in (cast.asha, cast.bela, cast.omar, cast.meera, cast.rupa, Person(number="N-9999")):
            said = both(agent, query(str(person.number), cast.purpose))
            assert said["allowed"] is (person == cast.asha), person.number
    assert (
        both(used(program("decisions")), query("N-1001", cast.purpose, "keystrokes"))["code"]
        == "not_permitted"
    )


def test_the_first_answer_after_a_withdrawal_an_opt_out_or_a_pause_is_no(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    make.consent(cast.bela, cast.purpose, "ui_event")
    agent = used(program("decisions"))
    for person in ("N-1001", "N-1002"):
        assert both(agent, query(person, cast.purpose))["allowed"] is True
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    optouts.opt_out(by=cast.bela)
    for person in ("N-1001", "N-1002"):
        assert both(agent, query(person, cast.purpose))["allowed"] is False


def test_of_a_purpose_that_asks_nobody_and_of_one_that_pauses(cast: Cast, program: Make) -> None:
    leaks = Purpose.objects.get(name__startswith="Detect leaks", entity=cast.software)
    signal = leaks.signals.values_list("code", flat=True).first() or "any"
    agent = used(program("decisions", purposes=[leaks, cast.purpose]))
    assert both(agent, query("N-1002", leaks, signal))["allowed"] is True
    objections.object_to(Purpose.objects.select_related("entity").get(pk=leaks.pk), by=cast.bela)
    assert both(agent, query("N-1002", leaks, signal))["allowed"] is False
    make.consent(cast.asha, cast.purpose, "ui_event")
    assert both(agent, query("N-1001", cast.purpose))["allowed"] is True
    lifecycle.pause(cast.purpose, by=cast.dev, because="Checking.")
    assert both(agent, query("N-1001", cast.purpose))["allowed"] is False


def test_the_key_its_scope_and_its_purposes_are_asked_for_each_time(cast: Cast, program: Make) -> None:
    """Who is refused is refused by the long way, at once."""
    make.consent(cast.asha, cast.purpose, "ui_event")
    agent, asked = used(program("decisions")), query("N-1001", cast.purpose)
    assert both(agent, asked)["allowed"] is True
    assert shortly(agent, query("N-2001", cast.purpose_de)) is None
    assert shortly(used(program("register")), asked) is None
    old = agent.key
    agent.key = clients.renew_key(agent.client, by=cast.dev)
    used(agent)
    assert both(agent, asked)["allowed"] is True
    for header in ("", "Bearer", f"Bearer {old}", f"Basic {agent.key}", f"Bearer {agent.key}x", f"Bearer {cast.keys[cast.programme.number]}"):  # fmt: skip
        assert shortly(agent, asked, HTTP_AUTHORIZATION=header) is None, header
    clients.end(agent.client, by=cast.dev)
    assert shortly(agent, asked) is None


def test_the_statement_is_planned_once_for_a_connection(cast: Cast, program: Make) -> None:
    agent, asked = used(program("decisions")), query("N-1001", cast.purpose)
    for _ in range(8):
        assert shortly(agent, asked) is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans + custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%WITH who%'")  # fmt: skip
        found = cursor.fetchall()
    assert [times for times, _same in found] == [8] and all(same for _times, same in found)
    assert connection.connection.prepare_threshold is None  # for everything else as before


def test_who_asks_too_often_is_left_to_the_long_way_which_says_so(cast: Cast, program: Make) -> None:
    agent, asked = used(program("decisions", per_minute=3)), query("N-1001", cast.purpose)
    cache.clear()
    # Twice what a minute may take and more: the next minute may begin meanwhile.
    assert None in [shortly(agent, asked) for _ in range(8)]
    assert 429 in [agent.ask("get", f"{PATH}?{asked}").status_code for _ in range(8)]


@pytest.mark.parametrize(
    "strange",
    [
        "", "person=N-1001&purpose=P-0001", "person=N-1001&purpose=P-0001&signal=ui_event&rely=true", "person=N-1001&person=N-1002&purpose=P-0001&signal=ui_event",
        "person=N-1001&purpose=P-0001&signal=UI", "person=a%00b&purpose=P-0001&signal=ui_event", "person=a+b&purpose=P-0001&signal=ui_event",
        "person=&purpose=P-0001&signal=ui_event", "person=N-1001&purpose=P-0001&signal=ui_event&", "person=N-1001\n&purpose=P-0001&signal=ui_event",
        "person=N-1001&purpose=P-0001&signal=ui_event&application=Chrome", f"person={'x' * 36}&purpose=P-0001&signal=ui_event",
        "person=N-1001&purpose=P-0001&sig=ui_event", "x&y&z",
    ],
)  # fmt: skip
def test_any_other_form_goes_the_long_way(cast: Cast, program: Make, strange: str) -> None:
    assert shortly(used(program("decisions")), strange) is None


def test_another_method_and_another_host_go_the_long_way(cast: Cast, program: Make) -> None:
    agent, asked = used(program("decisions")), query("N-1001", cast.purpose)
    assert shortly(agent, asked, REQUEST_METHOD="POST") is None
    assert shortly(agent, asked, HTTP_HOST="elsewhere.example") is None
    assert shortly(agent, asked, HTTP_HOST="testserver:8000") is not None


def test_the_web_process_has_it_and_a_page_goes_the_long_way(cast: Cast, program: Make) -> None:
    went: list[str] = []

    def long_way(environ: Any, start_response: Any) -> list[bytes]:
        went.append(environ["PATH_INFO"])
        return []

    heard: list[Any] = []
    agent = used(program("decisions"))
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": query("N-1001", cast.purpose), "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": f"Bearer {agent.key}", "wsgi.input": io.BytesIO(),
    }  # fmt: skip
    door = early.before(long_way, short.DOORS)
    body = b"".join(door(environ, lambda status, headers: heard.append((status, dict(headers)))))
    status, headers = heard[0]
    assert (
        status == "200 OK"
        and headers["Content-Length"] == str(len(body))
        and headers["Cache-Control"] == "no-store"
    )
    assert not went
    door(environ | {"PATH_INFO": "/me/"}, None)
    door(environ | {"HTTP_AUTHORIZATION": ""}, None)
    assert went == ["/me/", PATH]
    from governance import wsgi

    assert wsgi.application.__module__ == early.__name__


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_has_died_is_the_long_ways_to_mend(client: Client, db: None) -> None:
    """PostgreSQL was started anew: the question is answered all the same."""
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": "person=a&purpose=b&signal=c", "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": "Bearer smi_x",
    }  # fmt: skip
    connection.ensure_connection()
    connection.connection.close()
    assert short.answer(environ) is None
    answer = client.get(f"{PATH}?person=a&purpose=b&signal=c", headers={"Authorization": "Bearer smi_x"})
    assert answer.status_code == 401
