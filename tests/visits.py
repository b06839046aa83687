"""Pages as a person sees them: signed in, with the database rights of the web process and no more."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from django.test import Client

from governance.people.models import Person
from tests.conftest import as_login

BACKEND = "governance.people.signin.PersonBackend"


@contextmanager
def visit(person: Person) -> Iterator[Client]:
    """A signed-in browser of this person; PostgreSQL treats every request as the web's login."""
    client = Client()
    with as_login("web"):
        client.force_login(Person.objects.get(pk=person.pk), backend=BACKEND)
        yield client


def reading(person: Person, language: str) -> Person:
    """The same person, whose pages are in this language from now on. As owner, or as whoever may write it."""
    Person.objects.filter(pk=person.pk).update(language=language)
    person.language = language
    return person


def words(response: Any) -> str:
    """What stands on the page, without tags, in one line."""
    text = re.sub(r"(?s)<(script|style).*?</\1>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).strip()


def ticket(page: Any, purpose: Any) -> dict[str, str]:
    """The hidden fields of the form that this page would send for this purpose."""
    html = page.content.decode()
    form = re.search(rf'(?s)<form[^>]*action="/me/purposes/{purpose.pk}/give/".*?</form>', html)
    assert form is not None, "there is nothing to agree to on this page"
    return dict(re.findall(r'name="(notice|language)" value="([^"]+)"', form.group()))
