"""Sealed segments in an S3-compatible bucket, and what the key of each process may do there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore.config import Config

from governance.capture.blobs import CHECK
from governance.lib.connectors import SystemAway
from governance.retention.connectors.bucket import CONFIG, Bucket, S3Fault, Version

# A batch waits for its objects while it holds locks: one attempt, and not for long. The client sends it again.
QUICK = CONFIG.merge(Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}))


class Blobs:
    """`key` is "access key id:secret", this process's own."""

    def __init__(self, options: dict[str, str], key: str) -> None:
        named = {"key_env": "SAMMATI_BLOBS_KEY", "endpoint_env": "SAMMATI_BLOBS_ENDPOINT"}
        asked = {name: options[name] for name in ("bucket", "prefix", "region")} | named
        self._bucket = Bucket(asked, "key_env")
        self._quick = Bucket(asked, "key_env", QUICK)

    def put(self, key: str, content: bytes) -> None:
        with _away():
            self._quick.put(key, content)

    def get(self, key: str) -> bytes | None:
        with _away():
            return self._bucket.get(key)

    def remove(self, begin: str) -> int:
        with _away():
            gone, locked = self._bucket.delete(list(self._bucket.versions(begin)))
        if locked:
            raise SystemAway("a lock of the store forbids to delete")
        return gone

    def versions(self, begin: str) -> Iterator[Version]:
        with _away():
            yield from self._bucket.versions(begin)

    def keys(self) -> Iterator[str]:
        with _away():
            yield from self._bucket.keys()

    def tries(self) -> dict[str, bool]:
        """put, get, list, delete → may this key? Tried at an object of nobody; deleting tries to hide that one.

        A key that may not list hears the same of an object that is not there as of one that it may not get: then `get`
        is False, unless its own put succeeded. Raises SystemAway.
        """
        at, quick = f"{self._bucket.prefix}{CHECK}", self._quick
        put = _tried(lambda: quick.put(at, b"start"))
        listed = [_tried(lambda: next(quick.versions(at), None)), _tried(lambda: next(quick.keys(), None))]
        there = at if put or not listed[1] else next(quick.keys(), at)
        got = _tried(lambda: quick.get(there))
        return {"put": put, "get": got, "list": any(listed), "delete": _tried(lambda: quick.hide(at))}

    def sweep_uploads(self, before: datetime) -> int:
        with _away():
            old = [(key, upload) for key, upload, begun in self._bucket.uploads() if begun < before]
            self._bucket.abort(old)
        return len(old)


def _tried(act: Callable[[], object]) -> bool:
    """False when the store says that this key may not. Raises SystemAway when it says anything else, or nothing."""
    try:
        act()
    except S3Fault as fault:
        if str(fault) in ("AccessDenied", "403", "Forbidden"):
            return False
        raise SystemAway(str(fault)) from None
    return True


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except S3Fault as fault:
        raise SystemAway(str(fault)) from None


# process → what its key may do beneath the prefix; the eraser's may do it to the bucket too, which is what is listed.
MAY: dict[str, tuple[str, ...]] = {
    "web": ("s3:PutObject",),
    "exporter": ("s3:GetObject",),
    "mover": ("s3:PutObject", "s3:GetObject"),  # for `vault_objects --move` alone, and taken away after it
    "eraser": (
        "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads",
        "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload",
    ),
}  # fmt: skip


def policy(process: str, bucket: str, prefix: str = "") -> dict[str, Any]:
    """The policy document for that process's key, as AWS, MinIO and others read it."""
    where = [f"arn:aws:s3:::{bucket}/{prefix}*"]
    if process == "eraser":
        where.append(f"arn:aws:s3:::{bucket}")
    allowed = {"Effect": "Allow", "Action": list(MAY[process]), "Resource": where}
    return {"Version": "2012-10-17", "Statement": [allowed]}
