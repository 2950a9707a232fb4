"""The limits of the gates, from policy rows, and a gate that does not apply."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from pipelines.policy.policies import Policies


@dataclass(frozen=True)
class AuditLimits:
    """Limits of the gates; the policy parameters `gate_…` say what each means. All limits still pass.

    `arrival_calendar`: source (dataset, or dataset/folder) → days it may be silent, before `arrival_days`.
    """

    reject_rate: Fraction = Fraction(3, 10)
    reject_rate_min_rows: int = 50
    reject_all_min_rows: int = 3
    rule_reject_rate: Fraction = Fraction(3, 10)
    history_runs: int = 3
    arrival_days: int = 45
    arrival_calendar: Mapping[str, int] = field(default_factory=dict)
    arrival_forget_days: int = 400
    volume_min_rows: int = 1000
    volume_low: Fraction = Fraction(1, 2)
    volume_high: Fraction = Fraction(3)
    findings_factor: Fraction = Fraction(2)
    findings_min: int = 50


@dataclass(frozen=True)
class Waived:
    """A gate that does not apply this night, and why."""

    check_id: str
    scope: str
    message_zh: str


def resolve_limits(policies: Policies, as_of: dt.date) -> AuditLimits:
    """Return the limits holding on `as_of` for the nation: a run is held or published as a whole.

    Raises PolicyError when a parameter has no row for that day.
    """

    def value(parameter: str) -> object:
        return policies.resolve(f"gate_{parameter}", "", as_of).value

    def number(parameter: str) -> int:
        return int(str(value(parameter)))

    def ratio(parameter: str) -> Fraction:
        return Fraction(str(value(parameter)))

    calendar = value("arrival_calendar")
    entries = (str(entry).rpartition("=") for entry in calendar) if isinstance(calendar, list) else ()
    return AuditLimits(
        reject_rate=ratio("reject_rate"),
        reject_rate_min_rows=number("reject_min_rows"),
        reject_all_min_rows=number("reject_all_min_rows"),
        rule_reject_rate=ratio("rule_reject_rate"),
        history_runs=number("history_runs"),
        arrival_days=number("arrival_days"),
        arrival_calendar={source: int(days) for source, _, days in entries},
        arrival_forget_days=number("arrival_forget_days"),
        volume_min_rows=number("volume_min_rows"),
        volume_low=ratio("volume_low"),
        volume_high=ratio("volume_high"),
        findings_factor=ratio("findings_factor"),
        findings_min=number("findings_min"),
    )


def write_share(share: Fraction) -> str:
    """Write a share as a percentage, at most two decimals."""
    return f"{round(float(share) * 100, 2):g}%"
