"""What happened undone, one cause after another, and the cells of the figures that each undoing changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from pipelines.causes.moved import Moved
from pipelines.causes.world import lay_out_world
from pipelines.database.tables import key_of
from pipelines.engine.compute import BaseRun, compute
from pipelines.engine.indicator import Indicator, Inputs
from pipelines.lake.laid_out import records_of
from pipelines.policy.policies import Policies
from pipelines.publish.differences import differences
from pipelines.publish.restate import compared_columns
from pipelines.store import keys
from pipelines.store.dossier import Cause
from pipelines.store.store import Store


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
        return records_of(self.store)


def undo(
    night: Night, moved: Mapping[str, Moved], steps: Sequence[Cause], policies_then: Policies | None, scratch: Store
) -> Iterator[pl.DataFrame]:
    """Undo the steps one after another and yield the cells that differ from the step before: columns `table_name`,
    `row_key`, `column_name`, `cause`.

    A step of `KINDS` takes back what moved that way, the step `policy` lets `policies_then` hold; the night is carried on to
    what is so then.
    """
    wanted = {indicator.code: indicator for own in night.indicators for indicator in (*own.rests_on, own)}
    base = BaseRun(night.store, night.as_of)
    policies = night.policies
    for number, cause in enumerate(steps, start=1):
        world = scratch.below(cause)
        lay_out_world(night.records, moved, steps[:number], world.below(keys.RECORDS))
        if cause == "policy":
            assert policies_then is not None
            base, policies = replace(base, policies=policies), policies_then
        for indicator in sorted(wanted.values(), key=lambda indicator: bool(indicator.rests_on)):
            compute(indicator, Inputs(world.below(keys.RECORDS), night.as_of, policies), world, base)
        for indicator in night.indicators:
            yield from _changed_cells(indicator, world.below(keys.OF_BASE), world, cause)
        base = BaseRun(world, night.as_of)


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
