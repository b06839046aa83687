"""What a worker representation compares: the terms as they are with those that it agreed to; and where content went."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.capture import deciding
from governance.capture import terms as documents
from governance.capture.life_shown import differences
from governance.capture.models import Programme
from governance.lib.dates import date_format


def compared(row: Programme) -> dict[str, Any]:
    """The newest act on file against the terms as they are, both ways; no row where no act is on file."""
    act = row.acts.order_by("-filed_at").first()
    columns = [{"label": label} for label in (_("Compared with the agreed version"), _("What"))]
    if act is None:
        return {"columns": columns, "rows": [], "act": ""}
    agreed, now = documents.load(act.terms), deciding.terms_of(row)
    more, less = documents.wider(agreed, now), documents.wider(now, agreed)
    rows: list[list[Any]] = [
        [{"state": "failed", "word": _("taken, not agreed")}, differences([one])] for one in more
    ]
    rows += [[{"state": "active", "word": _("agreed, not taken")}, differences([one])] for one in less]
    return {"columns": columns, "rows": rows, "act": act.number}


def went(row: Programme) -> dict[str, Any]:
    """Exports, to whom, and the datasets and models made of them. The rows lie a floor above: they are reached through
    the programme, never imported."""
    exports: Any = row.exports.select_related("recipient").prefetch_related("datasets__runs")
    rows = []
    for export in exports:
        known = list(export.datasets.all())
        models = [f"{run.name} {run.version}" for dataset in known for run in dataset.runs.all()]
        rows.append(
            [
                {"text": export.number, "url": reverse("exports:export", args=[export.pk])}, export.recipient.name,
                f"{date_format(export.since, 'j M Y')} – {date_format(export.until, 'j M Y')}",
                {"state": export.state, "word": export.get_state_display()},
                ", ".join(str(dataset) for dataset in known) or "–", ", ".join(models) or "–",
            ]
        )  # fmt: skip
    labels = (_("Export"), _("To whom"), _("Period"), _("State"), _("Datasets"), _("Models trained"))
    return {"columns": [{"label": label} for label in labels], "rows": rows}
