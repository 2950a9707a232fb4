"""What policy says of a finding: which department sees to it, and within how many days of its first sight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import cache

from pipelines.policy.kept import read_policies
from pipelines.policy.policies import Policies
from pipelines.store.dossier import has_dossier, read_dossier
from pipelines.store.store import Store

DEPARTMENT = "医保局"
"""Who sees to the findings of a rule that the policy gives to nobody."""


@dataclass(frozen=True)
class Terms:
    """Both are asked by rule, division ('' where a finding has none) and day of the first sight; days are None where nothing is
    due. `used` are the policy rows that were asked so far.
    """

    days: Callable[[str, str, dt.date], int | None]
    department: Callable[[str, str, dt.date], str]
    used: Set[str] = frozenset()

    def due(self, rule: str, place: str, first_seen: dt.date) -> dt.date | None:
        """The day by which it is to be remedied; it may be a day off."""
        days = self.days(rule, place, first_seen)
        return None if days is None else first_seen + dt.timedelta(days=days)


def terms_of(policies: Policies) -> Terms:
    """As the policy rows that hold in the division on the day say: `task_departments`; `task_days`, else
    `finding_remedy_days`.
    """

    @cache
    def listed(parameter: str, place: str, day: dt.date) -> dict[str, str]:
        value = policies.resolve(parameter, place, day).value
        assert isinstance(value, list)
        return dict(member.split("=", 1) for member in value)

    @cache
    def remedy_days(place: str, day: dt.date) -> int:
        return int(str(policies.resolve("finding_remedy_days", place, day).value))

    def days(rule: str, place: str, day: dt.date) -> int:
        own = listed("task_days", place, day).get(rule)
        return remedy_days(place, day) if own is None else int(own)

    def department(rule: str, place: str, day: dt.date) -> str:
        return listed("task_departments", place, day).get(rule, DEPARTMENT)

    return Terms(days, department, policies.used)


def same_days(days: int | None) -> Terms:
    """The same number of days for all, as runs knew before there were tasks."""
    return Terms(lambda *_: days, lambda *_: DEPARTMENT)


NOTHING_DUE = same_days(None)


def terms_at(store: Store) -> Terms | None:
    """The terms by which a run was published, of its objects; None where they are gone, or the run was not computed."""
    figures = read_dossier(store).figures if has_dossier(store) else None
    if figures is None:
        return None
    return terms_of(read_policies(store)) if figures.has_terms else same_days(figures.remedy_days)
