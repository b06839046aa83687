"""The register: what is done with personal data, why, on which ground, with what, for how long, and what people are told.

register.py: purposes, their versions, what machines read of them · parties.py: who processes for whom ·
papers.py: assessments, evidence, overrides, evaluations · notices.py: what people are told.
"""

from governance.purposes.models.notices import Notice, NoticeText
from governance.purposes.models.papers import Assessment, Evaluation, Evidence, EvidenceFile, Override
from governance.purposes.models.parties import Mandate, Processor
from governance.purposes.models.register import (
    DataSystem,
    Purpose,
    PurposeGroupObjectPermission,
    PurposeQuerySet,
    PurposeUserObjectPermission,
    PurposeVersion,
    RetentionRule,
    Signal,
)

__all__ = [
    "Assessment", "DataSystem", "Evaluation", "Evidence", "EvidenceFile", "Mandate", "Notice", "NoticeText", "Override",
    "Processor", "Purpose", "PurposeGroupObjectPermission", "PurposeQuerySet", "PurposeUserObjectPermission",
    "PurposeVersion", "RetentionRule", "Signal",
]  # fmt: skip
