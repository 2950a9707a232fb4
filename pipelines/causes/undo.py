"""What happened undone, one cause after another, and the cells of the figures that each undoing changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from pipelines.causes.concerned import concerned
from pipelines.causes.moved import KINDS, Moved
from pipelines.causes.world import Units, lay_out_world, report_world, sums_beside, sums_of
from pipelines.database.tables import key_of
from pipelines.engine.compute import compute, write_answer
from pipelines.engine.indicator import Indicator, Inputs
from pipelines.engine.kept_sums import Sums
from pipelines.lake.scan_records import scan_records
from pipelines.policy.policies import Policies
from pipelines.publish.differences import differences
from pipelines.publish.restate import compared_columns
from pipelines.store import keys
from pipelines.store.dossier import Cause
from pipelines.store.store import Store

_SHARE = 0.5
"""Where more institutions or products than this are concerned, all are computed again: their sums stand already."""


@dataclass(frozen=True)
class Night:
    """A computed night: its objects with `records`, `sums`, `reports` and `findings`, its day and policies, and those
    of its indicators whose figures are looked at.
    """

    store: Store
    as_of: date
    policies: Policies
    indicators: Sequence[Indicator]

    @property
    def records(self) -> Store:
        """The records that it was computed from."""
        return self.store.below(keys.RECORDS)

    def inputs(self, records: Store) -> Inputs:
        """What its indicators would see of other records."""
        return Inputs(records, self.as_of, self.policies)


def undo(
    night: Night, moved: Mapping[str, Moved], steps: Sequence[Cause], policies_then: Policies | None, scratch: Store
) -> Iterator[pl.DataFrame]:
    """Undo the steps one after another and yield the cells that differ from the step before: columns `table_name`,
    `row_key`, `column_name`, `cause`.

    A step of `KINDS` takes back what moved that way; the step `policy` lets `policies_then` hold.
    """
    units = _choose_units(night, moved, steps)
    beside: dict[str, dict[str, pl.DataFrame]] = {}
    stands, records = scratch.below("now"), night.records
    if units is None:
        for indicator in night.indicators:
            write_answer(indicator, Sums(night.store, indicator).whole(), night.inputs(records), stands)
    else:
        records = stands.below(keys.RECORDS)
        lay_out_world(night.records, {}, (), units, records)
        for indicator in night.indicators:
            inputs = night.inputs(records)
            own = sums_of(indicator, inputs, stands)
            beside[indicator.code] = sums_beside(indicator, own, night.store)
            report_world(indicator, own, beside[indicator.code], inputs, stands)
    for number, cause in enumerate(steps, start=1):
        world = scratch.below(cause)
        if cause == "policy":
            assert policies_then is not None
            night = replace(night, policies=policies_then)
        else:
            records = world.below(keys.RECORDS)
            lay_out_world(night.records, moved, steps[:number], units, records)
        for indicator in night.indicators:
            inputs = night.inputs(records)
            if units is None:
                compute(indicator, inputs, world)
            else:
                own = sums_of(indicator, inputs, world)
                report_world(indicator, own, beside[indicator.code], inputs, world)
            yield from _changed_cells(indicator, stands, world, cause)
        stands = world


def _choose_units(night: Night, moved: Mapping[str, Moved], steps: Sequence[Cause]) -> Units | None:
    """The units concerned; None for all of them, as policy concerns all."""
    if "policy" in steps:
        return None
    units = concerned({name: m.of([s for s in steps if s in KINDS]) for name, m in moved.items()}, night.records)
    for axis, found in units.items():
        every = scan_records(night.records, f"{axis}s").select(pl.len()).collect().item()
        if found.height > _SHARE * every:
            return None
    return units


def _changed_cells(indicator: Indicator, before: Store, after: Store, cause: Cause) -> Iterator[pl.DataFrame]:
    written = {table: keys.report(table) for table in indicator.tables} | {"findings": keys.findings(indicator.code)}
    for table, key in written.items():
        came, gone = after.at(keys.came(table)), after.at(keys.gone(table))
        differences(after.at(key), before.at(key), key_of(table), came, gone)
        yield _cells(table, gone.scan(), came.scan()).with_columns(cause=pl.lit(cause))


def _cells(table: str, old: pl.LazyFrame, new: pl.LazyFrame) -> pl.DataFrame:
    """The cells of changed rows that differ; a row that is not there has nulls."""
    key, columns = list(key_of(table)), compared_columns(table)
    both = old.join(new, on=key, how="full", coalesce=True, suffix="\0new")
    row_key = pl.concat_str([pl.col(k).cast(pl.String).fill_null("") for k in key], separator="|")
    cells = [
        both.filter(pl.col(c).ne_missing(pl.col(f"{c}\0new"))).select(
            table_name=pl.lit(table), row_key=row_key, column_name=pl.lit(c)
        )
        for c in columns
    ]
    return pl.concat(cells).collect()
