"""How often a stranger may knock at a public page: so many times in so many seconds from one address."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def too_fast(request: HttpRequest, door: str, *, most: int, seconds: int) -> bool:
    """Counts this knock. Nothing but a number is kept, in the cache, until the time is over."""
    key = f"pace:{door}:{get_adapter().get_client_ip(request)}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return int(cache.incr(key)) > most
    except ValueError:  # it ran out in between
        return False
