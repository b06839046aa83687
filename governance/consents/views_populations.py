"""A no for others: what stands, one form to say it, one to take it back. For works councils and the DPO's office."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.consents import optouts, rules_populations
from governance.consents import populations as nouns
from governance.consents.models import OptOut
from governance.lib import countries
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.models import Employment, Entity, Person, Site, Unit
from governance.people.zones import in_their_zone
from governance.purposes import catalogue
from governance.purposes.models import Purpose


class No(forms.Form):
    """`where` is "entity:<id>", "site:<id>", "unit:<id>" or "country:<entity id>:IN"."""

    where = forms.ChoiceField(label=gettext_lazy("For whom"))
    purpose = forms.ChoiceField(required=False, label=gettext_lazy("Purpose"))
    signal = forms.ChoiceField(required=False, label=gettext_lazy("Signal"))
    document = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("The act: its document"),
        help_text=gettext_lazy("A works council says no by its own act. The data protection officer may leave this empty."),
    )  # fmt: skip
    number = forms.CharField(required=False, max_length=100, label=gettext_lazy("Number of the act"))
    on = forms.DateField(
        required=False, label=gettext_lazy("Resolved on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip

    def __init__(self, data: Any, person: Person) -> None:
        super().__init__(data)
        entities = Entity.objects.filter(pk__in=person.entities_where(nouns.PERMISSION)).order_by("name")
        self.scopes: dict[str, tuple[str, dict[str, Any]]] = {}
        for entity in entities:
            self.scopes[f"entity:{entity.pk}"] = (entity.name, {"entity": entity})
            for site in Site.objects.filter(entity=entity).order_by("name"):
                told = _("%(entity)s: site %(name)s") % {"entity": entity.name, "name": site.name}
                self.scopes[f"site:{site.pk}"] = (told, {"entity": entity, "site": site})
            for unit in Unit.objects.filter(entity=entity).order_by("name"):
                told = _("%(entity)s: department %(name)s") % {"entity": entity.name, "name": unit.name}
                self.scopes[f"unit:{unit.pk}"] = (told, {"entity": entity, "unit": unit})
            there = Employment.objects.current().filter(entity=entity).order_by("country")
            for country in there.values_list("country", flat=True).distinct():
                told = _("%(entity)s: everybody in %(name)s") % {
                    "entity": entity.name,
                    "name": countries.called(country),
                }
                self.scopes[f"country:{entity.pk}:{country}"] = (told, {"entity": entity, "country": country})
        self.purposes = {
            str(row.pk): row
            for row in Purpose.objects.filter(
                entity__in=entities, asks_consent=True, state__in=("active", "paused")
            )
        }
        signals = {s.code: s.title for purpose in self.purposes.values() for s in purpose.signals.all()}
        fields: Any = self.fields
        fields["where"].choices = [(code, told) for code, (told, _scope) in self.scopes.items()]
        fields["purpose"].choices = [("", _("Every purpose"))] + [
            (pk, str(p)) for pk, p in self.purposes.items()
        ]
        fields["signal"].choices = [
            ("", _("Every signal")),
            *sorted(signals.items(), key=lambda pair: pair[1]),
        ]


class Lift(forms.Form):
    because = forms.CharField(
        max_length=2000, label=gettext_lazy("Why it is taken back"), widget=forms.Textarea
    )


@requires(nouns.PERMISSION)
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def populations(request: HttpRequest) -> HttpResponse:
    """Nobody learns here who had switched something on."""
    person: Any = request.user
    form = No(request.POST if request.method == "POST" else None, person)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        act = rules_populations.Act(said["document"], said["number"], said["on"])
        try:
            optouts.opt_out_population(
                by=person, purpose=form.purposes.get(said["purpose"]), signal=said["signal"], act=act, **form.scopes[said["where"]][1]
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(
                request, _("Said no. Nothing of it is taken from this moment on; what was recorded is erased, and the people concerned are told.")
            )  # fmt: skip
            return redirect("consents:populations")
    rows = nouns.seen_by(person)
    lifted = Paginator(rows.exclude(lifted_at=None).order_by("-lifted_at"), 30).get_page(
        request.GET.get("page")
    )
    labels = (_("For whom"), _("Of what"), _("Said by"), _("Since"), _("Act"))
    columns = [{"label": label} for label in labels]
    return render(
        request, "consents/populations.html",
        {
            "form": form, "columns": columns, "past_columns": [*columns, {"label": _("Taken back")}],
            "rows": [_cells(row) for row in rows.in_force().order_by("-at")], "page": lifted,
            "past": [[*_cells(row), _moment(row.lifted_at)] for row in lifted],
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")


def what(row: OptOut) -> str:
    kind = catalogue.signals().get(row.signal)
    parts = [str(row.purpose) if row.purpose else _("every purpose")]
    return " · ".join([*parts, *([kind.title(get_language() or "en")] if kind else [])])


def _cells(row: OptOut) -> list[Any]:
    return [
        {"text": nouns.where(row), "url": reverse("consents:population", args=[row.pk])}, what(row),
        {"text": str(rules_populations.SPEAKERS.get(row.said_as, "")), "note": str(row.by)}, _moment(row.at), row.act_number or "–",
    ]  # fmt: skip


@requires(nouns.PERMISSION, of=OptOut)
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def population(request: HttpRequest, row: OptOut) -> HttpResponse:
    """One no for others with its act; whoever may take it back does so here, with the reason."""
    person: Any = request.user
    form = Lift(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            optouts.lift(row.pk, by=person, because=form.cleaned_data["because"])
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Taken back. Everything stays off until each person switches it on."))
            return redirect("consents:populations")
    role, everywhere = nouns.speaks(person, row.entity, row.country)
    facts = [
        {"label": _("For whom"), "value": nouns.where(row)},
        {"label": _("Of what"), "value": what(row)},
        {"label": _("Said by"), "value": f"{rules_populations.SPEAKERS.get(row.said_as, '')}, {row.by}"},
        {"label": _("Since"), "value": _moment(row.at)},
    ]
    if row.act_number:
        on = date_format(row.act_on, "j F Y") if row.act_on else ""
        facts.append(
            {"label": _("Act"), "value": ", ".join(filter(None, [row.document, row.act_number, on]))}
        )
    if row.lifted_at:
        facts += [
            {"label": _("Taken back"), "value": f"{_moment(row.lifted_at)}, {row.lifted_by or ''}"},
            {"label": _("Why it is taken back"), "value": row.lifted_because},
        ]
    why_not = reason(rules_populations.check_lift, row.said_as, role, everywhere, "…")
    return render(
        request, "consents/population.html", {"row": row, "facts": facts, "form": form, "why_not": why_not},
        status=400 if form.errors else 200,
    )  # fmt: skip
