"""What has changed since somebody agreed, in their own language: why a yes that was given before counts no more."""

from dataclasses import dataclass
from datetime import datetime

from governance.purposes import rules_change
from governance.purposes.models import Purpose, PurposeVersion


@dataclass(frozen=True)
class Changed:
    """One version of the register that people were asked about anew: from when on, and a sentence for each reason."""

    at: datetime
    whys: tuple[str, ...]


def since(purpose: Purpose, notice_version: int) -> list[Changed]:
    """Every material change after this version of the notice, the newest first; empty when it still counts."""
    notices = purpose.notices.filter(
        published_at__isnull=False, version__gt=notice_version, version__lte=purpose.asks_from_notice
    )
    told = notices.values_list("purpose_version", flat=True)
    versions = PurposeVersion.objects.filter(
        purpose=purpose, number__in=list(told), in_force_at__isnull=False
    )
    return [
        Changed(version.in_force_at, _whys([change["field"] for change in version.material]))
        for version in versions.order_by("-number")
        if version.in_force_at and version.material
    ]


def _whys(fields: list[str]) -> tuple[str, ...]:
    rows = [rules_change.FIELDS[field] for field in fields if field in rules_change.FIELDS]
    return tuple(dict.fromkeys(str(row.why) for row in rows))
