"""A bucket of an S3-compatible store: the person's own objects, rows among others', mentions in text; every version.

Options: {"bucket": name, "key_env": NAME, "read_key_env": NAME, "endpoint_env": NAME, "region", "prefix"}, the last
three optional. A key's variable holds "access key id:secret"; the first may list, read, put and delete versions, the
second only list and read. The map:

    {"own": ["people/{number}/**"],        whole objects of the person: every version, marker and unfinished upload
     "rows": [{"keys": "teams/*.csv", "format": "csv" | "jsonl" | "parquet", "field": "person", "is": "number",
               "time": "at"}],
     "text": ["minutes/*.txt"]}            free text: the person becomes "[erased]"

A pattern may also stand as {"keys": pattern}; of whole objects with "age": "store", too: then each version is as old as the
store says, and a rule makes it due. Without that, whole objects go with the orders that others bring.

`*` stays within one folder, `**` does not. A shared object is written anew, and its older versions that hold the
person are deleted whole: a version cannot be changed. What Object Lock forbids to delete is kept until the day it names.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Due, Erased, Kept, Residue, Scope
from governance.lib.refusals import Refused
from governance.retention.connectors import known, patterns, rowfiles, unpack
from governance.retention.connectors.bucket import Bucket, Version
from governance.retention.connectors.mentions import Mentions
from governance.retention.connectors.objectset import ObjectSet, Shared

CHUNKS = ("own objects", "rows", "text")


class S3Connector:
    """Three chunks: the person's own objects, rows among others', mentions in text."""

    name = "s3"
    version = "1"
    needs_map = True
    last = False
    reads_to_tell = True  # how old rows are stands in the files alone
    alone = ("rows", "text")

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.options, self.map = options, patterns.alone(data_map, "keys")
        self._aged = patterns.aged(data_map, "keys")
        self._written: dict[UUID, list[Version]] | None = (
            None  # of whom they are, the oldest first; likewise read once
        )
        self._is_locked: dict[Version, bool] = {}
        self._oldest: dict[str, datetime] | None = None  # read once for all the days that somebody asks about
        self._buckets: dict[str, Bucket] = {}  # by login, for the life of this connector: one order's work

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        if not set(data_map) <= {"own", "rows", "text"} or not any(data_map.values()):
            raise Refused(
                _("A map of a bucket names own objects, rows or text, and nothing else."), code="map_wrong"
            )
        data_map = patterns.alone(data_map, "keys")
        if not patterns.are_texts(data_map):
            raise Refused(
                _(
                    "Own objects and text are named by patterns; own objects may say “age”: “store” beside it."
                ),
                code="map_wrong",
            )
        for rule in data_map.get("rows", ()):
            wrong = {"keys", "format", "field", "is"} - set(rule) or rule["format"] not in rowfiles.FORMATS
            if wrong or set(rule) - {"keys", "format", "field", "is", "time"}:
                raise Refused(
                    _("Rows need keys, a format (csv, jsonl, parquet), a field and what it holds."),
                    code="map_wrong",
                )
            rowfiles.check(rule)
        if not all(patterns.names_somebody(pattern) for pattern in data_map.get("own", ())):
            raise Refused(
                _("Whole objects are erased only where their key says whose they are."), code="map_takes_all"
            )

    def chunks(self, scope: Scope) -> list[str]:
        return list(CHUNKS)

    def count(self, scope: Scope, chunk: str) -> int:
        """Versions of own objects, markers and unfinished uploads; rows or mentions in every version of shared ones."""
        bucket = self._bucket("key_env")
        if chunk == "own objects":
            return len(self._own(bucket, scope)[0]) + len(self._uploads(bucket, scope))
        return sum(times for _version, _new, times in self._shared(bucket, scope, chunk))

    def erase(self, scope: Scope, chunk: str) -> Erased:
        bucket = self._bucket("key_env")
        if chunk == "own objects":
            mine, newer = self._own(bucket, scope)
            return self._erase_own(bucket, mine, newer, self._uploads(bucket, scope))
        found = [
            Shared(version, new, Counter({0: n})) for version, new, n in self._shared(bucket, scope, chunk)
        ]
        return self._erase_shared(bucket, chunk, found, 1)[0]

    def _erase_own(
        self, bucket: Bucket, mine: list[Version], newer: list[Version], uploads: list[tuple[str, str]]
    ) -> Erased:
        bucket.abort(uploads)
        gone, locked = bucket.delete(mine)
        kept = (*_locked(locked, "own objects"), *_newer(len(newer)))
        return Erased(gone + len(uploads), kept, "every version deleted")

    def _erase_shared(self, bucket: Bucket, chunk: str, found: Sequence[Shared], people: int) -> list[Erased]:
        """Of each of so many people, by place."""
        done, locked = Counter[int](), dict[int, list[Version]]()
        for one in found:
            overwritten = one.version.latest and bucket.replace(one.version, one.new)
            gone, stays = (1, []) if overwritten else bucket.delete([one.version])
            if gone:
                done.update(one.gone)
            for i in one.gone:
                locked.setdefault(i, []).extend(stays)
        how = "rows taken out of objects" if chunk == "rows" else "mentions replaced in text"
        return [
            Erased(done[i], _locked(locked.get(i, []), chunk), f"{how}, older versions deleted")
            for i in range(people)
        ]

    def residue(self, scope: Scope) -> Residue:
        """By the reading login: every version of every object under the prefix, byte by byte and by its key.

        Rows collected after the cut-off are taken out before looking, and so are the person's own newer versions.
        """
        bucket, mentions = self._bucket("read_key_env"), Mentions(scope.identifiers)
        mine, newer = self._own(bucket, scope)
        own, skip = set(mine), {*mine, *newer}
        found: dict[str, int] = {}
        locked: list[Version] = []
        looked = 0
        for version in bucket.versions():
            hits = 1 if version in own else 0
            if version not in skip:
                looked += 1
                hits = mentions.count(version.key) + self._hits(bucket, version, scope, mentions)
            if hits and bucket.locked(version):
                locked.append(version)
            elif hits:
                where = version.key if not mentions.count(version.key) else _folder(version.key)
                found[where] = found.get(where, 0) + hits
        if uploads := len(self._uploads(bucket, scope)):
            found["unfinished uploads"] = uploads
        kept = (*_locked([bucket.with_lock(version) for version in locked], "objects"), *_newer(len(newer)))
        return Residue(sum(found.values()), tuple(sorted(found)), self._looked(looked), kept)

    def _hits(self, bucket: Bucket, version: Version, scope: Scope, mentions: Mentions) -> int:
        if version.marker:
            return 0
        raw = bucket.read(version)
        for rule in self._rules(version.key, "rows"):
            raw = rowfiles.only_until(raw, rule, scope)
        return max(mentions.count(text) for text in unpack.texts(raw))

    def count_all(self, works: Sequence[tuple[Scope, str]]) -> list[int]:
        bucket = self._bucket("key_env")
        counts = [0] * len(works)
        for chunk, places, together in self._sets(works):
            if chunk == "own objects":
                for i, own in zip(places, together.own(bucket), strict=True):
                    counts[i] = len(own.mine) + len(own.uploads)
            else:
                for one in together.shared(bucket, chunk):
                    for i, times in one.gone.items():
                        counts[places[i]] += times
        return counts

    def erase_all(self, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        """Each shared object is written anew once for all of them."""
        bucket = self._bucket("key_env")
        done: dict[int, Erased] = {}
        for chunk, places, together in self._sets(works):
            if chunk == "own objects":
                told = [
                    self._erase_own(bucket, own.mine, own.newer, own.uploads) for own in together.own(bucket)
                ]
            else:
                told = self._erase_shared(bucket, chunk, list(together.shared(bucket, chunk)), len(places))
            done |= dict(zip(places, told, strict=True))
        return [done[i] for i in range(len(works))]

    def residues(self, scopes: Sequence[Scope]) -> list[Residue]:
        """Each as `residue` would say it: every version is read once for all of them; who is mentioned, by themselves."""
        together = ObjectSet(self.map, self._rules, scopes)
        who, looked = together.mentioned(self._bucket("read_key_env"))
        clean = Residue(0, (), self._looked(looked))
        return [self.residue(scope) if i in who else clean for i, scope in enumerate(scopes)]

    def _sets(self, works: Sequence[tuple[Scope, str]]) -> Iterator[tuple[str, list[int], ObjectSet]]:
        """Chunk after chunk: the places of its works, and their people together."""
        for chunk in dict.fromkeys(chunk for _scope, chunk in works):
            places = [i for i, work in enumerate(works) if work[1] == chunk]
            yield chunk, places, ObjectSet(self.map, self._rules, [works[i][0] for i in places])

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        bucket = self._bucket("read_key_env")
        for version in self._own(bucket, scope)[0]:
            yield {"key": version.key, "version": version.id, "bytes": version.size}
        for version in bucket.versions():
            for rule in self._rules(version.key, "rows") if version.latest and not version.marker else ():
                for row in rowfiles.rows_of(bucket.read(version), rule, scope):
                    yield {"key": version.key, "row": row}

    @classmethod
    def tells_times(cls, data_map: Mapping[str, Any]) -> bool:
        return bool(rowfiles.dated(data_map.get("rows", ())) or patterns.aged(data_map, "keys"))

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        """People with rows older than `before`, or with whole objects whose age is the store's date, in any version; the other
        whole objects, text and older versions of shared ones go with the orders that these bring.

        What is locked stays until its day: if it brought orders, it would bring one every day.
        """
        if self._oldest is None or self._written is None:
            self._oldest, self._written = self._rows_there(), self._whole_there()
        found = [
            Due(person=pk)
            for pk, there in self._written.items()
            if any(self._may_go(v, before) for v in there)
        ]
        return [*rowfiles.due(self._oldest, before), *found]

    def _rows_there(self) -> dict[str, datetime]:
        bucket, oldest = self._bucket("read_key_env"), dict[str, datetime]()
        for version in bucket.versions() if rowfiles.dated(self.map.get("rows", ())) else ():
            asked = version.latest and not version.marker
            for rule in rowfiles.dated(self._rules(version.key, "rows")) if asked else ():
                for number, moment in rowfiles.oldest(bucket.read(version), rule).items():
                    oldest[number] = min(moment, oldest.get(number, moment))
        return oldest

    def _whole_there(self) -> dict[UUID, list[Version]]:
        """Of the people known here: every version of their own objects that has a content, the oldest first."""
        if not self._aged:
            return {}
        scopes, found = known.scopes(), dict[UUID, list[Version]]()
        everybody = ObjectSet({"own": self._aged}, self._rules, scopes)
        for scope, own in zip(scopes, everybody.own(self._bucket("read_key_env")), strict=True):
            if there := sorted((v for v in own.mine if not v.marker), key=lambda version: version.at):
                found[scope.person] = there
        return found

    def _may_go(self, version: Version, before: datetime) -> bool:
        if version.at > before:
            return False
        if version not in self._is_locked:
            self._is_locked[version] = self._bucket("read_key_env").locked(version)
        return not self._is_locked[version]

    def _bucket(self, which: str) -> Bucket:
        if which not in self._buckets:
            self._buckets[which] = Bucket(self.options, which)
        return self._buckets[which]

    def _patterns(self, scope: Scope) -> list[tuple[str, Any]]:
        """(what the keys begin with, the pattern) of each entry under which the person may be known."""
        made = [
            (
                patterns.beginning(text, scope.identifiers),
                patterns.mine(text, scope.identifiers, folders=True),
            )
            for text in self.map.get("own", ())
        ]
        return [(begin, pattern) for begin, pattern in made if pattern is not None]

    def _own(self, bucket: Bucket, scope: Scope) -> tuple[list[Version], list[Version]]:
        """(versions written until the cut-off, later ones)."""
        mentions = Mentions(scope.identifiers)
        found = dict.fromkeys(
            version
            for begin, pattern in self._patterns(scope)
            for version in bucket.versions(begin)
            if patterns.is_mine(version.key, pattern, mentions)
        )
        return [v for v in found if v.at <= scope.before], [v for v in found if v.at > scope.before]

    def _uploads(self, bucket: Bucket, scope: Scope) -> list[tuple[str, str]]:
        mentions = Mentions(scope.identifiers)
        return [
            (key, upload)
            for key, upload, at in bucket.uploads()
            if at <= scope.before
            and any(patterns.is_mine(key, pattern, mentions) for _begin, pattern in self._patterns(scope))
        ]

    def _shared(self, bucket: Bucket, scope: Scope, chunk: str) -> Iterator[tuple[Version, bytes, int]]:
        """(version, its content without the person, how much that is) of each version that holds the person."""
        for version in bucket.versions():
            for rule in self._rules(version.key, chunk) if not version.marker else ():
                new, times = rowfiles.without(bucket.read(version), rule, scope)
                if times:
                    yield version, new, times

    def _rules(self, key: str, chunk: str) -> list[Mapping[str, Any]]:
        def matches(text: str) -> bool:
            pattern = patterns.mine(text, {}, folders=True)
            return pattern is not None and pattern.fullmatch(key) is not None

        if chunk == "text":
            return [{"format": "text"} for text in self.map.get("text", ()) if matches(text)]
        return [rule for rule in self.map.get("rows", ()) if matches(rule["keys"])]

    def _looked(self, versions: int) -> tuple[str, ...]:
        return (f"{versions} versions of objects, every byte", *self._timeless())

    def _timeless(self) -> list[str]:
        lines = [
            f"{rule['keys']}: no time field, so rows of every time were erased"
            for rule in self.map.get("rows", ())
            if not rule.get("time")
        ]
        return lines + [
            f"{text}: text knows no times, so every mention was replaced" for text in self.map.get("text", ())
        ]


def _folder(key: str) -> str:
    """Where many people's objects lie: a key may itself be personal."""
    return f"{key.split('/', 1)[0]}/*" if "/" in key else "*"


def _locked(versions: list[Version], what: str) -> tuple[Kept, ...]:
    until: dict[str, int] = {}
    for version in versions:
        until[version.locked_until] = until.get(version.locked_until, 0) + 1
    why = str(_("the store refuses to delete it before its Object Lock ends"))
    return tuple(
        Kept(str(_("versions of objects")), what, why, count, day) for day, count in sorted(until.items())
    )


def _newer(count: int) -> tuple[Kept, ...]:
    if not count:
        return ()
    why = str(_("changed after the cut-off of this order"))
    return (Kept(str(_("the person's own objects")), "own objects", why, count),)
