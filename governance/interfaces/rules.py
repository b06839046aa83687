"""What a client may be allowed, where a webhook may go, and when one is tried again. Pure."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

# Scope → what it lets a program do, as the page says it. Codes are never renamed.
SCOPES = {
    "decisions": _("Ask whether a signal of a person may be taken now: yes or no"),
    "explain": _("Hear why not where the register says so, for everybody alike; never what a person said"),
    "consents.write": _("Pass on a person’s yes, given before it to the exact words of a notice"),
    "withdrawals.write": _("Pass on a person’s withdrawal"),
    "events": _("Hear which person, by an opaque id, gave or ended consent; webhooks need it"),
    "register": _("Read the purposes and their notices"),
    "drafts.write": _(
        "Propose purposes: they stand in the register as drafts, and people complete and approve them"
    ),
    "individuals": _("Read the ids and staff numbers of the people at the entity, no names"),
    "records": _("Read where every person stands: for auditors’ systems"),
    "webhooks": _("Set up its own webhooks"),
    "leavers": _("Say who has left, as a directory does by SCIM; their job here ends that day"),
}

# What other systems are told → in words.
TYPES = {
    "consent.given": _("consent given"),
    "consent.withdrawn": _("consent withdrawn"),
    "consent.expired": _("consent ended by time, job or a new notice"),
    "consent.revoked": _("consent ended by the controller"),
    "consent.invalidated": _("consent found not valid"),
    "permission.changed": _("something is allowed no more, or again: ask for the decision"),
    "restriction.on": _("not to be used for this person until decided"),
    "restriction.final": _("has stopped for this person"),
    "restriction.off": _("may be used for this person again"),
    "opt_out.population_placed": _("opt-out of a whole population placed"),
    "order.done": _("erasure order done, read back and found empty"),
}
# The log's code → what is told of it, where that is another word. Pause and opt-out are one event, which tells no choice.
TOLD_AS = {
    "opt_out.placed": "permission.changed", "opt_out.lifted": "permission.changed", "pause.begun": "permission.changed",
    "pause.ended": "permission.changed", "objection.raised": "restriction.on", "objection.upheld": "restriction.final",
    "objection.rejected": "restriction.off",
}  # fmt: skip
HEARD = {code: code for code in TYPES if not code.startswith(("permission.", "restriction."))} | TOLD_AS
STOPPED = {
    "by_hand": _("stopped by hand"),
    "gone": _("the receiver said that it is gone (410)"),
}

# After a failed try the next one comes so much later; after the last of them it is given up.
WAITS = [
    timedelta(seconds=seconds)
    for seconds in (10, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600)
]
KEPT_FOR = timedelta(days=30)  # deliveries that are over
ANSWERS_FOR = timedelta(hours=24)
LONGEST_URL = 500
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class ClientFacts:
    name: str
    scopes: frozenset[str]
    purposes: int
    all_of_the_entity: bool
    by_may: bool
    name_is_free: bool


def check_client(facts: ClientFacts) -> None:
    """Who lets a program in, and to what: one entity, named purposes, named scopes."""
    if not facts.by_may:
        raise Refused(_("Only the DPO’s office of this entity lets programs in."), code="not_yours_to_give")
    if not facts.name.strip():
        raise Refused(_("Give it a name by which people know the program."), code="no_name")
    if not facts.name_is_free:
        raise Refused(_("A program of this name is there already. Choose another name, or end that one."), code="name_taken")  # fmt: skip
    if not facts.scopes or facts.scopes - set(SCOPES):
        raise Refused(_("Choose at least one thing that it may do."), code="no_scope")
    if not facts.purposes or not facts.all_of_the_entity:
        raise Refused(_("Choose at least one purpose of this entity."), code="no_purpose")
    if "explain" in facts.scopes and "decisions" not in facts.scopes:
        raise Refused(
            _("Reasons come with answers. Choose that it may ask, too."), code="explain_needs_decisions"
        )
    if "webhooks" in facts.scopes and "events" not in facts.scopes:
        raise Refused(_("A webhook tells what happened. Choose that it may hear events, too."), code="webhooks_need_events")  # fmt: skip


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    path: str
    tls: bool


def target(url: str, *, local: frozenset[str]) -> Target:
    """Where a webhook goes. `local`: host:port pairs that this installation allows without TLS and inside its network."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
    except ValueError:
        raise Refused(_("This is no address. Write one that begins with https://."), code="bad_url") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or not host or len(url) > LONGEST_URL or parts.username or parts.password or parts.fragment:
        raise Refused(
            _("This address cannot be used: no names or passwords in it, no spaces, at most 500 characters."),
            code="bad_url",
        )
    allowed_here = f"{host}:{port}" in local
    if parts.scheme != "https" and not (parts.scheme == "http" and allowed_here):
        raise Refused(_("Webhooks go out encrypted only. Write an address that begins with https://."), code="not_https")  # fmt: skip
    if not allowed_here and port != 443 and port < 1024:
        raise Refused(
            _("No webhook receiver listens at this port. Use 443, or one above 1023."), code="bad_port"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, parts.scheme == "https")


def check_address(found: str) -> None:
    """An address that a name led to: only the public internet, so that a webhook reaches nothing of this network."""
    address = ipaddress.ip_address(found.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in NAT64:
            address = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
    tunnel = getattr(address, "sixtofour", None) or getattr(address, "teredo", None)
    if tunnel or not address.is_global or address.is_multicast or address.is_reserved:
        raise Refused(
            _("This address leads into a private network. A webhook goes to the public internet only."),
            code="private_address",
        )


def next_wait(attempts: int) -> timedelta | None:
    """How long after so many failed tries the next one comes; None: it is given up."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def check_types(types: frozenset[str]) -> None:
    if not types or types - set(TYPES):
        raise Refused(_("Choose at least one thing that it shall hear of."), code="no_type")
