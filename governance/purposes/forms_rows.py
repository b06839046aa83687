"""Forms for what an entry has several of: recipients, periods, systems, joint controllers, and data items."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from governance.purposes import lists, words
from governance.purposes.activity import CODE
from governance.purposes.catalogue import SignalKind
from governance.purposes.comparing import PARTS
from governance.purposes.forms_fields import Country, Day, Many, One, Period, Term, Tick, Words, plain

MOST = 200  # rows of one kind

Known = dict[str, list[tuple[str, str]]]  # "processors", "systems": (code, name) of what the registers have


class Row(forms.Form):
    """One row of an entry; what is not filled in is no row."""

    def __init__(self, *args: Any, known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(known)

    def offer(self, known: Known) -> None:
        """Choices that stand in other registers."""

    def said(self) -> dict[str, Any]:
        return plain({name: value for name, value in self.cleaned_data.items() if name != "DELETE"})


class ContactRow(Row):
    name = Words(label=_("Name"), long=200, required=True)
    contact = Words(
        label=PARTS["contact"],
        help_text=_("Address, e-mail or telephone of an office, not of a private person."),
    )


class RecipientRow(Row):
    name = Words(label=_("Name"), long=200, required=True)
    kind = One("recipient_kind", empty=None, label=PARTS["kind"], initial="internal")
    processor = forms.ChoiceField(label=_("Processor, as in the register of processors"), required=False)
    country = Country(label=PARTS["country"])
    tool = One("tool", label=PARTS["tool"], help_text=_("Where the data leave the European Economic Area."))
    assessed_on = Day(label=PARTS["assessed_on"])
    note = Words(label=PARTS["note"])

    def offer(self, known: Known) -> None:
        self.fields["processor"].choices = [("", _("none")), *known["processors"]]  # type: ignore[attr-defined]


class KeepRow(Row):
    category = Words(label=_("Which data"), long=200, required=True)
    law = One("law", label=PARTS["law"], empty=_("no law named"))
    start_event = One("start_event", empty=None, label=PARTS["start_event"], initial="collected")
    minimum = Period(label=PARTS["minimum"])
    maximum = Period(label=PARTS["maximum"])
    action = One("action", empty=None, label=PARTS["action"], initial="erase")
    source = Words(label=PARTS["source_of_law"], long=300)
    applies_from = Day(label=PARTS["applies_from"])


class SystemRow(Row):
    code = forms.ChoiceField(label=_("System"))
    parts = forms.CharField(
        label=PARTS["parts"],
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One on each line."),
    )

    def offer(self, known: Known) -> None:
        self.fields["code"].choices = [("", _("none")), *known["systems"]]  # type: ignore[attr-defined]
        if isinstance(parts := self.initial.get("parts"), (list, tuple)):
            self.initial["parts"] = "\n".join(parts)

    def clean_parts(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["parts"].splitlines() if line.strip()]


ROWS: dict[str, type[Row]] = {
    "joint_controllers": ContactRow, "recipients": RecipientRow, "keeps": KeepRow, "systems": SystemRow,
}  # fmt: skip


def rows_of(name: str, data: Any, *, initial: list[dict[str, Any]] | None, known: Known) -> Any:
    """The rows of this field, one empty row at the end."""
    made = forms.formset_factory(
        ROWS[name], extra=1, can_delete=True, max_num=MOST, absolute_max=MOST + 1, validate_max=True
    )
    return made(data, prefix=name, initial=initial, form_kwargs={"known": known})


class ItemForm(forms.Form):
    """One data item. A captured one is of the catalogue, with the fields that are kept of it as ticks."""

    name = Words(label=_("Name"), long=200, required=True)
    code = forms.CharField(
        label=PARTS["code"], required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Small letters, digits, _ and -. Left empty, it is made of the name. It stays, because assessments and notices name it."),
    )  # fmt: skip
    fields_kept = forms.MultipleChoiceField(
        label=PARTS["fields"],
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_(
            "Time, action and application are always kept. What is not ticked is thrown away at the gate."
        ),
    )
    why = Words(
        label=PARTS["why"],
        rows=3,
        help_text=_("What could not be done without it. The value assessment goes further and has an end."),
    )
    necessary = Tick(
        label=PARTS["necessary"],
        initial=True,
        help_text=_("DPDP Act s.6(1): a consent to what is not needed does not count."),
    )
    category = forms.ChoiceField(label=PARTS["category"], required=False)
    sensitivity = One("sensitivity", label=PARTS["sensitivity"])
    dpv = Term(label=PARTS["dpv"], help_text=_("Begin to type, for example Behavioural."))
    source = One("source", label=PARTS["source"])
    form = One("form", empty=None, label=PARTS["form"], initial="minimised")
    mode = One("mode", empty=None, label=PARTS["mode"], initial="event")
    origin = One("origin", empty=None, label=PARTS["origin"], initial="fresh")
    uses = Many(
        "use",
        label=PARTS["uses"],
        help_text=_("Tick what is worked out from it. Most of these are forbidden, and the rules say so."),
    )
    safeguards = Many("safeguard", label=PARTS["safeguards"])

    def __init__(self, *args: Any, kind: SignalKind | None, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.is_new = kind, is_new
        self.fields["category"].choices = [
            ("", _("not recorded")),
            *((code, lists.category(code)) for code in lists.categories() if code != "NONE"),
        ]  # type: ignore[attr-defined]
        if kind is None:
            del self.fields["fields_kept"]
        else:
            self.fields["fields_kept"].choices = [(code, words.field(code)) for code in kind.fields]  # type: ignore[attr-defined]
        if kind is not None or not is_new:
            del self.fields["code"]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip().lower() or slugify(self.cleaned_data.get("name", ""))[:40]
        if not CODE.fullmatch(code):
            raise forms.ValidationError(_("A code has small letters, digits, _ and -, at most 40."))
        return code

    def said(self, code: str = "") -> dict[str, Any]:
        """The item as an Activity keeps it."""
        found = plain(self.cleaned_data)
        found["fields"] = found.pop("fields_kept", [])
        return found | {"code": code or found["code"], "captured": self.kind is not None}

    def show(self, part: str, sentence: str) -> None:
        """A problem of the activity, beside its field."""
        name = "fields_kept" if part == "fields" else part
        self.add_error(name if name in self.fields else None, sentence)
