"""Carry the sums of an indicator from one night to the next: only units that the night touches are computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from pipelines.engine.add_up import add_up, taken_away
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs
from pipelines.engine.kept import Kept, as_text
from pipelines.engine.kept_sums import Sums
from pipelines.lake.changed import changed_records, have_one_base

_SHARE = 0.3
_changed = lru_cache(maxsize=64)(changed_records)
_Rows = Mapping[str, pl.DataFrame]
_NOTHING: _Rows = {}


@dataclass(frozen=True)
class Carried:
    """How many units were touched, and the sums and totals that are not the same, as they were and as they are."""

    units: int
    before: Frames
    after: Frames


def carry(indicator: Indicator, then: Inputs, now: Inputs, kept: Sums, target: Sums) -> Carried | None:
    """Write to `target` the sums as they are now, from those kept of the night before and what has changed since.

    None, and nothing is written, where everything may have changed, or so much that all is better computed.
    """
    frames = kept.units
    sums = {name: frame.scan() for name, frame in frames.items()}
    changes = Changes(then, now, sums, lambda dataset: _changed(then.records, now.records, dataset))
    units = _find_touched(indicator, changes)
    if units is None or indicator.carry is None:
        return None
    done, before, after = units.clear(), _NOTHING, _NOTHING
    while True:
        done = pl.concat([done, units])
        before = _append(before, {name: frame.of(units) for name, frame in frames.items()})
        if _count(before[name] for name in frames) > _SHARE * _count(sums.values()):
            return None
        others = {
            name: pl.concat([frame.without(done), *([after[name].lazy()] if after else [])])
            for name, frame in frames.items()
        }
        with ThreadPoolExecutor() as pool:  # between the steps of one a core would be idle
            stood = pool.submit(_compute_anew, indicator, units, then, frames)
            after = _append(after, _compute(indicator, units, now, others))
            before = _append(before, stood.result())
        if indicator.carry.reached is None:
            break
        reached = indicator.carry.reached(before, after, changes)
        units = reached.unique().join(done, on=indicator.unit, how="anti", nulls_equal=True)
        if units.is_empty():
            break
    for name, frame in frames.items():
        frame.carry_on(target.unit(name), done, after[name])
    gone, came = _carry_totals(indicator.totals(before, then), indicator.totals(after, now), kept, target)
    target.finish()
    return Carried(done.height, {**before, **gone}, {**after, **came})


def _carry_totals(gone: _Rows, came: _Rows, kept: Sums, target: Sums) -> tuple[_Rows, _Rows]:
    """Write what the totals are without some sums and with others; return the grains concerned, before and after."""
    before, after = {}, {}
    for name, frame in kept.totals.items():
        alike = [n for n, other in kept.totals.items() if other.by == frame.by]
        values = pl.concat(rows[n].select(frame.by) for n in alike for rows in (gone, came)).unique()
        before[name] = frame.of(values)
        after[name] = add_up([before[name], taken_away(gone[name]), came[name]])
        frame.carry_on(target.total(name), values, after[name])
    return before, after


def _compute(
    indicator: Indicator, units: pl.DataFrame, inputs: Inputs, others: Mapping[str, pl.LazyFrame]
) -> dict[str, pl.DataFrame]:
    """The sums of some units, beside those of `others` that are left as they are."""
    assert indicator.carry is not None
    inputs = replace(inputs, left=others, only=indicator.carry.needed(units, inputs))
    found = indicator.sums(indicator.evidence(inputs), inputs)
    return {name: _meet(as_text(rows), units) for name, rows in found.items()}


def _compute_anew(
    indicator: Indicator, units: pl.DataFrame, then: Inputs, frames: Mapping[str, Kept]
) -> dict[str, pl.DataFrame]:
    """The sums of some units that were not kept, as they were."""
    assert indicator.carry is not None
    if not indicator.carry.anew:
        return {}
    stood = _compute(indicator, units, then, {name: frame.without(units) for name, frame in frames.items()})
    return {name: stood[name] for name in indicator.carry.anew}


def _append(rows: _Rows, more: _Rows) -> dict[str, pl.DataFrame]:
    return {**rows, **{n: pl.concat([rows[n], found]) if n in rows else found for n, found in more.items()}}


def _meet(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    return rows.join(units, on=units.columns, how="semi", nulls_equal=True, maintain_order="left")


def _find_touched(indicator: Indicator, changes: Changes) -> pl.DataFrame | None:
    """The units that may differ; None for all of them.

    Where no policy row begins or ends between the two dates, what policy says on a day of the past, but not after as_of,
    is the same on both.
    """
    if changes.now.policies.change_between(*changes.days):
        return None
    if indicator.carry is None or not have_one_base(changes.then.records, changes.now.records):
        return None
    others = [dataset for dataset in indicator.reads if dataset not in indicator.carry.datasets]
    if not all(changes.changed(dataset).is_empty() for dataset in others):
        return None
    return indicator.carry.touched(changes).unique()


def _count(frames: Iterable[pl.DataFrame | pl.LazyFrame]) -> int:
    return sum(rows.lazy().select(pl.len()).collect().item() for rows in frames)
