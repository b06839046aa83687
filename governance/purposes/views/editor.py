"""What stands behind a section's page: its form, its rows, and where a problem of the activity belongs on them."""

import re
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from governance.purposes import sections
from governance.purposes.activity import Problem
from governance.purposes.forms_activity import FORMS
from governance.purposes.forms_fields import plain
from governance.purposes.forms_rows import Known, rows_of
from governance.purposes.models import DataSystem, Processor, Purpose

SALT = "purposes.editor"
PLACE = re.compile(r"(\w+)(?:\[(\d+)\]\.(\w+))?")


def known(purpose: Purpose, section: sections.Section) -> Known:
    """What the rows of this section may name: the group's processors and systems."""
    found: Known = {"processors": [], "systems": []}
    if "recipients" in section.fields:
        found["processors"] = list(Processor.objects.order_by("name").values_list("code", "name"))
    if "systems" in section.fields:
        found["systems"] = list(DataSystem.objects.living().order_by("name").values_list("code", "name"))
    return found


def begun(content: dict[str, Any]) -> str:
    """What the writer began from, signed, so that it comes back with the form and nobody has to keep it."""
    return signing.dumps(content, salt=SALT, compress=True)


def began(token: str) -> dict[str, Any] | None:
    try:
        return signing.loads(token, salt=SALT)  # type: ignore[no-any-return]
    except signing.BadSignature:
        return None


class Editor:
    """The form of a section and its rows, if it has any. `content`: the plain activity to begin from."""

    def __init__(
        self, purpose: Purpose, section: sections.Section, content: dict[str, Any], data: Any = None
    ) -> None:
        self.section = section
        initial = {name: content[name] for name in section.fields}
        self.row_field = next((name for name in section.fields if name in sections.ROWS), "")
        form = FORMS[section.code]
        self.form = form(data, initial=initial)
        self.rows = None
        if (
            self.row_field
        ):  # what was sent is read as it was sent: rows that came back in another order are other rows
            rows = None if data is not None else initial[self.row_field]
            self.rows = rows_of(self.row_field, data, initial=rows, known=known(purpose, section))
        self.began = initial

    def is_valid(self) -> bool:
        fine = self.form.is_valid()
        return (self.rows is None or self.rows.is_valid()) and fine

    def _living(self) -> list[Any]:
        if self.rows is None:
            return []
        first = self.rows.initial_form_count()
        return [row for n, row in enumerate(self.rows.forms) if n < first or row.has_changed()]

    def said(self) -> dict[str, Any]:
        """Plain values of this section's fields."""
        found = plain(self.form.cleaned_data)
        found |= {name: self.began[name] for name in found if name not in self.form.changed_data}
        if self.rows is not None:
            found[self.row_field] = [row.said() for row in self._kept()]
        return found

    def _kept(self) -> list[Any]:
        return [row for row in self._living() if not row.cleaned_data.get("DELETE")]

    def show(self, problems: list[Problem]) -> bool:
        """Put problems of this section beside their fields. False: there was none of this section."""
        shown = False
        for problem in problems:
            found = PLACE.fullmatch(problem.path)
            name, place, part = found.groups() if found else (problem.path, None, None)
            if name not in self.section.fields:
                continue
            shown = True
            if place is None or self.rows is None:
                self.form.add_error(name if name in self.form.fields else None, problem.sentence)
            else:
                row = self._kept()[int(place)]
                row.add_error(part if part in row.fields else None, problem.sentence)
        return shown

    def faults(self) -> list[dict[str, str]]:
        """For the summary: [{"at" (id of the field), "text"}]."""
        found = faults(self.form)
        if self.rows is not None:
            found += [{"at": "", "text": text} for text in self.rows.non_form_errors()]
            for n, row in enumerate(self.rows.forms, start=1):
                found += faults(row, _("row %(n)d") % {"n": n})
        return found


def faults(form: Any, where: str = "") -> list[dict[str, str]]:
    found = [{"at": "", "text": text} for text in form.non_field_errors()]
    for field in form:
        label = f"{field.label} ({where})" if where else str(field.label)
        found += [
            {"at": field.id_for_label or field.auto_id, "text": f"{label}: {text}"} for text in field.errors
        ]
    return found
