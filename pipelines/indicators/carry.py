"""Carry the sums of an indicator from one night to the next: only units that the night touches are computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from pipelines.indicators.add_up import add_up, taken_away
from pipelines.indicators.indicator import Changes, Indicator, Inputs
from pipelines.indicators.sums import Sums
from pipelines.lake.changed import changed_records, have_one_base

_SHARE = 0.3
_changed = lru_cache(maxsize=64)(changed_records)


@dataclass(frozen=True)
class Carried:
    """How many units were touched, and their sums as they were and as they are."""

    units: int
    before: dict[str, pl.DataFrame]
    after: dict[str, pl.DataFrame]


def carry(indicator: Indicator, then: Inputs, now: Inputs, kept: Sums, target: Sums) -> Carried | None:
    """Write to `target` the sums as they are now, from those kept of the night before and what has changed since.

    None, and nothing is written, where everything may have changed, or so much that all is better computed.
    """
    units = _find_touched(indicator, then, now, kept)
    if units is None or indicator.carry is None:
        return None
    done, before, after = units.clear(), kept.of(units.clear()), kept.of(units.clear())
    while not units.is_empty():
        done = pl.concat([done, units])
        before = kept.of(done)
        if _count(before.values()) > _SHARE * _count(kept.whole().values()):
            return None
        left = {n: pl.concat([rows, after[n].lazy()]) for n, rows in kept.without(done).items()}
        inputs = replace(now, left=left, only=indicator.carry.needed(units, now))
        found = indicator.sums(indicator.evidence(inputs), inputs)
        after = {n: pl.concat([after[n], meet(found[n], units)]) for n in found}
        if indicator.carry.reached is None:
            break
        reached = indicator.carry.reached(before, after, kept.whole())
        units = reached.unique().join(done, on=indicator.unit, how="anti", nulls_equal=True)
    kept.carry_on(target, done, after)
    gone, came = indicator.totals(before), indicator.totals(after)
    totals = {n: add_up([rows, taken_away(gone[n]), came[n]]) for n, rows in kept.totals().items()}
    target.write_totals(totals)
    return Carried(done.height, before, after)


def meet(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The rows of some units."""
    return rows.join(units, on=units.columns, how="semi", nulls_equal=True, maintain_order="left")


def _find_touched(indicator: Indicator, then: Inputs, now: Inputs, kept: Sums) -> pl.DataFrame | None:
    """The units that may differ; None for all of them."""
    if indicator.carry is None or not have_one_base(then.records, now.records):
        return None

    def changed(dataset: str) -> pl.DataFrame:
        return _changed(then.records, now.records, dataset)

    others = [dataset for dataset in indicator.reads if dataset not in indicator.carry.datasets]
    if not all(changed(dataset).is_empty() for dataset in others):
        return None
    return indicator.carry.touched(Changes(then, now, kept.whole(), changed)).unique()


def _count(frames: Iterable[pl.DataFrame | pl.LazyFrame]) -> int:
    return sum(rows.lazy().select(pl.len()).collect().item() for rows in frames)
