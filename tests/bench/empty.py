"""The reference of the gate: Django with one view that reads the body and answers 202, nothing else."""

from django.conf import settings
from django.core.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path


def swallow(request: HttpRequest) -> HttpResponse:
    request.read()
    return HttpResponse(b"{}", content_type="application/json", status=202)


urlpatterns = [path("api/v1/batches", swallow)]
settings.configure(
    SECRET_KEY="bench", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[], LOGGING_CONFIG=None
)
import django  # noqa: E402

django.setup()
application = WSGIHandler()
