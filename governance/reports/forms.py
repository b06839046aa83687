"""What is asked for: of which entity, in which language, about which order."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.capture.models import Programme
from governance.lib import clock
from governance.people.models import Entity, Person
from governance.purposes.models import Purpose
from governance.reports import dates, rules, words
from governance.reports.kinds import KINDS
from governance.reports.kinds import period as periods
from governance.reports.models import Report
from governance.retention.models import ErasureOrder

# What a kind asks for beside its entity.
ASKED_OF = ("since", "purpose", "programme", "report", "period", "day")
ASKED = {
    "changes": ("since",), "ledger": ("purpose", "period"), "optouts": ("period",), "retention": ("period",), "deletion_run": ("day",),
    "programme": ("programme",), "evaluation": ("purpose",), "requests": ("period",), "audit_extract": ("period",),
    "bsa_certificate": ("report",), "works_pack": ("programme",), "steering": ("period",),
}  # fmt: skip
NEWEST = 200  # orders, or reports, in the list; an older order is reached from its own page


class AskForm(forms.Form):
    """One kind, chosen before; the fields are those that it needs."""

    entity = forms.ModelChoiceField(
        Entity.objects.none(),
        label=_("Entity"),
        help_text=_("The controller whose report it is."),
        empty_label=None,
    )
    order = forms.ModelChoiceField(
        ErasureOrder.objects.none(),
        label=_("Erasure order"),
        help_text=_("An order that is not done gives a statement, not a certificate."),
        empty_label=None,
    )
    since = forms.DateField(
        label=_("Since"),
        help_text=_("The first day of which changes are shown."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write a day as year-month-day, like 2026-03-04.")},
    )
    purpose = forms.ModelChoiceField(Purpose.objects.none(), label=_("Purpose"), empty_label=None)
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"), empty_label=None)
    report = forms.ModelChoiceField(Report.objects.none(), label=_("Report"), empty_label=None)
    period = forms.ChoiceField(
        label=_("Period"),
        help_text=_("Quarters and months of the calendar; a running one is told as far as it has come."),
    )
    day = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write a day as year-month-day, like 2026-03-04.")},
    )  # fmt: skip
    language = forms.ChoiceField(
        choices=words.languages, label=_("Language"), help_text=_("Of the report, whoever reads it.")
    )

    def __init__(
        self, *args: Any, kind: str, person: Person, order: ErasureOrder | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        where = person.entities_where("reports.request")
        if kind in rules.NEEDS:
            where &= person.entities_where(rules.NEEDS[kind])
        entities = Entity.objects.filter(pk__in=where)
        if kind == "certificate":
            orders = (
                ErasureOrder.objects.visible_to(person)
                .filter(entity__in=entities)
                .select_related("entity", "purpose")
            )
            newest = list(orders.order_by("-created_at").values_list("pk", flat=True)[:NEWEST])
            wanted = newest + ([order.pk] if order else [])
            field = self.fields["order"]
            field.queryset = orders.filter(pk__in=wanted).order_by("-created_at")  # type: ignore[attr-defined]
            field.label_from_instance = _name_of_order  # type: ignore[attr-defined]
            del self.fields["entity"]
        else:
            self.fields["entity"].queryset = entities  # type: ignore[attr-defined]
            del self.fields["order"]
        self.fields["purpose"].queryset = Purpose.objects.filter(entity__in=entities).order_by(
            "entity", "ordinal"
        )  # type: ignore[attr-defined]
        self.fields["programme"].queryset = Programme.objects.filter(entity__in=entities)  # type: ignore[attr-defined]
        if kind == "bsa_certificate":
            ready = (
                Report.objects.by_role(person).filter(entity__in=entities, state="ready").exclude(kind=kind)
            )
            newest = list(ready.order_by("-asked_at").values_list("pk", flat=True)[:NEWEST])
            field = self.fields["report"]
            field.queryset = Report.objects.filter(pk__in=newest)  # type: ignore[attr-defined]
            field.label_from_instance = _name_of_report  # type: ignore[attr-defined]
        codes = periods.recent(clock.now().date())
        if kind in periods.QUARTERLY:
            codes = [code for code in codes if "Q" in code]
        self.fields["period"].choices = [(code, _name_of_period(code)) for code in codes]  # type: ignore[attr-defined]
        for name in set(ASKED_OF) - set(ASKED.get(kind, ())):
            del self.fields[name]
        if {"purpose", "programme", "report"} & set(self.fields):
            del self.fields["entity"]

    def clean_day(self) -> date:
        return self._not_to_come(self.cleaned_data["day"])

    def clean_since(self) -> date:
        return self._not_to_come(self.cleaned_data["since"])

    def _not_to_come(self, day: date) -> date:
        entity = self.cleaned_data.get("entity")
        if day > clock.law_date(entity.timezone if entity else "UTC"):
            raise forms.ValidationError(_("This day is still to come. Choose today or a day before."))
        return day

    def asked(self) -> tuple[str, Entity, dict[str, Any], str]:
        """(kind, entity, scope, language)."""
        data = self.cleaned_data
        if self.kind == "certificate":
            return self.kind, data["order"].entity, {"order": data["order"].pk}, data["language"]
        scope = {name: _plain(data[name]) for name in ASKED_OF if name in data}
        thing = data.get("purpose") or data.get("programme") or data.get("report")
        return self.kind, thing.entity if thing else data["entity"], scope, data["language"]


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "pk", value))


def _name_of_period(code: str) -> str:
    """ "October to December 2026", or "November 2026"."""
    period = periods.of(code)
    assert period is not None
    return dates.months(period.first, period.last)


def _name_of_order(order: ErasureOrder) -> str:
    purpose = order.purpose.number if order.purpose else _("everything")
    return f"{order.number} · {purpose} · {order.get_state_display()} · {order.entity.code}"


def _name_of_report(report: Report) -> str:
    title = KINDS[report.kind].title if report.kind in KINDS else report.kind
    return f"{report.number} · {title} · {report.language}"


class FilterForm(forms.Form):
    """Filters of the library; they stand in the URL, so they are codes and never names of people."""

    kind = forms.ChoiceField(required=False, label=_("Kind"))
    entity = forms.ModelChoiceField(
        Entity.objects.none(),
        required=False,
        label=_("Entity"),
        to_field_name="code",
        empty_label=_("All entities"),
    )
    state = forms.ChoiceField(
        required=False, label=_("State"),
        choices=[("", _("All states")), ("made", _("Being made")), ("ready", _("Ready")), ("failed", _("Failed")), ("expired", _("No longer kept"))],
    )  # fmt: skip
    period = forms.ChoiceField(required=False, label=_("Period"))
    language = forms.ChoiceField(required=False, label=_("Language"))

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.code, kind.title) for kind in KINDS.values() if kind.code not in rules.PERSONAL]
        self.fields["kind"].choices = [("", _("All kinds")), *kinds]  # type: ignore[attr-defined]
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=person.entities_where("reports.view"))  # type: ignore[attr-defined]
        codes = periods.recent(clock.now().date())
        self.fields["period"].choices = [
            ("", _("All periods")),
            *((code, _name_of_period(code)) for code in codes),
        ]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", _("All languages")), *words.languages("notice")]  # type: ignore[attr-defined]

    def filters(self) -> dict[str, Any]:
        if (
            not self.is_valid()
        ):  # an old address: what it does not know must not widen what is shown, or taken away
            return {"pk__in": []}
        data = {key: value for key, value in self.cleaned_data.items() if value}
        state = data.pop("state", "")
        if data.get("period"):
            data["scope__period"] = data.pop("period")
        if state:
            data["state__in"] = rules.BEING_MADE if state == "made" else (state,)
        return data


class SearchForm(forms.Form):
    """Words of a title, a report's number, or what it is about; by POST, so that nothing of it stands in a URL."""

    words = forms.CharField(
        max_length=100, label=_("Search"),
        help_text=_("A number (G-2026-000012, P-0001, E-2026-000003) or words of the title, of a purpose or a programme."),
    )  # fmt: skip
