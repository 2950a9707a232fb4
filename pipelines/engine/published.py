"""What was published for a date, given to what judges by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.engine.indicator import Inputs
from pipelines.policy.policies import Policies


@dataclass(frozen=True)
class Published:
    """What was published for a date, for an indicator that judges by it: lists of those to be named, scores of a year.

    `rows(table, condition)`: the rows of a report table that meet an SQL condition, of the divisions asked for where the
    table says of which a row is. `records(institutions)`: the large datasets of these institutions with their heads and
    branches, the small ones whole, as the run that stands read them.
    """

    as_of: date
    policies: Policies
    rows: Callable[[str, str], list[dict[str, Any]]]
    records: Callable[[frozenset[str]], Inputs]
