"""What the portal itself guarantees of how people are asked: facts of the gate G1–G10 that no purpose has to claim.

Each names the code that makes it true and the test that would fail if it were not any more. What depends on a purpose
(onboarding, incentives, papers) is no guarantee: it stands in its circumstances and its evidence.
"""

from dataclasses import dataclass

from governance.purposes.policy.facts import Asking


@dataclass(frozen=True)
class Guarantee:
    fact: str  # of policy.facts.Asking
    value: bool | int
    gate: str
    made_by: str  # file
    proved_by: str  # file::test


_CHOICES = "tests/consents/test_choices.py"
GUARANTEES = (
    Guarantee("control_per_item", True, "G4", "governance/consents/ledger.py",
              f"{_CHOICES}::test_asha_agrees_to_two_signals_in_hindi_and_gets_a_receipt"),
    Guarantee("withdraw_same_screen", True, "G5", "templates/consents/choices.html",
              f"{_CHOICES}::test_withdrawing_takes_one_press_and_shows_the_order"),
    Guarantee("clicks_to_give", 1, "G5", "templates/consents/choices.html",
              f"{_CHOICES}::test_withdrawing_is_never_more_presses_than_giving"),
    Guarantee("clicks_to_withdraw", 1, "G5", "templates/consents/choices.html",
              f"{_CHOICES}::test_withdrawing_is_never_more_presses_than_giving"),
    Guarantee("withdrawal_immediate", True, "G5", "governance/consents/ledger.py",
              "tests/races/test_narrowing_is_linear.py::test_once_the_verb_has_returned_nothing_more_is_admitted"),
    Guarantee("withdrawal_needs_reason", False, "G5", "governance/consents/ledger.py",
              f"{_CHOICES}::test_withdrawing_takes_one_press_and_shows_the_order"),
    Guarantee("managers_see_choices", False, "G3", "governance/lib/access.py",
              "tests/capture/test_pages.py::test_a_manager_sees_the_band_and_nobody_in_it"),
    Guarantee("smallest_group", 10, "G3", "governance/capture/bands.py",
              "tests/capture/test_pages.py::test_the_band_of_a_big_enough_company"),
    Guarantee("asked_again_after_months", 6, "G6", "governance/consents/asking.py", "tests/consents/test_silence.py"),
    Guarantee("expires_after_months", 12, "G10", "governance/consents/rules.py",
              "tests/consents/test_rules.py::test_a_yes_lapses_after_twelve_months_also_from_a_leap_day"),
    Guarantee("ends_on_job_change", True, "G10", "governance/consents/decide.py", "tests/consents/test_job_change.py"),
)  # fmt: skip


def asking(circumstances: frozenset[str]) -> Asking:
    """How consent is asked for: the guarantees, and what the purpose says of onboarding and incentives."""
    return Asking(
        **{guarantee.fact: guarantee.value for guarantee in GUARANTEES},  # type: ignore[arg-type]
        part_of_onboarding="part_of_onboarding" in circumstances,
        incentive="incentive" in circumstances,
        incentive_small="incentive_small" in circumstances,
        incentive_equal="incentive_equal" in circumstances,
    )
