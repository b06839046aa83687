"""Several reports in one ZIP, with a manifest that names the digest of every file and that the signer signs.

The web process packs and cannot sign; the signer signs and hands nothing out. The key is one of its own, apart from
those of receipts, PDFs and checkpoints; its public half is published and never taken away.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from joserfc import jws
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64encode

from governance.audit import log
from governance.lib import clock
from governance.lib.access import may
from governance.lib.canonical import canonical
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.reports import checking, proofs, reports
from governance.reports.models import Parcel, Report

MOST = 100  # reports
DAYS = 7  # that a signed parcel can be taken; asked for again, it is packed anew
Sign = Callable[[dict[str, Any]], tuple[str, str]]  # manifest → (kid, compact JWS)
BEGAN = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP knows: the same files give the same bytes


@transaction.atomic
def pack(found: Iterable[Report], *, by: Person) -> Parcel:
    """A parcel waits for the signer. Raises Refused for nothing, too much, and what the person may not take away."""
    found = list(found)
    if not found:
        raise Refused(_("No ready report fits, so there is nothing to pack."), code="nothing_to_pack")
    if len(found) > MOST:
        raise Refused(
            _("At most %(most)s reports go into one ZIP. Choose fewer by kind, entity or period."),
            code="too_many",
            most=MOST,
        )
    _check(found, by)
    parcel = Parcel.objects.create(by=by, reports=[str(report.pk) for report in found])
    log.record("parcel.asked", by=by, about=parcel, reports=parcel.reports)
    nudge("reports.sign_parcels")
    return parcel


def _check(found: Iterable[Report], by: Person) -> None:
    for report in found:
        if report.state != "ready" or not may(by, "reports.download", report) or not report.opens_for(by):
            raise Refused(
                _("%(number)s is not there, or not yours to take away."),
                code="may_not_take",
                number=report.number,
            )


def _files(parcel: Parcel) -> Iterator[tuple[str, Report, str, bytes]]:
    """(name in the ZIP, report, kind, bytes), by number: what is kept, and the place in the log beside it."""
    rows = (
        Report.objects.filter(pk__in=parcel.reports, state="ready")
        .prefetch_related("files")
        .order_by("number")
    )
    for report in rows:
        stem = f"{report.number}-{report.kind}"
        for file in sorted(report.files.all(), key=lambda one: one.kind):
            yield f"{stem}.{file.kind}", report, file.kind, bytes(file.content)
        proof = proofs.text_of(report)
        if proof is not None:
            yield f"{stem}-proof.json", report, "proof", proof


@transaction.atomic
def sign(parcel_id: UUID, *, sign: Sign, now: datetime) -> None:
    """In the signer's process: the manifest names every file as it is kept now, and is signed."""
    parcel = Parcel.objects.unsigned().select_for_update(skip_locked=True).filter(pk=parcel_id).first()
    if parcel is None:
        return
    files = [
        {"name": name, "bytes": len(body), "sha256": sha256(body).hexdigest(), "report": report.number}
        for name, report, _kind, body in _files(parcel)
    ]
    manifest = {"sammati_manifest": 1, "parcel": str(parcel.pk), "made_at": now.isoformat(), "files": files}
    kid, signed = sign(manifest)
    Parcel.objects.filter(pk=parcel.pk).update(manifest=manifest, kid=kid, jws=signed, signed_at=now)


@transaction.atomic
def hand_over(parcel: Parcel, *, by: Person) -> bytes:
    """The ZIP, after it was written down for each file who takes it. Raises Refused."""
    parcel = Parcel.objects.get(pk=parcel.pk)
    if parcel.signed_at is None:
        raise Refused(_("It is not signed yet."), code="not_signed")
    if clock.now() > parcel.signed_at + timedelta(days=DAYS):
        raise Refused(_("This ZIP could be taken for %(days)s days. Pack it again."), code="over", days=DAYS)
    found = list(Report.objects.filter(pk__in=parcel.reports))
    _check(found, by)
    named = {file["name"]: file["sha256"] for file in parcel.manifest["files"]}  # type: ignore[index]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, report, kind, body in _files(parcel):
            if name not in named:
                continue  # its place in the log came after the manifest
            if sha256(body).hexdigest() != named[name]:
                raise Refused(
                    _("A file is not what it was when the list was signed. Pack it again."), code="changed"
                )
            if kind != "proof":
                reports.hand_over(report, kind, by=by)
            packed.writestr(zipfile.ZipInfo(name, BEGAN), body, zipfile.ZIP_DEFLATED)
        readable = json.dumps(parcel.manifest, indent=1, sort_keys=True, ensure_ascii=False)
        packed.writestr(zipfile.ZipInfo(checking.MANIFEST, BEGAN), readable)
        packed.writestr(zipfile.ZipInfo(checking.SIGNED, BEGAN), parcel.jws)
    log.record("parcel.taken", by=by, about=parcel, sha256=sha256(out.getvalue()).hexdigest())
    return out.getvalue()


def forget_old() -> int:
    """What nobody can take any more is not kept either."""
    return Parcel.objects.filter(asked_at__lt=clock.now() - 2 * timedelta(days=DAYS)).delete()[0]


# --- The key -------------------------------------------------------------------------------------------------------


def signer(secrets: Path, home: Path) -> Sign:
    """Signs with the key of manifests, which is made on first use (0600) and published before it signs."""
    path = secrets / "signer" / "manifest.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
    raw = path.read_bytes()
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    kid = f"{checking.MANIFESTS}{sha256(public).hexdigest()[:16]}"
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(public).decode()}
    _publish(home, jwk | {"kid": kid, "alg": "Ed25519", "use": "sig"})
    key = OKPKey.import_key(jwk | {"d": urlsafe_b64encode(raw).decode()})  # type: ignore[arg-type]

    def sign(manifest: dict[str, Any]) -> tuple[str, str]:
        header = {"alg": "Ed25519", "kid": kid, "typ": checking.TYPE}
        return kid, jws.serialize_compact(header, canonical(manifest), key, algorithms=["Ed25519"])

    return sign


def published(home: Path) -> dict[str, Any]:
    """The keys of manifests, a JWK set."""
    path = home / "manifests.json"
    return json.loads(path.read_text()) if path.exists() else {"keys": []}


def _publish(home: Path, jwk: dict[str, str]) -> None:
    keys = published(home)["keys"]
    if jwk not in keys:
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".manifests.{os.getpid()}"
        draft.write_text(json.dumps({"keys": [*keys, jwk]}, indent=1))
        draft.replace(home / "manifests.json")


def sign_waiting() -> None:
    sign_with = signer(settings.SECRETS, settings.SEALS)
    for parcel_id in Parcel.objects.unsigned().pks():
        sign(parcel_id, sign=sign_with, now=clock.now())
