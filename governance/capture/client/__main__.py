"""The command: `python -m governance.capture.client --url … --programme … --device … --user … FILE…`."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from governance.capture.client.action_logger import is_action_log, read_action_logger
from governance.capture.client.agent import Agent, over_http
from governance.capture.client.balabit import is_mouse_log, mouse_files, read_balabit
from governance.capture.client.events import RawEvent, Unreadable, UnreadableLog, deal, in_turn
from governance.capture.client.indicator import Indicator
from governance.capture.client.poster import BatchRefused, GateAway, GateMiscounted, Poster
from governance.capture.client.ui_log import is_ui_table, is_xes, read_table, read_xes

KEY_VARIABLE = "SAMMATI_CLIENT_KEY"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m governance.capture.client",
        description="Post UI logs (Action Logger) and mouse logs (Balabit) to the gate, as if recorded now.",
    )
    parser.add_argument(
        "--url", required=True, help="address of the portal, e.g. https://sammati.nirmaan.example"
    )
    parser.add_argument(
        "--key", help=f"the client's key; better in a file or in {KEY_VARIABLE}: others can see commands"
    )
    parser.add_argument("--key-file", type=Path, help="a file that holds the client's key")
    parser.add_argument("--programme", required=True, help="number of the programme, e.g. CP-0001")
    parser.add_argument("--device", required=True, help="number of the device")
    parser.add_argument(
        "--user", required=True, action="append", help="person number; given again: dealt in turn"
    )
    parser.add_argument(
        "--batch", type=int, default=500, help="events in a batch, at most 5000 (default: 500)"
    )
    parser.add_argument(
        "--buffer", type=Path, help="work as on a real device: read the policy, minimise here, keep encrypted in this folder what cannot be sent; windows, keys by the minute and sites are told besides, where the policy wants them",
    )  # fmt: skip
    parser.add_argument("--status", type=Path, help="with --buffer: a file that says what is being done now")
    parser.add_argument(
        "--language", default=os.environ.get("LANG", "en"), help="in which --status and the terminal say it: en, hi or de (default: the machine's)",
    )  # fmt: skip
    said = parser.add_mutually_exclusive_group()
    said.add_argument(
        "--pause", action="store_true", help="with --buffer: record nothing of this user on this device, also after a restart, until --resume",
    )  # fmt: skip
    said.add_argument("--resume", action="store_true", help="with --buffer: end the pause")
    parser.add_argument("file", nargs="*", type=Path, help="a UI log, a mouse log, or a folder of mouse logs")
    options = parser.parse_args(arguments)
    if not options.file and not options.pause and not options.resume:
        parser.error("name the files to post")
    if (options.pause or options.resume) and not options.buffer:
        parser.error("--pause and --resume need --buffer: the pause is kept there")
    return options


def _key(options: argparse.Namespace) -> str:
    if options.key_file:
        return str(options.key_file.read_text(encoding="ascii").strip())
    return options.key or os.environ.get(KEY_VARIABLE, "")


def _events(files: Sequence[Path], users: Sequence[str], broken: list[Unreadable]) -> Iterator[RawEvent]:
    """All events of all files: the persons of a UI log, and the folders of mouse logs, are dealt to the
    users in turn."""
    mouse: list[Path] = []
    for file in files:
        if not file.is_dir() and is_xes(file):
            yield from in_turn(read_xes(file, on_unreadable=broken.append), users)
        elif file.is_dir() or is_mouse_log(file):
            mouse += mouse_files(file)
        elif is_action_log(file):
            yield from in_turn(read_action_logger(file, on_unreadable=broken.append), users)
        elif is_ui_table(file):
            yield from in_turn(read_table(file, on_unreadable=broken.append), users)
        else:
            raise UnreadableLog(
                f"{file.name} is no UI log (Action Logger, XES, or a table with a time and an action) and no mouse log (Balabit)."
            )
    for file, user in deal(mouse, users):
        yield from in_turn(read_balabit(file, on_unreadable=broken.append), [user])


def _as_on_a_device(options: argparse.Namespace) -> int:
    """What the policy does not name is dropped here; 0: nothing waits, 1: something waits for the portal or was refused whole, 2: not begun."""
    key, user = _key(options), options.user[0]
    if not key or len(options.user) > 1:
        print("With --buffer one key and one --user are needed.", file=sys.stderr)
        return 2
    broken: list[Unreadable] = []
    agent = Agent(
        over_http(options.url, key), programme=options.programme, device=options.device, user=user, folder=options.buffer,
        indicator=Indicator(options.status, language=options.language), batch=options.batch,
    )  # fmt: skip
    if options.pause:
        agent.pause()
    elif options.resume:
        agent.resume()
    agent.read_policy()
    try:
        offered = [agent.offer(event) for event in _events(options.file, options.user, broken)]
    except (UnreadableLog, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    told = agent.send(all_of_it=True)
    counts = {"offered": len(offered), "kept": sum(offered), "waiting": agent.waiting, "wiped": agent.wiped}
    print(json.dumps({**counts, **told, "refused": agent.refused, "unreadable": len(broken)}))
    return 1 if agent.waiting or agent.refused else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Post the files; print the counts as one JSON object. 0: all posted, 1: some rows were unreadable or
    too large, 2: stopped."""
    options = _options(arguments)
    if options.buffer:
        return _as_on_a_device(options)
    broken: list[Unreadable] = []
    stopped = ""
    try:
        key = _key(options)
        if not key:
            raise ValueError(f"The client's key is missing: give --key-file, or set {KEY_VARIABLE}.")
        with Poster(
            options.url, key, programme=options.programme, device=options.device, batch_events=options.batch
        ) as poster:
            try:
                poster.post(_events(options.file, options.user, broken))
            except (UnreadableLog, BatchRefused, GateAway, GateMiscounted, OSError) as error:
                stopped = str(error)
            totals = poster.totals
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    for row in broken[:20]:
        print(row, file=sys.stderr)
    if len(broken) > 20:
        print(f"… and {len(broken) - 20} more rows that could not be read.", file=sys.stderr)
    print(json.dumps({**asdict(totals), "unreadable": len(broken)}))
    if stopped:
        print(stopped, file=sys.stderr)
        return 2
    return 1 if broken or totals.too_large else 0


if __name__ == "__main__":
    sys.exit(main())
