"""Records of the reference worlds as the Parquet files that indicators read."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from pipelines.engine.compute import BaseRun, compute
from pipelines.engine.indicator import Indicator, Inputs
from pipelines.policy.policies import load_policies
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.records import RECORDS

Records = dict[str, list[dict]]
POLICIES = load_policies()


def write_records(records: Records, folder: Path, names: Iterable[str] = RECORDS) -> Local:
    """Write one object per dataset, or of those named, in the types of the lake; yuan become fen."""
    store = Local(folder)
    for name in names:
        if rows := records.get(name):
            store.write(keys.whole(name), _frame(name, rows))
        else:
            store.put(keys.whole(name), _without_rows(name))
    return store


def _frame(name: str, records: list[dict]) -> pl.DataFrame:
    dataset = RECORDS[name]
    rows = [{c.name: _value(row, c) for c in dataset.columns} for row in records]
    filled = (pl.col(c.name).fill_null(c.empty) for c in dataset.columns if callable(c.default))
    place = {"_file": pl.lit(1, pl.Int64), "_sheet": pl.lit(""), "_line": pl.int_range(pl.len()) + 2}
    return pl.DataFrame(rows, schema=dataset.schema(), orient="row").with_columns(*filled, **place)


@cache
def _without_rows(name: str) -> bytes:
    """The object of a dataset without records, which most have in most tests."""
    with TemporaryDirectory() as folder, Local(Path(folder)).write(keys.whole(name), _frame(name, [])).open() as file:
        return file.read()


def compute_on(indicator: Indicator, inputs: Inputs, store: Local, base: BaseRun | None = None) -> None:
    """As a night does: what the indicator rests on first."""
    for each in (*indicator.rests_on, indicator):
        compute(each, inputs, store, base)


def compute_after(indicator: Indicator, inputs: Inputs, store: Local, base: BaseRun | None = None) -> None:
    """As `compute_on`, in a place of one world: what stands there of others is read, what does not is left there for others."""
    prepare(indicator, inputs, store, base)
    compute(indicator, replace(inputs, policies=inputs.policies.of(indicator.resolved)), store, base)


def prepare(indicator: Indicator, inputs: Inputs, store: Local, base: BaseRun | None = None) -> None:
    """Compute what the indicator rests on and what does not stand there yet."""
    for other in indicator.rests_on:
        if not store.has(keys.notes(other.code)):
            compute(other, replace(inputs, policies=inputs.policies.of(other.resolved)), store, base)


def run_indicator(indicator: Indicator, records: Records, as_of: date, folder: Path) -> dict[str, pl.DataFrame]:
    """The report tables and findings of one indicator over the records, as a night writes them."""
    return read_indicator(indicator, write_records(records, folder), as_of)


def read_indicator(indicator: Indicator, records: Local, as_of: date) -> dict[str, pl.DataFrame]:
    """As `run_indicator`, over records that are written down already."""
    compute_on(indicator, Inputs(records, as_of, POLICIES), records.below("answer"))
    return read_answer(indicator, records.below("answer"))


def read_answer(indicator: Indicator, store: Local) -> dict[str, pl.DataFrame]:
    """The report tables and findings that `compute` wrote."""
    tables = {name: store.scan(keys.report(name)).collect() for name in indicator.tables}
    return {**tables, "findings": store.scan(keys.findings(indicator.code)).collect()}


def _value(row: dict, column) -> object:
    value = row.get(column.canonical or column.name)
    if value is None and column.default is not None and not callable(column.default):
        value = column.default
    return int(value * 100) if column.kind == "fen" and isinstance(value, Decimal) else value
