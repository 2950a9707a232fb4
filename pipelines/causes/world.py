"""What the figures would be, had some of what happened not happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from pipelines.causes.moved import Moved
from pipelines.engine.add_up import add_up, taken_away
from pipelines.engine.compute import compute_all, is_shared, shape
from pipelines.engine.finding import COLUMNS as FINDING_COLUMNS
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.engine.kept_sums import Sums
from pipelines.lake.parts import AXES, count_parts
from pipelines.lake.scan_records import scan_records
from pipelines.lake.snapshot import write_divided, write_whole
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS
from schemas.reports import REPORTS

Units = Mapping[str, pl.DataFrame]
"""Axis → the units along it that are looked at (`concerned`)."""


def lay_out_world(
    records: Store, moved: Mapping[str, Moved], undone: Collection[str], units: Units | None, target: Store
) -> None:
    """Write the records to `target` as they would stand without what is `undone` (kinds of `moved`).

    Of the large datasets only the records of `units`, where these are given.
    """
    rows = {name: _undo(scan_records(records, name), name, moved, undone) for name in RECORDS}
    if units is not None:
        for name, axis in AXES.items():
            rows[name] = rows[name].join(units[axis].lazy(), on=f"{axis}_code", how="semi")
    lengths = pl.collect_all([rows[name].select(pl.len()) for name in AXES])
    parts = count_parts({name: n.item() for name, n in zip(AXES, lengths, strict=True)})
    for name, dataset in RECORDS.items():
        if name in AXES:
            write_divided(rows[name], dataset, target, parts[AXES[name]])
        else:
            write_whole(rows[name].collect(), dataset, target, keys.whole(name))


def _undo(rows: pl.LazyFrame, name: str, moved: Mapping[str, Moved], undone: Collection[str]) -> pl.LazyFrame:
    if name not in moved:
        return rows
    other = moved[name].of(undone)
    key = list(RECORDS[name].key)
    stays = rows.join(other.now.select(key).lazy(), on=key, how="anti")
    return pl.concat([stays, other.was.select(rows.collect_schema().names()).lazy()])


def sums_of(indicator: Indicator, inputs: Inputs, store: Store) -> dict[str, pl.LazyFrame]:
    """The sums of the records of `inputs`; they are written to `store`."""
    sums = Sums(store, indicator)
    compute_all(indicator, inputs, sums)
    return sums.whole()


def sums_beside(indicator: Indicator, own: Mapping[str, pl.LazyFrame], store: Store) -> dict[str, pl.DataFrame]:
    """What a night's sums, which stand in `store`, come to without the `own` ones of some units.

    Frames in which no two parts share a key are left out: of these the units have rows of their own.
    """
    totals = {name: frame.scan() for name, frame in Sums(store, indicator).totals.items()}
    return {
        name: add_up([rows.collect(), taken_away(own[name].collect())])
        for name, rows in totals.items()
        if is_shared(indicator, rows)
    }


def report_world(
    indicator: Indicator, own: Mapping[str, pl.LazyFrame], beside: Mapping[str, pl.DataFrame], inputs: Inputs, store: Store
) -> None:
    """Write `reports/<table>.parquet` and `findings/<indicator>.parquet` to `store`, in the form of a night's.

    Rows that units share are whole; rows of their own are there for the units alone.
    """
    shared = {name: add_up([rows, own[name].collect()]) for name, rows in beside.items()}
    sums: Frames = {**own, **shared}
    written = {}
    for table, rows in indicator.reports(sums, inputs).items():
        written[table] = store.write(keys.report(table), shape(rows.lazy().collect(), REPORTS[table])).scan()
    findings = indicator.findings(written, sums, inputs).sort("finding_id").select(FINDING_COLUMNS)
    store.write(keys.findings(indicator.code), findings)
