"""What a bulletin is about: the published run of its date, the bulletin before it, and whose figures it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.past.past_run import PastRun, find_run
from pipelines.publish.frozen import first_frozen, frozen_before
from pipelines.store.store import Store

_RUNS = METADATA.tables["runs"]


@dataclass(frozen=True)
class Subject:
    """A bulletin to be made. `ledger` is the run's row of `runs`; `scope` holds prefixes of division codes, none for
    all; `previous` is the quarter it follows, `since` when the run of that quarter ended; `up_to` the day up to which goods
    were accepted whose debts it tells apart.
    """

    run: PastRun
    ledger: Mapping[str, Any]
    scope: tuple[str, ...]
    is_frozen: bool
    previous: date | None
    since: str
    up_to: date | None = None

    @property
    def as_of(self) -> date:
        """The date it speaks of."""
        return self.run.as_of

    @property
    def finished(self) -> datetime:
        """When its run ended: the only time that the bulletin shows, so that it is the same whenever it is made."""
        return datetime.fromisoformat(str(self.ledger["finished_at"]))

    @property
    def title(self) -> tuple[str, str]:
        """What it is called, in Chinese and English."""
        kind = ("季度通报", "Quarterly bulletin") if self.is_frozen else ("情况通报", "Bulletin")
        return f"药品集中带量采购执行{kind[0]}", f"Volume-based procurement: {kind[1].lower()}"


def choose_subject(
    connection: sa.Connection,
    home: Store,
    overlay: Path | None,
    as_of: date,
    scope: Sequence[str],
    *,
    is_quarter: bool,
    up_to: date | None = None,
) -> Subject:
    """The bulletin of a published date; with `is_quarter` one that freezes it.

    UsageError where the date has no published figures, where it is to be frozen and ends no quarter, where a prefix is no
    prefix of a division code, or where months do not end with `up_to`.
    """
    if up_to is not None:
        _require_month_end(up_to, as_of)
    if is_quarter and not is_quarter_end(as_of):
        raise UsageError(f"{as_of} 不是季末；季度通报的截止日须是 3 月 31 日、6 月 30 日、9 月 30 日或 12 月 31 日")
    if wrong := [prefix for prefix in scope if not (prefix.isdecimal() and len(prefix) <= 6)]:
        raise UsageError(f"“{wrong[0]}”不是行政区划编码的前缀，请写作 3302 或 330282")
    run = find_run(connection, home, overlay, as_of=as_of)
    ledger = _read_run(connection, run.run_id)
    first = first_frozen(connection, as_of)
    previous = first.previous_as_of if first else frozen_before(connection, as_of)
    return Subject(
        run,
        ledger,
        tuple(sorted(set(scope))),
        is_quarter or first is not None,
        previous,
        _ended(connection, previous) if previous else "",
        up_to,
    )


def is_quarter_end(day: date) -> bool:
    """Whether a quarter ends with the day."""
    following = day + timedelta(days=1)
    return following.day == 1 and following.month % 3 == 1


def _require_month_end(day: date, as_of: date) -> None:
    """Published rows go by months of acceptance, and hold nothing later than as_of."""
    first = day.replace(day=1)
    ends = (first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    if day > as_of:
        raise UsageError(f"验收截止日 {day} 晚于统计截止日 {as_of}，其后的验收尚不在已发布的数字之内")
    if day not in (*ends, as_of):
        near = "、".join(str(min(end, as_of)) for end in ends)
        raise UsageError(f"验收截止日 {day} 不是月末：已发布的数字按验收月份汇总，不能按日拆分；最近的可用日期是 {near}")


def _read_run(connection: sa.Connection, run_id: str) -> dict[str, Any]:
    return dict(connection.execute(sa.select(_RUNS).where(_RUNS.c.run_id == run_id)).mappings().one())


def _ended(connection: sa.Connection, frozen: date) -> str:
    first = first_frozen(connection, frozen)
    assert first is not None
    return str(_read_run(connection, first.run_id)["finished_at"])
