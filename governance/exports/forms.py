import base64
import binascii
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.capture.models import Programme
from governance.exports import rules
from governance.exports.models import Export, Recipient
from governance.people.models import Employment, Entity, Person
from governance.purposes import words


class Key(forms.Form):
    entity = forms.ModelChoiceField(Entity.objects.none(), label=_("Entity"), empty_label=None)
    name = forms.CharField(
        max_length=200, label=_("Recipient"), help_text=_("Who opens the package, and with what system.")
    )
    public_key = forms.CharField(
        max_length=100, label=_("Public key"), help_text=_("32 bytes in base64, as the recipient's own program prints it."),
    )  # fmt: skip

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Entity.objects.filter(pk__in=by.entities_where("exports.ask"))
        self.fields["entity"].queryset = mine  # type: ignore[attr-defined]

    def clean_public_key(self) -> bytes:
        try:
            key = base64.b64decode(self.cleaned_data["public_key"], validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise forms.ValidationError(_("This is no public key of 32 bytes."))
        return key


class Ask(forms.Form):
    """One programme is chosen before, so that only what it declares can be ticked."""

    recipient = forms.ModelChoiceField(
        Recipient.objects.none(), label=_("Recipient"), empty_label=None,
        help_text=_("Only recipients whose key a second person has confirmed."),
    )  # fmt: skip
    why = forms.CharField(
        max_length=5000, label=_("What for"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is made of it, and why nothing less would do. Everybody concerned reads this."),
    )  # fmt: skip
    fields_chosen = forms.MultipleChoiceField(
        label=_("What of each event"), widget=forms.CheckboxSelectMultiple,
        help_text=_("Time, application and action go with every signal of which something is ticked."),
    )  # fmt: skip
    since = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Both days included, by when it was recorded (UTC)."),
    )  # fmt: skip

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = Recipient.objects.filter(
            entity=programme.entity_id, confirmed_at__isnull=False, ended_at__isnull=True
        )
        self.fields["recipient"].queryset = usable  # type: ignore[attr-defined]
        self.fields["fields_chosen"].choices = [  # type: ignore[attr-defined]
            (f"{signal.code}.{field}", f"{signal.title}: {words.field(field)}")
            for signal in programme.purpose.signals.all()
            for field in signal.fields
        ]

    def asked_fields(self) -> dict[str, list[str]]:
        chosen: dict[str, list[str]] = {}
        for pair in self.cleaned_data["fields_chosen"]:
            signal, _dot, name = pair.partition(".")
            chosen.setdefault(signal, []).append(name)
        return chosen


class Advice(forms.Form):
    favourable = forms.ChoiceField(
        label=_("My advice"),
        widget=forms.RadioSelect,
        choices=[("yes", _("Hand it out")), ("no", _("Do not hand it out"))],
    )
    advice = forms.CharField(max_length=5000, label=_("Why"), widget=forms.Textarea(attrs={"rows": 4}))


class Reasons(forms.Form):
    reasons = forms.CharField(
        max_length=5000, required=False, label=_("Reasons"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where the advice is against it."),
    )  # fmt: skip


class NewDataset(forms.Form):
    name = forms.CharField(max_length=200, label=_("Dataset"))
    holder = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Who answers for it"),
        help_text=_("Withdrawals that come later reach this person."),
    )

    def __init__(self, *args: Any, export: Export, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Employment.objects.current().filter(entity=export.entity_id)
        people = Person.objects.filter(pk__in=there.values("person"), is_active=True).order_by("name")
        self.fields["holder"].queryset = people  # type: ignore[attr-defined]


class Training(forms.Form):
    name = forms.CharField(max_length=200, label=_("Model"))
    version = forms.CharField(max_length=100, label=_("Version of the model"))
    trained_at = forms.DateTimeField(
        label=_("Trained"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("When the training ended. It is read in your own zone."),
    )  # fmt: skip


class Answer(forms.Form):
    removed = forms.ChoiceField(
        label=_("The dataset"), widget=forms.RadioSelect,
        choices=[("yes", _("It is taken out of the dataset")), ("no", _("It cannot be taken out of the dataset"))],
    )  # fmt: skip
    models_done = forms.ChoiceField(
        label=_("The models"), widget=forms.RadioSelect, choices=rules.MODELS_DONE
    )
    why_not = forms.ChoiceField(
        label=_("If something stays: why"), required=False, choices=[("", _("nothing stays")), *rules.WHY_NOT],
        help_text=_("The person reads this."),
    )  # fmt: skip
