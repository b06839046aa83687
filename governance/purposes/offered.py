"""What the gate reads of a purpose: the captured items that the rules let run, as the version in force declares them."""

from governance.audit import log
from governance.purposes.judging import Read
from governance.purposes.models import Signal


def project(found: Read) -> frozenset[str]:
    """What the gate reads: the captured items that may run, as the version in force declares them. Returns what it lost.

    Call under the purpose's exclusive lock: what is dropped here is refused for everybody from the commit on.
    """
    purpose, judged = found.purpose, found.judged
    before = set(purpose.signals.values_list("code", flat=True))
    purpose.signals.exclude(code__in=judged.recorded).delete()
    for position, item in enumerate(judged.activity.signals):
        if item.code in judged.recorded:
            Signal.objects.update_or_create(
                purpose=purpose, code=item.code,
                defaults={"fields": list(item.fields), "why": item.why, "position": position},
            )  # fmt: skip
    if before != judged.recorded:
        log.record(
            "purpose.items_offered", about=purpose, version=found.number, offered=sorted(judged.recorded)
        )
    return frozenset(before - judged.recorded)
