"""Compute one indicator, part by part: sums, report rows, findings and notes, written as Parquet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import polars as pl
from polars.io.plugins import register_io_source

from pipelines.engine.add_up import RunningSum
from pipelines.engine.carry import carry, moved_parameters
from pipelines.engine.finding import COLUMNS as FINDING_COLUMNS
from pipelines.engine.indicator import Axis, Frame, Frames, Indicator, Inputs
from pipelines.engine.kept_sums import Sums
from pipelines.engine.order import in_order, merge
from pipelines.lake.laid_out import records_of
from pipelines.policy.policies import Policies
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.reports import REPORTS, ReportTable

DTYPES = {
    "text": pl.String,
    "json": pl.String,
    "timestamp": pl.String,
    "date": pl.Date,
    "double": pl.Float64,
    "fen": pl.Int64,
    "count": pl.Int64,
    "integer": pl.Int32,
    "flag": pl.Boolean,
}
_ADDED = {"as_of", "run_id"}
_RECOMPUTED = "touched"  # so the notes of runs have it
_AT_ONCE = 2  # parts at a time: between the steps of one part a core would be idle


@dataclass(frozen=True)
class BaseRun:
    """The run that a night is carried on from, whose records and sums are still there: its objects and its date; and, where
    they are not those of the night to come, its policy rows: then all is computed.
    """

    store: Store
    as_of: date
    policies: Policies | None = None


def compute(indicator: Indicator, inputs: Inputs, store: Store, base: BaseRun | None = None) -> dict[str, int]:
    """Write what the indicator yields into `store` and return the number of rows of each report table.

    `sums` and `totals` as `Sums` describes, named when all else stands; `reports/<table>.parquet`: the table's columns without
    as_of and run_id, sorted by key; `findings/<indicator>.parquet`; `notes/<indicator>.json`: what was left out, the policy
    rows that were used. Only two parts' evidence is in memory at a time.

    What the indicator rests on is read from `store` where it stands there, else computed on the way; so are parts
    (`compute_parts`), in whatever process they were computed.

    On a base run only the units that the delta can move are recomputed, and of those sums all reports where policy judges them by
    another row from this day on. Then `reports` and `findings` hold the
    rows made of these units, and `keys.OF_BASE` those that the base run has for them; or all of both.
    """
    sums = Sums.new(store, indicator)
    alone = inputs
    inputs = _with_sums_of_others(indicator, alone, store)
    parts = 0
    if base is None:
        parts = compute_all(indicator, inputs, sums)
        rows: Frames = sums.whole()
        policy_rows: set[str] = set()
        recomputed = None
    else:
        kept = Sums.standing(base.store, indicator)
        assert kept is not None  # else there were no base run
        policies = base.policies or alone.policies
        then = replace(alone, records=records_of(base.store), as_of=base.as_of, policies=policies)
        then = _with_sums_of_others(indicator, then, base.store)
        carried = carry(indicator, then, inputs, kept, sums)
        if carried is None:
            parts = compute_all(indicator, inputs, sums)
        if carried and moved_parameters(then, inputs) & set(indicator.parameters) - set(indicator.dated):
            carried = None  # the sums are, but not what policy makes of them
        recomputed = carried.units if carried else None
        rows = carried.after if carried else sums.whole()
        of_base = store.below(keys.OF_BASE)
        if carried or not _copy_answer(indicator, base.store, of_base):
            before = carried.before if carried else kept.consolidate(of_base).whole()
            write_answer(indicator, before, then, of_base)
        policy_rows = set(base.store.read_json(keys.notes(indicator.code))["policy_rows"])
    counts = write_answer(indicator, rows, inputs, store)
    used = sorted(policy_rows | inputs.policies.used)
    totals = {name: frame.scan() for name, frame in sums.totals.items()}
    notes = {"notes": indicator.notes(totals), "policy_rows": used, _RECOMPUTED: recomputed}
    store.put_json(keys.notes(indicator.code), notes)
    sums.finish(parts)
    return counts


def _with_sums_of_others(indicator: Indicator, inputs: Inputs, store: Store) -> Inputs:
    for other in indicator.rests_on:
        if sums := Sums.standing(store, other):
            linked = indicator.linked_of(other, sums.units)
            in_parts = linked if sums.parts and other.axis == indicator.axis else {}
            pieces = {name: kept.scan_parts() for name, kept in in_parts.items()}
            inputs = inputs.with_frames({name: kept.scan() for name, kept in linked.items()}, pieces)
    return inputs


def units_recomputed(code: str, store: Store) -> int | None:
    """How many units of an indicator a night recomputed; None where it computed all."""
    found: int | None = store.read_json(keys.notes(code)).get(_RECOMPUTED)
    return found


def whole_answer(indicator: Indicator, store: Store) -> list[str]:
    """The objects with all report rows and findings of an indicator; none where the night recomputed some units only."""
    if units_recomputed(indicator.code, store) is not None:
        return []
    return [*map(keys.report, indicator.tables), keys.findings(indicator.code)]


def _copy_answer(indicator: Indicator, base: Store, target: Store) -> bool:
    """Copy the answer of the base run, if it has all of it."""
    answer = whole_answer(indicator, base)
    if not answer or not all(map(base.has, answer)):
        return False
    for key in answer:
        base.copy(key, key, target)
    return True


def compute_parts(indicator: Indicator, inputs: Inputs, store: Store, numbers: Container[int]) -> None:
    """Write into `store` what some parts of the records come to, for `compute` to add up: parts hang on no other, and may be
    computed at the same time by any number of processes, and again.
    """
    divided = _with_sums_of_others(indicator, inputs, store).divided(indicator.axis, indicator.divided_by)
    parts = [of_part for of_part in divided if of_part.part in numbers]
    targets = [Sums.of_part(store, indicator) for _ in parts]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        shares = list(pool.map(partial(_compute_part, indicator), parts, targets))
    for of_part, target, share in zip(parts, targets, shares, strict=True):
        target.finish_part(of_part.part, share, inputs.policies.used)


def compute_all(indicator: Indicator, inputs: Inputs, target: Sums) -> int:
    """Write the sums of every part that have to be kept, and what all come to; of parts that stand computed, their share.
    Return the number of parts.
    """

    def share_of(of_part: Inputs) -> dict[str, pl.DataFrame]:
        if (kept := target.take_part(of_part.part)) is None:
            return _compute_part(indicator, of_part, target)
        totals, policy_rows = kept
        inputs.policies.used.update(policy_rows)
        return totals

    parts, totals = 0, defaultdict[str, RunningSum](RunningSum)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for share in pool.map(share_of, inputs.divided(indicator.axis, indicator.divided_by)):
            parts += 1
            for name, rows in share.items():
                totals[name].add(rows)
    for name, total in totals.items():
        target.total(name).write(0, total.whole())
    return parts


def _compute_part(indicator: Indicator, of_part: Inputs, target: Sums) -> dict[str, pl.DataFrame]:
    """Write what a part has for itself; return the totals that it shares with others."""
    _, sums = indicator.run(of_part)
    for name, rows in sums.items():
        if indicator.keeps(name):
            target.unit(name).write(of_part.part, rows)
    shared = {}
    for name, rows in indicator.totals(sums, of_part).items():
        if is_shared(indicator, rows):
            shared[name] = rows
        else:
            target.total(name).write(of_part.part, rows)
    return shared


def is_shared(indicator: Indicator, total: Frame) -> bool:
    """Whether parts have to be added up: no two share a key that names what they are divided by."""
    return f"{indicator.axis}_code" not in total.lazy().collect_schema()


def write_answer(indicator: Indicator, sums: Frames, inputs: Inputs, store: Store) -> dict[str, int]:
    """Write report rows and findings; return the number of rows of each table."""
    reports = indicator.reports(sums, inputs)
    counts = {table: _write_report(reports[table], table, store, indicator.axis) for table in indicator.tables}
    written = {table: store.scan(keys.report(table)) for table in indicator.tables}
    findings = indicator.findings(written, sums, inputs).sort("finding_id").select(FINDING_COLUMNS)
    store.write(keys.findings(indicator.code), findings)
    return counts


def shape(rows: pl.DataFrame, table: ReportTable) -> pl.DataFrame:
    """The table's columns (without as_of and run_id) in their types, sorted by key."""
    return in_order(rows.select(_columns(table)), _key(table))


def _write_report(rows: Frame, table: str, store: Store, axis: Axis) -> int:
    """Write a table sorted by key; one that was not read yet goes from object to object, part by part along the axis."""
    definition = REPORTS[table]
    if isinstance(rows, pl.DataFrame):
        return store.write(keys.report(table), shape(rows, definition)).rows
    shaped, key = rows.select(_columns(definition)), _key(definition)
    apart = key[: key.index(f"{axis}_code") + 1] if f"{axis}_code" in key else []

    def read(*_: object) -> Iterator[pl.DataFrame]:
        return merge(shaped, key, apart=apart)

    return store.write(keys.report(table), register_io_source(read, schema=shaped.collect_schema())).rows


def _columns(table: ReportTable) -> list[pl.Expr]:
    return [pl.col(c.name).cast(DTYPES[c.type]) for c in table.columns if c.name not in _ADDED]


def _key(table: ReportTable) -> list[str]:
    return [k for k in table.key if k not in _ADDED]
