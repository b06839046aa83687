"""Set up what sends for a programme: a new programme, its clients with their keys, their devices, and who is at them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.capture import bindings, programmes
from governance.capture.models import Binding, Client, Device, Programme
from governance.capture.views_life import asked
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.people.zones import in_their_zone
from governance.purposes.models import Purpose


class New(forms.Form):
    purpose = forms.ModelChoiceField(
        Purpose.objects.none(), label=gettext_lazy("Purpose"), empty_label=None,
        help_text=gettext_lazy("An approved purpose that asks for consent. What it declares is all that can be recorded."),
    )  # fmt: skip
    name = forms.CharField(max_length=200, label=gettext_lazy("Name of the programme"))
    applications = forms.CharField(
        label=gettext_lazy("Own applications"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One in each line, by the name that the capture client gives it."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["purpose"]
        field.queryset = (
            Purpose.objects.filter(entity_id__in=person.entities_where("capture.run"), asks_consent=True, state__in=("approved", "active"))
            .order_by("number")
        )  # fmt: skip
        field.label_from_instance = lambda purpose: f"{purpose.number} {purpose.name}"


@requires("capture.run")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A draft stands; who asks for it owns it."""
    person: Any = request.user
    form = New(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        names = [line.strip() for line in said["applications"].splitlines() if line.strip()]
        made = programmes.plan(said["purpose"], said["name"], applications=names, by=person, owner=person)
        messages.success(request, _("It stands as a draft. Set its terms, then hand it in."))
        return redirect("capture:terms", made.pk)
    return render(request, "capture/new.html", {"form": form}, status=400 if form.errors else 200)


@requires("capture.run", of=Programme)
@never_cache
@in_their_zone
@require_safe
def clients(request: HttpRequest, row: Programme) -> HttpResponse:
    """Clients, devices, and who is at them now: no content, and no choice of anybody."""
    living = Binding.objects.filter(device__client__programme=row, to_at__isnull=True)
    return render(
        request, "capture/clients.html",
        {
            "programme": row,
            "clients": row.clients.order_by("made_at").prefetch_related("devices"),
            "bindings": living.select_related("person", "device").order_by("device__number", "from_at"),
        },
    )  # fmt: skip


class Name(forms.Form):
    name = forms.CharField(max_length=100, label=gettext_lazy("Name of the client"))


@requires("capture.run", of=Programme)
@never_cache
@require_http_methods(["GET", "POST"])
def new_client(request: HttpRequest, row: Programme) -> HttpResponse:
    """The key stands in the answer to this one POST, and nowhere else."""
    person: Any = request.user
    form = Name(request.POST or None)
    if request.method == "POST" and form.is_valid():
        client, key = programmes.give_key(row, form.cleaned_data["name"], by=person)
        back = reverse("capture:clients", args=[row.pk])
        return render(
            request, "capture/key.html", {"programme": row, "client": client, "key": key, "back": back}
        )
    return asked(
        request, row, form, lambda _said: None, title=_("New client"), button=_("Make the client and its key"), done="",
        says=_("A client is a program that sends for this programme alone. Its key is shown once."),
    )  # fmt: skip


@requires("capture.run", of=Client)
@require_POST
def end_client(request: HttpRequest, row: Client) -> HttpResponse:
    programmes.end_client(row, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Ended. Nothing more is taken with its key."))
    return redirect("capture:clients", row.programme_id)


class NewDevice(forms.Form):
    number = forms.CharField(max_length=40, label=gettext_lazy("Number of the device"))


@requires("capture.run", of=Client)
@require_http_methods(["GET", "POST"])
def new_device(request: HttpRequest, row: Client) -> HttpResponse:
    person: Any = request.user
    return asked(
        request, row.programme, NewDevice(request.POST or None), lambda said: programmes.add_device(row, said["number"], by=person),
        title=_("New device of %(client)s") % {"client": row.name}, button=_("Add the device"), done=_("The device is known."),
        says=_("A machine that this client runs on. Nothing is taken from it until somebody is signed in there."), to="capture:clients",
    )  # fmt: skip


class NewBinding(forms.Form):
    number = forms.CharField(max_length=40, label=gettext_lazy("Person number"))


@requires("capture.run", of=Device)
@require_http_methods(["GET", "POST"])
def new_binding(request: HttpRequest, row: Device) -> HttpResponse:
    person: Any = request.user
    return asked(
        request, row.client.programme, NewBinding(request.POST or None), lambda said: bindings.bind_by_hand(said["number"], row, by=person),
        title=_("Who is at %(device)s") % {"device": row.number}, button=_("Sign them in there"), done=_("Signed in at the device."),
        says=_("Only what this person does at this device is taken for them, and only if they agreed themselves."), to="capture:clients",
    )  # fmt: skip


@requires("capture.run", of=Binding)
@require_POST
def end_binding(request: HttpRequest, row: Binding) -> HttpResponse:
    try:
        bindings.end(row, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("They have left the device."))
    return redirect("capture:clients", row.device.client.programme_id)
