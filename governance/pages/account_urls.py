"""Signing in and out, by django-allauth: only the doors that are needed, each with who may pass it.

Signing up is closed (people come from the roster), addresses are changed by the roster alone, nothing is confirmed by
link but a reset, which goes to the registered address.
"""

from allauth.account import views
from django.urls import path, re_path

from governance.lib.access import public, requires

own = requires("people.own_account")

urlpatterns = [
    path("login/", public(views.login), name="account_login"),
    path("logout/", public(views.logout), name="account_logout"),
    path("inactive/", public(views.account_inactive), name="account_inactive"),
    path("signup/", public(views.signup), name="account_signup"),  # answers: accounts are not made here
    path("password/change/", own(views.password_change), name="account_change_password"),
    path("password/set/", own(views.password_set), name="account_set_password"),
    path("password/reset/", public(views.password_reset), name="account_reset_password"),
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
