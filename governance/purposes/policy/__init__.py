"""Policy packs: the laws as dated, cited rules over plain facts.

`evaluate(facts, "EU", on)` judges by one law, `evaluate(facts, None, on)` by all that apply. Read in this order:
facts.py (what a purpose says), vocabulary.py (under which names rules ask), language.py (how they ask), rule.py and
packs.py (what they are), engine.py (how they are heard), evaluation.py (the answer), overrides.py, changes.py
(the coming days on which a verdict changes), retention.py (floors and ceilings).
"""

from governance.purposes.policy.changes import next_changes
from governance.purposes.policy.engine import evaluate
from governance.purposes.policy.evaluation import Evaluation
from governance.purposes.policy.facts import PurposeFacts, SignalFacts
from governance.purposes.policy.outcomes import Outcome
from governance.purposes.policy.packs import PolicyPack

__all__ = ["Evaluation", "Outcome", "PolicyPack", "PurposeFacts", "SignalFacts", "evaluate", "next_changes"]
