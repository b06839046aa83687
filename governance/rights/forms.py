from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.consents import rules_acting
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.rights import rules
from governance.rights.models import Request


class Raise(forms.Form):
    right = forms.ChoiceField(
        label=_("What do you ask for?"), choices=Request.RIGHTS, widget=forms.RadioSelect
    )
    words = forms.CharField(
        required=False, max_length=5000, label=_("In your own words"), widget=forms.Textarea,
        help_text=_("Only those who answer read this. For “Correct”, “Object” and “Complain”, say what is wrong."),
    )  # fmt: skip


class RaiseForOther(Raise):
    """What s.14 DPDP hands on to a nominee."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["right"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, label) for code, label in Request.RIGHTS if code in rules.FOR_OTHERS]


class Nominate(forms.Form):
    name = forms.CharField(max_length=200, label=_("Name"))
    contact = forms.CharField(max_length=200, label=_("How they are reached (address, e-mail or telephone)"))


class Recognise(forms.Form):
    nominee = forms.UUIDField(widget=forms.HiddenInput)
    number = forms.CharField(required=False, max_length=40, label=_("Who that is (person number)"))
    email = forms.EmailField(
        required=False, label=_("Or, from outside: their e-mail address"),
        help_text=_("They set a password by it and see nothing but for whom they speak. Without an address, write down what they ask for as it comes."),
    )  # fmt: skip
    since = forms.ChoiceField(label=_("After what"), choices=rules_acting.SINCE.items())
    document = forms.CharField(max_length=200, label=_("The paper that shows it"))
    starts_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_number(self) -> Person | None:
        if not self.cleaned_data["number"].strip():
            return None
        person = Person.objects.filter(number=self.cleaned_data["number"].strip(), forgotten_at=None).first()
        if person is None:
            raise forms.ValidationError(_("There is nobody with this number."))
        return person


class Receive(forms.Form):
    number = forms.CharField(max_length=40, label=_("Person number"))
    right = forms.ChoiceField(label=_("What is asked"), choices=Request.RIGHTS)
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[c for c in Request.CHANNELS if c[0] not in ("portal", "guardian", "nominee")],
    )
    received_on = forms.DateField(
        label=_("On which day it came"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("The time to answer runs from then.")
    )  # fmt: skip
    words = forms.CharField(required=False, max_length=5000, label=_("In their words"), widget=forms.Textarea)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._entities = by.entities_where("rights.answer")

    def clean_number(self) -> Person:
        """Somebody who works, or has worked, at an entity in this officer's care."""
        found = Person.objects.filter(
            number=self.cleaned_data["number"].strip(), employments__entity_id__in=self._entities
        )
        person = found.distinct().first()
        if person is None:
            raise forms.ValidationError(_("There is nobody with this number at your entities."))
        return person


class Extend(forms.Form):
    because = forms.ChoiceField(
        label=_("Why it takes longer"), choices=Request.EXTENSIONS, widget=forms.RadioSelect
    )


class OrderMore(forms.Form):
    purposes = forms.ModelMultipleChoiceField(
        Purpose.objects.none(), label=_("Erase for these purposes too"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, purposes: list[Purpose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purposes"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Purpose.objects.filter(pk__in=[purpose.pk for purpose in purposes]).order_by(
            "number"
        )


class Answer(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What became of it"), choices=Request.OUTCOMES, widget=forms.RadioSelect, initial="granted"
    )
    words = forms.CharField(
        max_length=20000, label=_("Your answer"), widget=forms.Textarea,
        help_text=_("What was done, or what not and why; where the person can complain, if it is a no."),
    )  # fmt: skip
