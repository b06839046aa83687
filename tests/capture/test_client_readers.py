"""The capture client reads every log of its two formats, and loses no row in silence."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.capture.client.action_logger import action_of, is_action_log, read_action_logger
from governance.capture.client.balabit import mouse_files, read_balabit
from governance.capture.client.events import (
    Element,
    RawEvent,
    Unreadable,
    UnreadableLog,
    body_without_time,
    deal,
    for_user,
    in_turn,
)

OURS = Path(__file__).parents[2] / "governance" / "demo" / "logs"
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared test data are not beside this checkout"
)

COLUMNS = (
    "timeStamp",
    "userID",
    "targetApp",
    "eventType",
    "url",
    "content",
    "target.workbookName",
    "target.sheetName",
    "target.id",
    "target.class",
    "target.tagName",
    "target.type",
    "target.name",
    "target.value",
    "target.innerText",
    "target.checked",
    "target.href",
    "target.option",
    "target.title",
    "target.innerHTML",
)
AT = "2026-02-25T00:36:16.639Z"


def log(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, **how: str) -> Path:
    """Write a UI log; a row that names no time or event gets one."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL, lineterminator=how.get("line_end", "\n"))
    writer.writeheader()
    writer.writerows({"timeStamp": AT, "eventType": "clickButton", **row} for row in rows)
    path.write_bytes(text.getvalue().encode(how.get("encoding", "utf-8")))
    return path


def read(path: Path) -> tuple[list[RawEvent], list[Unreadable]]:
    broken: list[Unreadable] = []
    return list(read_action_logger(path, on_unreadable=broken.append)), broken


def ui(events: list[RawEvent]) -> list[RawEvent]:
    return [event for event in events if event.signal == "ui_event"]


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
row_of_cells = st.fixed_dictionaries(dict.fromkeys(COLUMNS[4:], cell))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(row_of_cells, max_size=8),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_what_is_read(tmp_path: Path, rows, line_end, encoding):
    events, broken = read(log(tmp_path / "log.csv", *rows, line_end=line_end, encoding=encoding))
    assert broken == []
    found = ui(events)
    assert len(found) == len(rows)
    for event, row in zip(found, rows, strict=True):
        assert (event.url, event.content, event.value) == (row["url"], row["content"], row["target.value"])
        assert (event.inner_text, event.html) == (row["target.innerText"], row["target.innerHTML"])
        assert (event.title, event.href) == (row["target.title"], row["target.href"])
        assert (event.option, event.checked) == (row["target.option"], row["target.checked"])
        element = event.element or Element()
        assert (element.id, element.class_, element.role) == (
            row["target.id"],
            row["target.class"],
            row["target.tagName"],
        )
        assert event.hierarchy == tuple(
            row[f"target.{n}"] for n in ("workbookName", "sheetName") if row[f"target.{n}"]
        )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=600))
def test_any_bytes_after_a_header_are_read_or_reported(tmp_path: Path, noise):
    path = tmp_path / "log.csv"
    path.write_bytes(b"timeStamp,userID,targetApp,eventType,target.value\n" + noise)
    events, broken = read(path)
    assert all(event.action for event in events)
    assert all(row.line >= 2 for row in broken)


def test_other_names_unquoted_blanks_and_missing_columns_are_taken(tmp_path: Path):
    path = tmp_path / "log.csv"
    path.write_text(
        "\ufeffTIMESTAMP,userid,targetApp,EventType,target.className,target.id\r\n"
        f"{AT},ada,Chrome,clickButton,wide,b1\r\n{AT},,OS-Clipboard,copy\r\n",
        encoding="utf-8",
    )
    events, broken = read(path)
    first, second = ui(events)
    assert broken == []
    assert first.element == Element(class_="wide", id="b1")
    assert (second.person, second.element) == ("ada", None)


def test_a_range_whose_quotes_are_not_doubled_is_read_as_it_stood(tmp_path: Path):
    path = tmp_path / "log.csv"
    path.write_text(
        '"timeStamp","eventType","target.value","target.id"\n'
        f'"{AT}","getRange","[["Main St";"";"Pune";411]]","C2"\n'
        f'"{AT}","getCell","say ""hi"", twice","C3"\n',
        encoding="utf-8",
    )
    events, broken = read(path)
    assert broken == []
    assert [event.value for event in ui(events)] == ['[["Main St";"";"Pune";411]]', 'say "hi", twice']


def test_a_quote_that_nobody_closed_costs_one_row(tmp_path: Path):
    path = tmp_path / "log.csv"
    good = f'"{AT}","copy","x"\n'
    path.write_text(
        '"timeStamp","eventType","content"\n' + good + f'"{AT}","copy","open\n' + good * 3, encoding="utf-8"
    )
    events, broken = read(path)
    assert len(ui(events)) == 4
    assert [row.line for row in broken] == [3]


def test_broken_rows_are_named_by_line_and_never_quoted(tmp_path: Path):
    path = log(
        tmp_path / "log.csv",
        {"content": "a\nb"},
        {"timeStamp": "secret time"},
        {"eventType": " "},
        {"url": "u"},
    )
    events, broken = read(path)
    assert len(ui(events)) == 2
    assert [row.line for row in broken] == [4, 5]
    assert "secret" not in "".join(map(str, broken))
    with pytest.raises(UnreadableLog, match="line 4"):
        list(read_action_logger(path))


def test_a_file_of_another_kind_is_refused_with_a_sentence(tmp_path: Path):
    path = tmp_path / "log.csv"
    path.write_text("name,age\nAda,3\n", encoding="utf-8")
    assert not is_action_log(path)
    with pytest.raises(UnreadableLog, match="no column eventtype, timestamp"):
        list(read_action_logger(path))
    path.write_text("", encoding="utf-8")
    with pytest.raises(UnreadableLog, match="no header"):
        list(read_action_logger(path))


def test_a_field_of_a_megabyte_is_read(tmp_path: Path):
    events, _ = read(log(tmp_path / "log.csv", {"target.innerHTML": "<p>" * 350_000}))
    assert len(ui(events)[0].html) == 1_050_000


def test_reading_a_log_leaves_the_limits_of_the_process_as_they_were(tmp_path: Path):
    before = csv.field_size_limit()
    read(log(tmp_path / "log.csv", {"target.innerHTML": "<p>" * 350_000}))
    assert csv.field_size_limit() == before


def test_typing_and_the_use_of_applications_are_signals_of_their_own(tmp_path: Path):
    path = log(
        tmp_path / "log.csv",
        {"userID": "ada", "targetApp": "Excel", "eventType": "getCell", "target.value": "17"},
        {
            "targetApp": "OS-Clipboard",
            "eventType": "copy",
            "content": "17",
            "timeStamp": "2026-02-25T00:36:20.000Z",
        },
        {
            "userID": "ada",
            "targetApp": "Excel",
            "eventType": "getCell",
            "timeStamp": "2026-02-25T00:36:21.000Z",
        },
        {
            "userID": "ada",
            "targetApp": "Chrome",
            "eventType": "editField",
            "target.value": "17",
            "timeStamp": "2026-02-25T00:36:26.639Z",
        },
        {
            "userID": "ada",
            "targetApp": "Chrome",
            "eventType": "editField",
            "timeStamp": "2026-02-25T00:36:27.639Z",
        },
    )
    events, _ = read(path)
    assert Counter(event.signal for event in events) == {"ui_event": 5, "typed_text": 1, "app_usage": 2}
    assert [(e.application, e.seconds) for e in events if e.signal == "app_usage"] == [
        ("Excel", 10.0),
        ("Chrome", 1.0),
    ]


@pytest.mark.parametrize(
    ("event_type", "action"),
    [
        ("clickTextField", "click"),
        ("clickButton", "click"),
        ("editField", "edit"),
        ("editCell", "edit_cell"),
        ("getCell", "get_cell"),
        ("form_submit", "form_submit"),
        ("createNewTab", "create_new_tab"),
        ("paste", "paste"),
    ],
)
def test_actions_have_the_gates_names(event_type: str, action: str):
    assert action_of(event_type) == action


button = st.sampled_from(
    [
        ("NoButton", "Move"),
        ("NoButton", "Drag"),
        ("Left", "Pressed"),
        ("Right", "Released"),
        ("Scroll", "Up"),
        ("Scroll", "Down"),
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(button, st.integers(-10, 70000), st.integers(0, 70000)), max_size=20))
def test_every_mouse_row_is_one_event(tmp_path: Path, rows):
    path = tmp_path / "session_1"
    lines = [f"{i},{i}.5,{b},{s},{x},{y}\n" for i, ((b, s), x, y) in enumerate(rows)]
    path.write_text("record timestamp,client timestamp,button,state,x,y\n" + "".join(lines), encoding="utf-8")
    events = list(read_balabit(path))
    assert [(event.x, event.y) for event in events] == [(x, y) for _, x, y in rows]
    moves = [state in ("Move", "Drag") for (_, state), _, _ in rows]
    assert [event.signal == "mouse_path" for event in events] == moves


def test_broken_mouse_rows_are_counted(tmp_path: Path):
    path = tmp_path / "session_1.csv"
    path.write_text(
        "client timestamp,button,state,x,y\n"
        "1,NoButton,Move,1,2\n1,NoButton,Flies,1,2\n1,Left,Pressed,here,2\n"
        "1,Left,Pressed,nan,2\n1,Left,Pressed\n1,Left,Pressed,3,4,5\n",
        encoding="utf-8",
    )
    broken: list[Unreadable] = []
    assert len(list(read_balabit(path, on_unreadable=broken.append))) == 1
    assert [row.line for row in broken] == [3, 4, 5, 6, 7]


def test_people_are_dealt_in_turn(tmp_path: Path):
    files = []
    for name in (
        "user12/session_1",
        "user7/session_2.csv",
        "user7/session_1.csv",
        "user35/session_9",
        "user7/.x",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("button,state,x,y\n", encoding="utf-8")
        files.append(file)
    (tmp_path / "README").write_text("What this is.\n", encoding="utf-8")
    found = mouse_files(tmp_path)
    assert [str(file.relative_to(tmp_path)) for file in found] == [
        "user7/session_1.csv",
        "user7/session_2.csv",
        "user12/session_1",
        "user35/session_9",
    ]
    assert [user for _, user in deal(found, ["A", "B"])] == ["A", "A", "B", "A"]
    assert [user for _, user in deal(found, ["A", "B"], person=lambda path: path)] == ["A", "B", "A", "B"]
    events = [RawEvent(signal="s", action="a", application="p", person=name) for name in "xxyxz"]
    assert [event.user for event in in_turn(events, ["A", "B"])] == ["A", "A", "B", "A", "A"]
    assert {event.user for event in for_user(events, "N-1")} == {"N-1"}


def test_what_says_whom_the_log_names_is_not_sent():
    event = RawEvent(
        signal="ui_event", action="click", application="Chrome", person="vleno", row=7, user="N-1"
    )
    assert (
        body_without_time(event)
        == b'{"signal":"ui_event","action":"click","application":"Chrome","user":"N-1"}'
    )


def test_our_own_logs_are_read():
    events = list(read_action_logger(OURS / "expenses.csv"))
    assert len(ui(events)) > 100
    assert {event.signal for event in events} == {"ui_event", "typed_text", "app_usage"}
    mouse = [event for file in mouse_files(OURS / "mouse") for event in read_balabit(file)]
    assert Counter(event.signal for event in mouse) == {"mouse_path": 270, "ui_event": 43}


@needs_shared
def test_the_real_logs_are_read():
    """Uses ../shared: a real UI log and real mouse logs."""
    events = list(read_action_logger(SHARED / "ui-logs" / "reimbursement.csv"))
    counts = Counter(event.signal for event in events)
    assert (counts["ui_event"], counts["typed_text"]) == (4591, 954)
    assert {event.person for event in events} == {"vleno"}
    mouse = Counter(
        event.signal for file in mouse_files(SHARED / "mouse-dynamics") for event in read_balabit(file)
    )
    assert mouse == {"mouse_path": 172_139, "ui_event": 14_583}
