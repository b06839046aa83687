"""One S3 bucket by boto3: versions are listed, read, replaced and deleted; a lock is known from a refusal.

What the store says is passed on as a class and a code, never as its message.
"""

import hashlib
import os
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from governance.lib import clock
from governance.lib.connectors import SystemAway

LARGEST = 256 * 1024 * 1024  # bytes; a larger object is a fault, never skipped in silence
AT_ONCE = 1000  # S3's own limit of a delete request
REFUSED_LOGIN = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket", "ExpiredToken", "SlowDown"}
CARRIED = (
    "ContentType",
    "ContentEncoding",
    "ContentDisposition",
    "ContentLanguage",
    "CacheControl",
    "Metadata",
)
# Newer checksums are sent only where S3 asks for them: many compatible stores do not know them.
CONFIG = Config(
    connect_timeout=10, read_timeout=60, retries={"max_attempts": 3, "mode": "standard"},
    request_checksum_calculation="when_required", response_checksum_validation="when_required",
    s3={"addressing_style": "path"},
)  # fmt: skip


class S3Fault(Exception):
    """The store answered with an error: its code, never its message."""


@cache
def _session() -> boto3.session.Session:
    """It holds no credentials, and has read what S3 can be asked: that takes longer than most requests."""
    return boto3.session.Session()


@dataclass(frozen=True)
class Version:
    """One version of one object, or a delete marker; `locked_until` is an ISO day, or "" when no day is known."""

    key: str
    id: str
    at: datetime
    latest: bool = False
    marker: bool = False
    size: int = 0
    etag: str = ""
    locked_until: str = ""


class Bucket:
    """Raises SystemAway when the store does not answer or refuses the login, S3Fault when it answers with an error."""

    def __init__(self, options: Mapping[str, Any], which: str, config: Config = CONFIG) -> None:
        known, _colon, hidden = os.environ.get(options.get(which, ""), "").partition(":")
        if not known or not hidden:
            raise SystemAway("no credentials")
        self.name, self.prefix = options["bucket"], options.get("prefix", "")
        with _plainly():
            self._client = _session().client(
                "s3", endpoint_url=os.environ.get(options.get("endpoint_env", "")) or None, region_name=options.get("region", "us-east-1"),
                aws_access_key_id=known, aws_secret_access_key=hidden, config=config,
            )  # fmt: skip

    def versions(self, begin: str = "") -> Iterator[Version]:
        """Every version and marker of the keys that begin so, beneath the prefix of this system."""
        asked = begin if begin.startswith(self.prefix) else self.prefix
        with _plainly():
            pages = self._client.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self.name, Prefix=asked):
                for row in page.get("Versions", ()):
                    yield Version(
                        row["Key"], row["VersionId"], row["LastModified"], row["IsLatest"], False,
                        row["Size"], row["ETag"],
                    )  # fmt: skip
                for row in page.get("DeleteMarkers", ()):
                    yield Version(row["Key"], row["VersionId"], row["LastModified"], row["IsLatest"], True)

    def read(self, version: Version) -> bytes:
        if version.size > LARGEST:
            raise S3Fault("too large")
        with _plainly():
            answer = self._client.get_object(Bucket=self.name, Key=version.key, VersionId=version.id)
            content: bytes = answer["Body"].read()
            return content

    def put(self, key: str, content: bytes) -> None:
        """A new object. The store compares what it got with the sum that goes along, before it says yes."""
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        with _plainly():
            self._client.put_object(
                Bucket=self.name, Key=key, Body=content, ContentMD5=b64encode(digest).decode()
            )

    def get(self, key: str) -> bytes | None:
        """What the object holds now; None when there is none."""
        try:
            with _plainly():
                content: bytes = self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
        except S3Fault as fault:
            if str(fault) in ("NoSuchKey", "404"):
                return None
            raise
        return content

    def hide(self, key: str) -> None:
        """A plain delete: where versions are kept, a marker hides the object."""
        with _plainly():
            self._client.delete_object(Bucket=self.name, Key=key)

    def keys(self) -> Iterator[str]:
        """Every object that is there now, in the order of its key's bytes."""
        with _plainly():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.name, Prefix=self.prefix):
                yield from (row["Key"] for row in page.get("Contents", ()))

    def replace(self, version: Version, content: bytes) -> bool:
        """The object holds this content now; is the old one overwritten (no version of it was kept)?

        Raises S3Fault when somebody wrote to it meanwhile.
        """
        with _plainly():
            old = self._client.head_object(Bucket=self.name, Key=version.key)
            carried = {name: old[name] for name in CARRIED if old.get(name)}
            made = self._client.put_object(
                Bucket=self.name, Key=version.key, Body=content, IfMatch=version.etag, **carried
            )
        return made.get("VersionId", "null") == "null" == version.id

    def delete(self, versions: list[Version]) -> tuple[int, list[Version]]:
        """(how many are gone, those that are locked). Markers go last, and only where nothing is left beneath them:
        without its marker a locked version would be seen again."""
        gone, locked = self._delete([version for version in versions if not version.marker])
        locked = [self.with_lock(version) for version in locked]
        left = {version.key for version in locked}
        markers = [version for version in versions if version.marker and version.key not in left]
        more, also = self._delete(markers)
        return gone + more, locked + also

    def _delete(self, versions: list[Version]) -> tuple[int, list[Version]]:
        gone, locked = 0, []
        for start in range(0, len(versions), AT_ONCE):
            some = {(version.key, version.id): version for version in versions[start : start + AT_ONCE]}
            named = [{"Key": key, "VersionId": identifier} for key, identifier in some]
            with _plainly():
                answer = self._client.delete_objects(
                    Bucket=self.name, Delete={"Objects": named, "Quiet": True}
                )
            # Some stores tell only the key of what they refuse: each of its versions is asked for by itself.
            refused = {error["Key"] for error in answer.get("Errors", ())}
            stay = [version for version in some.values() if version.key in refused and self._refused(version)]
            locked += stay
            gone += len(some) - len(stay)
        return gone, locked

    def _refused(self, version: Version) -> bool:
        """Is it still there because of a lock? Raises S3Fault when it is for another reason."""
        try:
            self._client.delete_object(Bucket=self.name, Key=version.key, VersionId=version.id)
        except ClientError as error:
            if not self.locked(version):
                raise S3Fault(str(error.response.get("Error", {}).get("Code", ""))) from None
            return True
        return False

    def locked(self, version: Version) -> bool:
        lock = self._lock(version)
        return bool(self._day(lock)) or lock.get("ObjectLockLegalHoldStatus") == "ON"

    def with_lock(self, version: Version) -> Version:
        """The version with the day until which it may not be deleted; a legal hold names none."""
        return replace(version, locked_until=self._day(self._lock(version)))

    def _lock(self, version: Version) -> Mapping[str, Any]:
        """What the store tells of the version; empty for markers and where it may not be asked."""
        if version.marker:
            return {}
        which = {} if version.id == "null" else {"VersionId": version.id}
        try:
            answer: Mapping[str, Any] = self._client.head_object(Bucket=self.name, Key=version.key, **which)
        except ClientError:
            return {}
        return answer

    def _day(self, lock: Mapping[str, Any]) -> str:
        until = lock.get("ObjectLockRetainUntilDate")
        return until.date().isoformat() if until and until > clock.now() else ""

    def uploads(self) -> list[tuple[str, str, datetime]]:
        """(key, id, begun) of uploads that nobody has finished: their parts are stored, and no listing shows them."""
        found = []
        with _plainly():
            pages = self._client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self.name, Prefix=self.prefix):
                found += [(row["Key"], row["UploadId"], row["Initiated"]) for row in page.get("Uploads", ())]
        return found

    def abort(self, uploads: list[tuple[str, str]]) -> None:
        for key, upload in uploads:
            with _plainly():
                self._client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in REFUSED_LOGIN or status >= 500:
            raise SystemAway(code) from None
        raise S3Fault(code) from None
    except (HTTPClientError, BotoCoreError) as error:
        raise SystemAway(type(error).__name__) from None
