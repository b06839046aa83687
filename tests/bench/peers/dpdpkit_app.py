"""dpdpkit behind FastAPI, as its README shows it; run by its own Python. `python dpdpkit_app.py` makes its tables."""

import os
import warnings

import yaml
from dpdpkit.config import STARTER_CONFIG
from dpdpkit.fastapi import DPDPKit
from fastapi import Depends, FastAPI

warnings.simplefilter("ignore")
kit = DPDPKit(
    db_url=os.environ["PEER_URL"],
    config=yaml.safe_load(STARTER_CONFIG),
    principal_resolver=lambda request: request.headers.get("x-person"),
    signing_key="a bench has no secrets",
    migrate_on_startup=__name__ == "__main__",
)
app = FastAPI()
# Without its middleware that writes down who was active: one write less for each of its reads.
kit.install(app, track_activity=False)


@app.get("/decide", dependencies=[Depends(kit.require_consent("marketing"))])
def decide() -> dict[str, bool]:
    return {"allowed": True}
