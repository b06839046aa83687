"""Who may sign in, and how: by e-mail and password; nobody as somebody else, nobody without a door of their own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from governance.audit import log
from governance.people import addresses, notify
from governance.people.arrival import arrive
from governance.people.models import Person


class PersonBackend:
    """E-mail and password. No permissions are answered here: lib.access asks roles and guardian."""

    def authenticate(
        self, request: HttpRequest | None, email: str | None = None, password: str | None = None, **_: Any
    ) -> Person | None:
        if not email or not password:
            return None
        addresses.come_into_force()
        person = Person.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            make_password(password)  # the same time as for a known address
            return None
        return person if person.check_password(password) else None

    def get_user(self, user_id: Any) -> Person | None:
        return arrive(user_id)


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people come from the roster

    @transaction.atomic
    def set_password(self, user: Person, password: str) -> None:
        """Changed or reset: the person finds a message of it, so that a stranger's reset does not stay unseen."""
        super().set_password(user, password)
        notify.tell(user, "password_changed")
        log.record("account.password_changed", about=user)

    def get_user_search_fields(self) -> list[str]:
        return ["email"]
