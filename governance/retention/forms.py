"""What people type about holds and conflicts. A person is named by number, which is no name."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity, Person
from governance.purposes.models import DataSystem, Purpose
from governance.retention.models import Matter


def _choice(form: forms.Form, name: str) -> Any:
    """A field whose choices are this person's."""
    return form.fields[name]


class AdviceForm(forms.Form):
    advice = forms.CharField(
        label=_("Your advice"), widget=forms.Textarea(attrs={"rows": 5}), max_length=4000
    )


class DecisionForm(forms.Form):
    keep = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("erase", _("Erase now")),
            ("keep", _("Keep locked away until the day the law names, then erase")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Your reason"), widget=forms.Textarea(attrs={"rows": 5}), max_length=4000
    )


class MatterForm(forms.Form):
    entity = forms.ModelChoiceField(Entity.objects.none(), label=_("Entity"))
    title = forms.CharField(label=_("What it is about"), max_length=200, help_text=_("Seen by legal alone."))

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "entity").queryset = Entity.objects.filter(pk__in=by.entities_where("retention.hold"))


class HoldForm(forms.Form):
    matter = forms.ModelChoiceField(Matter.objects.none(), label=_("Matter"))
    number = forms.CharField(
        label=_("Person number"),
        max_length=40,
        required=False,
        help_text=_("Empty: everybody of the purpose."),
    )
    purpose = forms.ModelChoiceField(
        Purpose.objects.none(),
        label=_("Purpose"),
        required=False,
        help_text=_("Empty: every purpose of the person."),
    )
    system = forms.ModelChoiceField(
        DataSystem.objects.none(), label=_("System"), required=False, help_text=_("Empty: every system.")
    )
    silent = forms.BooleanField(
        label=_("A direction to tell nobody (DPDP Rules r.23(2))"),
        required=False,
        help_text=_(
            "The person concerned is then shown nothing of the hold. Only where you have the direction in writing."
        ),
    )

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entities = by.entities_where("retention.hold")
        matters = Matter.objects.filter(entity_id__in=entities, closed_at__isnull=True).order_by("number")
        _choice(self, "matter").queryset = matters
        _choice(self, "matter").label_from_instance = lambda matter: f"{matter.number} {matter.title}"
        _choice(self, "purpose").queryset = Purpose.objects.filter(entity_id__in=entities)
        systems = DataSystem.objects.filter(entity_id__in=entities).select_related("entity")
        _choice(self, "system").queryset = systems.order_by("name", "entity__name")
        _choice(self, "system").label_from_instance = lambda system: f"{system.name} · {system.entity.name}"
        self._entities = entities

    def clean(self) -> dict[str, Any]:
        """The person must work, or have worked, at one of the entities of this lawyer."""
        cleaned = super().clean() or {}
        number = cleaned.get("number", "").strip()
        if not number and not cleaned.get("purpose") and not cleaned.get("system"):
            raise forms.ValidationError(
                _("A hold names a person, a purpose or a system, or more than one of them.")
            )
        cleaned["person"] = None
        if number:
            known = (
                Person.objects.filter(number=number, employments__entity_id__in=self._entities)
                .distinct()
                .first()
            )
            if known is None:
                self.add_error("number", _("There is nobody with this number at your entities."))
            cleaned["person"] = known
        return cleaned


class PeriodForm(forms.Form):
    law = forms.ChoiceField(
        label=_("Whose data"),
        choices=[
            ("IN", _("People under Indian law")),
            ("EU", _("People under EU law")),
            ("", _("Everybody")),
        ],
        required=False,
    )
    period = forms.CharField(
        label=_("Keep at most"),
        max_length=8,
        help_text=_("P30D for 30 days, P12M for 12 months, P7Y for 7 years."),
    )
    applies_from = forms.DateField(
        label=_("From this day on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


KINDS = {
    "sql": _("Database: PostgreSQL, MySQL, MariaDB, SQLite"), "files": _("Folder of files"), "s3": _("Object store (S3)"),
    "redis": _("Redis or Valkey"), "http": _("Web service (HTTP)"), "django": _("Models of this Django project"),
    "manual": _("By hand, by a named person"),
}  # fmt: skip
# What a connector needs beside its logins; those that need nothing more are not named. See connectors/.
NEEDED = {
    "files": '{"folder": "team-files"}',
    "s3": '{"bucket": "training", "key_env": "TRAINING_KEY", "read_key_env": "TRAINING_READ_KEY"}',
    "http": '{"allow": ["hr.example"], "bearer_env": "HR_TOKEN", "read_bearer_env": "HR_READ_TOKEN"}',
    "django": '{"database": "shop"}',
}


class WrittenJson(forms.JSONField):
    """Written so that a person can read it; nothing is shown as nothing."""

    def prepare_value(self, value: Any) -> Any:
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


class ConnectForm(forms.Form):
    """Only names of variables are typed here: the credentials themselves stand in the eraser's environment."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[])
    url_env = forms.CharField(
        label=_("Variable with the erasing login"), required=False, max_length=80, help_text=_("Its name, such as BADGES_URL; never the address or a password.")
    )  # fmt: skip
    read_url_env = forms.CharField(
        label=_("Variable with the reading login"), required=False, max_length=80, help_text=_("Another login, which can only read: with it everything is looked at again.")
    )  # fmt: skip
    more = WrittenJson(
        label=_("Other options"), required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("What the kind needs beside its logins stands below.")
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "kind").choices = [(kind, KINDS.get(kind, kind)) for kind in kinds]

    def options(self) -> dict[str, Any]:
        given = self.cleaned_data
        named = {name: given[name].strip() for name in ("url_env", "read_url_env") if given[name].strip()}
        return {**(given["more"] or {}), **named}


class MapForm(forms.Form):
    spec = WrittenJson(
        label=_("The map"), widget=forms.Textarea(attrs={"rows": 24}), help_text=_("Every “?” wants a reason: it stands on certificates.")
    )  # fmt: skip


class PaceForm(forms.Form):
    from_time = forms.TimeField(
        label=_("Work there from"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    until_time = forms.TimeField(
        label=_("until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("By the clock of its entity. Empty: always."),
    )
    per_hour = forms.IntegerField(
        label=_("Parts begun in an hour, at most"), required=False, min_value=1, max_value=100_000
    )
    backup_days = forms.IntegerField(
        label=_("Backups are overwritten after, days"), required=False, min_value=0, max_value=36_500,
        help_text=_("Certificates name the day. 0: no backups are made. Empty: nobody has said."),
    )  # fmt: skip
