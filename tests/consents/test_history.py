"""Everything I ever said, as a page and as files, of all purposes or of one; and nobody else's."""

import csv
import io

from governance.consents import optouts, pauses
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


def spoken(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    pauses.resume(pauses.pause(by=cast.bela).pk, by=cast.bela)
    optouts.opt_out(by=cast.bela)


def test_the_page_tells_pauses_and_opt_outs_too(cast: Cast) -> None:
    spoken(cast)
    with visit(cast.bela) as client:
        page = words(client.get("/me/history/"))
    for told in ("Given", "Paused", "Pause ended", "Withdrawn", "Opted out", "Everything"):
        assert told in page


def test_the_files_hold_the_same_and_no_name(cast: Cast) -> None:
    spoken(cast)
    make.consent(cast.asha, cast.purpose, "ui_event", language="hi", open_streams=False)
    with visit(cast.bela) as client:
        data = client.get("/me/history/json/").json()
        answer = client.get("/me/history/csv/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["status"] for row in rows] == [word["status"] for word in data["said"]]
    assert {row["status"] for row in rows} == {"given", "paused", "resumed", "withdrawn", "opted_out"}
    assert data["person"] == str(cast.bela.pk) and "Bela" not in str(data)
    given = next(row for row in rows if row["status"] == "given")
    assert len(given["text_sha256"]) == 64 and given["receipt"].startswith("R-")
    assert "attachment" in answer["Content-Disposition"]


def test_of_one_purpose(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    with visit(cast.bela) as client:
        mine = client.get(f"/me/history/json/?purpose={cast.purpose.pk}").json()["said"]
        assert [word["purpose"] for word in mine] == [cast.purpose.number]
        assert client.get(f"/me/history/?purpose={cast.purpose_de.pk}").status_code == 404
        assert client.get("/me/history/?purpose=x").status_code == 404
        assert client.get("/me/history/xml/").status_code == 404


def test_a_formula_in_a_name_is_not_run(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    type(cast.purpose).objects.filter(pk=cast.purpose.pk).update(name="=1+1")
    with visit(cast.bela) as client:
        assert "'=1+1" in client.get("/me/history/csv/").content.decode()
