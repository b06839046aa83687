"""The rule of ten: how many, in words that show nobody."""


def band(some: int, of: int) -> str:
    """At least ten in, at least ten not, in steps of ten ("20–29"); else ""."""
    if some < 10 or of - some < 10:
        return ""
    low = some // 10 * 10
    return f"{low}–{low + 9}"
