"""Do the main job against a running portal and print what came of it; the last line is one JSON object."""

import json
import os
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance.demo.story import Broken, Story
from governance.lib import clock


class Command(BaseCommand):
    help = "Walk through the main job as the people and the client would, over HTTP. Runs as the exporter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--ui-log", type=Path, required=True)
        parser.add_argument("--mouse-log", type=Path)
        parser.add_argument(
            "--relaunch", action="store_true", help="wait for the self-test and bring a programme back"
        )
        parser.add_argument("--on", type=date.fromisoformat, help="the law of this day (default: today)")

    def handle(self, *args: Any, **options: Any) -> None:
        story = Story(
            base_url=options["base_url"],
            logins=json.loads(Path(os.environ["SAMMATI_STORY_LOGINS"]).read_text()),
            ui_log=options["ui_log"],
            mouse_log=options["mouse_log"],
            on=options["on"] or clock.law_date(),
            relaunch=options["relaunch"],
            say=lambda words: print(words, flush=True),
            plant_leak=bool(os.environ.get("SAMMATI_PLANT_A_LEAK")),  # a test of the hunter
        )
        try:
            result = story.tell()
        except (Broken, TimeoutError, LookupError, PermissionError) as broken:
            print(f"Did not hold: {broken}", flush=True)
            print(json.dumps(story.result() | {"broken": str(broken)}), flush=True)
            sys.exit(1)
        print(json.dumps(result), flush=True)
        if not story.holds():
            sys.exit(1)
