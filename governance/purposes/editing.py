"""Save a part of an entry while others may write in it: merged where two do not touch, refused and shown where they do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.people.models import Employment, Person
from governance.purposes import rules, rules_change, versions
from governance.purposes.activity import Activity, Problem, load, plain, problems
from governance.purposes.merging import Clash, merge
from governance.purposes.models import Purpose, PurposeVersion

Content = dict[str, Any]
Change = Callable[
    [Content], tuple[Content, list[Clash]]
]  # what stands there → what shall stand there, and clashes
OPEN = ("draft", "in_review", "approved")


class Clashing(Refused):
    """The writer and somebody else changed the same fields. Nothing is saved, nothing is lost."""

    def __init__(self, clashes: list[Clash], stands: Content) -> None:
        super().__init__(
            _("Somebody else changed the same while you were writing. Look at both, then save again."),
            code="edited_meanwhile",
        )
        self.clashes, self.stands = clashes, stands


def of_fields(was: Mapping[str, Any], said: Mapping[str, Any]) -> Change:
    """Say these fields otherwise; `was`: what the writer began from. Plain values."""

    def change(stands: Content) -> tuple[Content, list[Clash]]:
        merged, clashes = merge(was, said, {name: stands[name] for name in said})
        return stands | merged, clashes

    return change


def of_item(code: str, was: Content | None, said: Content | None) -> Change:
    """Say one data item otherwise, add it (`was` None) or remove it (`said` None)."""

    def change(stands: Content) -> tuple[Content, list[Clash]]:
        items = list(stands["items"])
        place = next((n for n, item in enumerate(items) if item["code"] == code), None)
        theirs = items[place] if place is not None else None
        if was is None:
            if theirs is not None:
                raise Refused(_("There is a data item “%(item)s” already."), code="item_exists", item=code)
            return stands | {"items": [*items, said]}, []
        if said is None:
            left = [item for item in items if item["code"] != code]
            return stands | {"items": left}, [] if theirs in (None, was) else [Clash("items", None, theirs)]
        if theirs is None or place is None:
            raise Refused(
                _("Somebody else removed this data item meanwhile. Add it again if it is needed."),
                code="item_removed",
            )
        merged, clashes = merge(was, said, theirs)
        items[place] = merged
        return stands | {"items": items}, clashes

    return change


def current(purpose: Purpose) -> PurposeVersion:
    """What an editor begins from: the open version, else the one in force, else the newest there is."""
    newest = purpose.versions.order_by("-number")
    found = newest.filter(state__in=OPEN).first() or newest.filter(state="in_force").first() or newest.first()
    assert found is not None  # every purpose enters with a version
    return found


@dataclass(frozen=True)
class Preview:
    """What saving would do. `changes`: of the version in force, by this save; `already`: by the draft before it."""

    activity: Activity
    nothing_new: bool
    problems: list[Problem] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    changes: list[rules_change.FieldChange] = field(default_factory=list)
    already: list[rules_change.FieldChange] = field(default_factory=list)


def preview(purpose: Purpose, change: Change) -> Preview:
    """Reads only. Raises Refused where nothing may be edited now."""
    version = current(purpose)
    rules.check_edit(
        "draft" if version.state in ("in_force", "superseded", "discarded") else version.state, purpose.state
    )
    stands = plain(version.activity)
    content, clashes = change(stands)
    activity = load(content)
    in_force = purpose.versions.filter(state="in_force").first()
    wide = rules_change.field_changes(plain(in_force.activity), plain(activity)) if in_force else []
    now = {name for name, value in plain(activity).items() if value != stands[name]}
    return Preview(
        activity, nothing_new=not now, problems=problems(activity), clashes=clashes,
        changes=[one for one in wide if one.field in now], already=[one for one in wide if one.field not in now],
    )  # fmt: skip


@transaction.atomic
def save(purpose: Purpose, change: Change, *, by: Person) -> PurposeVersion:
    """The draft says so; a draft is begun where none is open. Clashing where somebody else changed the same."""
    draft = versions.draft(purpose, by=by)  # holds the purpose's row: whoever saves next reads what we wrote
    stands = plain(draft.activity)
    content, clashes = change(stands)
    if clashes:
        raise Clashing(clashes, stands)
    return versions.save(draft.pk, load(content), revision=draft.revision, by=by)


def asked_again(purpose: Purpose) -> int:
    """How many people a fresh consent would ask: who works where this purpose asks. Nobody's choice is read for it."""
    there = Employment.objects.current().filter(entity=purpose.entity_id)
    if purpose.unit_id:
        there = there.filter(unit=purpose.unit_id)
    if purpose.countries:
        there = there.filter(country__in=purpose.countries)
    return there.values("person").distinct().count()
