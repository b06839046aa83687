"""Ask for a stop, and answer who asked."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from governance.capture import stop_requests
from governance.capture.models import Programme, StopRequest
from governance.capture.views_life import asked
from governance.lib.access import requires
from governance.lib.dates import date_format


class Ask(forms.Form):
    words = forms.CharField(
        max_length=4000, label=gettext_lazy("Why it should stop"), widget=forms.Textarea,
        help_text=gettext_lazy("The owner and the data protection officer read this. No names of colleagues."),
    )  # fmt: skip


class Answer(forms.Form):
    stop = forms.TypedChoiceField(
        choices=[("yes", gettext_lazy("Stop it now")), ("no", gettext_lazy("It goes on"))], coerce=lambda said: said == "yes",
        label=gettext_lazy("Your answer"), widget=forms.RadioSelect,
    )  # fmt: skip
    answer = forms.CharField(max_length=4000, label=gettext_lazy("Reasons"), widget=forms.Textarea)


@requires("capture.ask_stop", of=Programme)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, row: Programme) -> HttpResponse:
    person: Any = request.user
    day = date_format(stop_requests.due_if_asked(row), "j F Y")
    return asked(
        request, row, Ask(request.POST or None), lambda said: stop_requests.ask(row, said["words"], by=person),
        title=_("Ask for a stop"), button=_("Ask for a stop"), done=_("Asked. The owner and the data protection officer were told, and the clock runs."),
        says=_("The data protection officer answers in writing by %(day)s. The answer stays on the page of the programme.") % {"day": day},
    )  # fmt: skip


@requires("capture.answer_stop", of=StopRequest)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, row: StopRequest) -> HttpResponse:
    person: Any = request.user
    return asked(
        request, row.programme, Answer(request.POST or None), lambda said: stop_requests.answer(row.pk, by=person, **said),
        title=_("Answer to a request for a stop"), button=_("Answer"), done=_("Answered. Who asked was told."), says=row.words,
    )  # fmt: skip
