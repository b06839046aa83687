"""Everything I ever said, as a page and as files, of all purposes or of one; and nobody else's."""

import csv
import io
import json
import zipfile

from governance.consents import objections, optouts, pauses
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


def spoken(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    pauses.resume(pauses.pause(by=cast.bela).pk, by=cast.bela)
    optouts.lift(optouts.opt_out(by=cast.bela, host="wiki.example").pk, by=cast.bela)
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
    assert {row["status"] for row in rows} == {
        "given",
        "paused",
        "resumed",
        "withdrawn",
        "opted_out",
        "opt_out_lifted",
    }
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


class TestEverythingInOneArchive:
    def taken(self, cast: Cast) -> dict[str, str]:
        with visit(cast.bela) as client:
            answer = client.get("/me/history/download/")
        assert answer["Content-Type"] == "application/zip" and "attachment" in answer["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            return {name: files.read(name).decode() for name in files.namelist()}

    def test_a_page_a_spreadsheet_and_data(self, cast: Cast) -> None:
        spoken(cast)
        leaks = type(cast.purpose).objects.get(name__startswith="Detect leaks", entity=cast.software)
        row = objections.object_to(leaks, "I carry no secrets.", by=cast.bela)
        objections.decide(row.pk, upheld=False, answer="An attack runs.", by=cast.dev)
        files = self.taken(cast)
        assert set(files) == {"read.html", "said.csv", "everything.json"}
        data = json.loads(files["everything.json"])
        statuses = [word["status"] for word in data["said"]]
        assert {"given", "withdrawn", "paused", "opted_out", "objected", "objection_rejected"} <= set(
            statuses
        )
        assert (
            data["objections"][0]["answer"] == "An attack runs." and "An attack runs." in files["read.html"]
        )
        assert data["receipts"][-1]["body"]["receipt"] == data["receipts"][-1]["number"]
        assert data["erasure_orders"] and data["pauses"]
        assert [row["host"] for row in data["opt_outs"]] == ["wiki.example", ""]

    def test_the_exact_words_are_in_it(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        files = self.taken(cast)
        data = json.loads(files["everything.json"])
        text = cast.purpose.published_notice().texts.get(language="en")
        assert (
            [notice["sha256"] for notice in data["notices"]]
            == [text.sha256]
            == [data["said"][0]["text_sha256"]]
        )
        assert text.elements["purpose"] in str(data["notices"]) and text.title in files["read.html"]

    def test_nothing_in_it_is_fetched_from_anywhere_and_nobody_elses_is_in_it(self, cast: Cast) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event", language="hi", open_streams=False)
        files = self.taken(cast)
        assert "http" not in files["read.html"] and "src=" not in files["read.html"]
        assert "given" not in files["said.csv"] and str(cast.asha.pk) not in files["everything.json"]
