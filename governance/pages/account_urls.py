"""Signing in and out, by django-allauth: only the doors that are needed, each with who may pass it.

Signing up is closed (people come from the roster), addresses are changed by the roster alone and in force only later (people/addresses.py), nothing is confirmed by
link but a reset, which goes to the registered address.
"""

from allauth.account import views
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from governance.lib.access import public, requires
from governance.people import addresses


def password_reset(request: HttpRequest) -> HttpResponse:
    """The link goes to the address that is in force this moment, never to one that still waits."""
    if request.method == "POST":
        addresses.come_into_force()
    return views.password_reset(request)  # type: ignore[no-any-return]


own = requires("people.own_account")

urlpatterns = [
    path("login/", public(views.login), name="account_login"),
    path("logout/", public(views.logout), name="account_logout"),
    path("inactive/", public(views.account_inactive), name="account_inactive"),
    path("signup/", public(views.signup), name="account_signup"),  # answers: accounts are not made here
    path("password/change/", own(views.password_change), name="account_change_password"),
    path("password/set/", own(views.password_set), name="account_set_password"),
    path("password/reset/", public(password_reset), name="account_reset_password"),
    path("password/reset/done/", public(views.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
