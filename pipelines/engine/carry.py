"""Carry the sums of an indicator from one night to the next: only units that the delta can move are recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from pipelines.engine.add_up import MEASURES, add_up, taken_away
from pipelines.engine.finding import YEARS
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link, Stage
from pipelines.engine.kept import as_text
from pipelines.engine.kept_sums import Sums
from pipelines.engine.links import follow, links_of, needed, no_units
from pipelines.lake.changed import changed_records, have_one_base
from pipelines.lake.scan_records import meet
from pipelines.lake.unequal import unequal, unequal_sides
from pipelines.store.store import Store

_changed = lru_cache(maxsize=64)(changed_records)
_Rows = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Carried:
    """How many units were recomputed, and the sums and totals that are not the same, as they were and as they are."""

    units: int
    before: Frames
    after: Frames


def moved_parameters(then: Inputs, now: Inputs) -> frozenset[str]:
    """The parameters that may say another thing at as_of on one night than on the other: a row of them begins or ends between, or
    a year, where findings count by years. What they say on a day that a record names is the same.
    """
    moved = now.policies.moved_between(then.as_of, now.as_of)
    return moved if then.as_of.year == now.as_of.year else moved | {YEARS}


def carry(indicator: Indicator, then: Inputs, now: Inputs, kept: Sums, target: Sums) -> Carried | None:
    """Write to `target` the sums as they are now: those kept of the base run, recomputed for the units that the delta of
    the records can move.

    None, and nothing is written, where everything may have changed, or so much that all is better computed.
    """
    frames = kept.units
    scans = {name: frame.scan() for name, frame in frames.items()}
    changes = Changes(then, now, scans, lambda dataset: _changed(then.records, now.records, dataset))
    if then.policies is not now.policies or not have_one_base(then.records, now.records):
        return None
    asked = {parameter for one in (indicator, *indicator.rests_on) for parameter in one.today}
    if asked & moved_parameters(then, now):
        return None
    links = [(stage, links_of(indicator, stage)) for stage in indicator.stages]
    linked = {name for _, found in links for name in found}
    if not all(changes.changed(dataset).is_empty() for dataset in indicator.reads if dataset not in linked):
        return None
    others = [_moved_sums(indicator, other, kept.store, target.store) for other in indicator.rests_on]
    if None in others:
        return None
    before: dict[str, pl.DataFrame] = {}
    after: dict[str, pl.DataFrame] = {}
    for was, is_now in filter(None, others):
        before |= was
        after |= is_now
    recomputed: dict[str, pl.DataFrame] = {}
    count = 0
    for stage, of_stage in links:
        own = {name: frame for name, frame in frames.items() if indicator.stage_of(name) is stage}
        delta = _Delta(stage, of_stage, then, now, changes, before, after)
        units = delta.find_units()
        was = {name: frame.of(units) for name, frame in own.items()}
        if delta.is_large(units, _count(was.values()), _count(scans[name] for name in own)):
            return None
        with ThreadPoolExecutor() as pool:  # between the steps of one a core would be idle
            again = pool.submit(delta.recompute, units, then) if stage.anew else None
            found = delta.recompute(units, now)
            before = {**before, **(again.result() if again else {}), **was}
        after = {**after, **found}
        recomputed |= dict.fromkeys(own, units)
        count += units.height
        then = then.with_frames({name: scans[name] for name in own})
        now = now.with_frames({n: pl.concat([frame.without(units), found[n].lazy()]) for n, frame in own.items()})
    for name, units in recomputed.items():
        frames[name].carry_on(target.unit(name), units, after[name])
    for name in indicator.alone if changes.days[0] == changes.days[1] else ():
        before[name], after[name] = unequal_sides(before[name], after[name], before[name].columns)
    totals = (indicator.totals(before, changes.then), indicator.totals(after, changes.now))
    aged = {name: ages(kept.total(name).scan(), changes).collect() for name, ages in indicator.ages.items()}
    totals_before, totals_after = _carry_totals(*totals, aged, kept, target)
    return Carried(count, {**before, **totals_before}, {**after, **totals_after})


def _moved_sums(indicator: Indicator, other: Indicator, base: Store, store: Store) -> tuple[_Rows, _Rows] | None:
    """The linked sums of another indicator that may not be the same, as the base run has them and as they are; None where that
    is not known.
    """
    then, now = Sums.standing(base, other), Sums.standing(store, other)
    if then is None or now is None:
        return None
    before, after = {}, {}
    for name, frame in indicator.linked_of(other, now.units).items():
        if (moved := frame.moved()) is None:
            return None
        own = then.unit(name.removeprefix(f"{other.code}."))
        before[name], after[name] = own.of(moved), frame.of(moved)
    return before, after


@dataclass(frozen=True)
class _Delta:
    """What a stage must recompute between two nights, once the stages before it have."""

    stage: Stage
    links: Mapping[str, tuple[Link, ...]]
    then: Inputs
    now: Inputs
    changes: Changes
    before: _Rows
    after: _Rows

    def find_units(self) -> pl.DataFrame:
        """The units that rows which are not the same in both nights, or wake between them, can move."""
        found = [no_units(self.stage, self.changes.kept)]
        for name, links in self.links.items():
            moved = self._moved(name)
            for link in links:
                woken = self._woken(name, link)
                if woken is not None or not moved.is_empty():
                    rows = pl.concat([moved, *(w.select(moved.columns).collect() for w in (woken,) if w is not None)])
                    nights = (self.then, self.now)
                    found += pl.collect_all(follow(link, rows.lazy(), self.stage, self.links, nights, self.changes.kept))
        if self.stage.wakes is not None and self.changes.days[0] != self.changes.days[1]:
            found.append(self.stage.wakes(self.changes))
        return pl.concat(found[1:] or found).unique()

    def _moved(self, name: str) -> pl.DataFrame:
        return unequal(self.before[name], self.after[name]) if name in self.before else self.changes.changed(name)

    def _woken(self, name: str, link: Link) -> pl.LazyFrame | None:
        """The rows that count from now on, or no more, or are worth another thing, because as_of moved."""
        first, last = self.changes.days
        if first == last or (link.day is None and link.span is None):
            return None
        if link.span is not None:
            since, until = (pl.col(column) for column in link.span)
            wakes = (since <= last) & (until >= first).fill_null(True)
        elif isinstance(link.day, str):
            wakes = (pl.col(link.day) > first) & (pl.col(link.day) <= last)
        else:
            wakes = pl.any_horizontal(pl.col(day).is_between(first, last) for day in link.day or ())
        return self.now.scan(name).filter(wakes)

    def recompute(self, units: pl.DataFrame, inputs: Inputs) -> dict[str, pl.DataFrame]:
        """The sums of these units on one of the nights."""
        only = needed(self.stage, self.links, units, inputs)
        inputs = replace(inputs, only={name: (values,) for name, values in only.items()})
        found = self.stage.sums(self.stage.evidence(inputs), inputs)
        return {name: meet(as_text(rows), units).collect() for name, rows in found.items()}

    def is_large(self, units: pl.DataFrame, rows: int, of: int) -> bool:
        """Whether all is better computed: by the rows kept, or by the records where fewer are kept than units move."""
        if units.height <= of:
            return rows > self.stage.share * of
        return all(units.height > self.stage.share * _count([self.now.scan(name)]) for name in self.links)


def _carry_totals(old: _Rows, new: _Rows, aged: _Rows, kept: Sums, target: Sums) -> tuple[_Rows, _Rows]:
    """Write what the totals are without those of some units as they were (`old`), and with those as they are (`new`); return
    the grains concerned, before and after: of these, and of rows that are `aged`, and those beside which they are read.
    """
    frames = kept.totals
    moved: dict[tuple[str, ...], pl.DataFrame] = {}
    before: dict[str, pl.DataFrame] = {}
    after: dict[str, pl.DataFrame] = {}

    def move(grain: tuple[str, ...], *rows: pl.DataFrame) -> None:
        moved[grain] = pl.concat([moved.get(grain, rows[0].select(grain)), *(some.select(grain) for some in rows)]).unique()

    def add(name: str) -> None:
        before[name] = frames[name].of(moved[frames[name].by])
        after[name] = add_up([before[name], taken_away(old[name]), new[name]])

    for name, frame in frames.items():
        move(frame.by, *(some[name] for some in (old, new, aged) if name in some))
    for name, other in kept.indicator.beside.items():
        add(other)
        if not (keys := unequal(*(side[other].select(~MEASURES) for side in (before, after)))).is_empty():
            move(frames[name].by, meet(frames[name].scan(), keys.select(frames[other].by).unique()).collect())
    for name, other in kept.indicator.beside.items():
        add(name)
        move(frames[other].by, before[name], new[name])
    for name, frame in frames.items():
        if name not in kept.indicator.beside:
            add(name)
        frame.carry_on(target.total(name), moved[frame.by], after[name])
    return before, after


def _count(frames: Iterable[pl.DataFrame | pl.LazyFrame]) -> int:
    return sum(rows.lazy().select(pl.len()).collect().item() for rows in frames)
