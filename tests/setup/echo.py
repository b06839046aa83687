"""What the test of the web process serves: what it was handed, and whom it runs in."""

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    asked = environ["PATH_INFO"]
    if asked == "/slow":
        time.sleep(1)
    sent = len(environ["wsgi.input"].read())
    told = {"pid": os.getpid(), "names": sorted(environ), "sent": sent, "header": environ.get("HTTP_X_ASKED")}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]
