"""What is put on the schedule: what the kind is asked with, but the period; how often; and who gets it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity, Person
from governance.reports import rules_schedule, schedules
from governance.reports.forms import AskForm

FILLED_IN = ("period", "since", "day")


class ScheduleForm(AskForm):
    every = forms.ChoiceField(
        choices=list(rules_schedule.EVERY.items()), label=_("How often"),
        help_text=_("It is made on the first day after each month, quarter or year of the calendar."),
    )  # fmt: skip
    recipients = forms.ModelMultipleChoiceField(
        Person.objects.none(), label=_("Who gets it"), widget=forms.CheckboxSelectMultiple,
        help_text=_("People whose roles open this kind. They get a message, and an e-mail that does not say what it is about."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: str, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, kind=kind, person=person, **kwargs)
        for name in FILLED_IN:
            self.fields.pop(name, None)
        where = person.entities_where("reports.request")
        people = schedules.who_may_get(kind, where)
        field = self.fields["recipients"]
        field.queryset = Person.objects.filter(pk__in=[one.pk for one in people]).order_by("name")  # type: ignore[attr-defined]
        if "entity" in self.fields and Entity.objects.filter(pk__in=where).count() == 1:
            self.fields["entity"].initial = next(iter(where))

    def scheduled(self) -> tuple[str, Entity, dict[str, Any], dict[str, Any]]:
        """(kind, entity, scope, what schedules.make takes beside them)."""
        kind, entity, scope, language = self.asked()
        data = self.cleaned_data
        return (
            kind,
            entity,
            scope,
            {"language": language, "every": data["every"], "recipients": list(data["recipients"])},
        )
