from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.capture.models import Programme
from governance.people.models import Entity, Person


class Open(forms.Form):
    entity = forms.ModelChoiceField(Entity.objects.none(), label=_("Entity"), empty_label=None)
    what = forms.CharField(
        max_length=5000,
        label=_("What happened"),
        widget=forms.Textarea,
        help_text=_("What, where, since when. No names."),
    )
    aware_at = forms.DateTimeField(
        label=_("Aware since"), help_text=_("Every clock starts at this moment. It is read in your own zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    programme = forms.ModelChoiceField(
        Programme.objects.none(), required=False, label=_("Programme concerned"), empty_label=_("None")
    )
    pause = forms.BooleanField(
        required=False,
        label=_("Pause the programme now"),
        help_text=_("Nothing more is admitted until it is started again."),
    )

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = by.entities_where("incidents.open")
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=mine)  # type: ignore[attr-defined]
        living = Programme.objects.filter(entity_id__in=mine).exclude(state="ended")
        self.fields["programme"].queryset = living  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("pause") and not cleaned.get("programme"):
            self.add_error("programme", _("Choose the programme that shall be paused."))
        return cleaned
