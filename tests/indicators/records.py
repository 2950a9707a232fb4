"""Records of the reference worlds as the Parquet files that indicators read."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipelines.engine.compute import compute
from pipelines.engine.indicator import Indicator, Inputs
from pipelines.policy.policies import load_policies
from schemas.records import RECORDS

Records = dict[str, list[dict]]
POLICIES = load_policies()


def write_records(records: Records, folder: Path) -> Path:
    """Write one Parquet file per dataset in the types of the lake; yuan become fen."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, dataset in RECORDS.items():
        rows = [{c.name: _value(row, c) for c in dataset.columns} for row in records.get(name, [])]
        frame = pl.DataFrame(rows, schema=dataset.schema(), orient="row")
        place = frame.with_columns(_file=pl.lit(1, pl.Int64), _sheet=pl.lit(""), _line=pl.int_range(pl.len()) + 2)
        place.write_parquet(folder / f"{name}.parquet")
    return folder


def run_indicator(indicator: Indicator, records: Records, as_of: date, folder: Path) -> dict[str, pl.DataFrame]:
    """The report tables and findings of one indicator over the records, as a night writes them."""
    return read_indicator(indicator, write_records(records, folder), as_of)


def read_indicator(indicator: Indicator, folder: Path, as_of: date) -> dict[str, pl.DataFrame]:
    """As `run_indicator`, over records that are written down already."""
    compute(indicator, Inputs(folder, as_of, POLICIES), folder / "answer")
    return read_answer(indicator, folder / "answer")


def read_answer(indicator: Indicator, folder: Path) -> dict[str, pl.DataFrame]:
    """The report tables and findings that `compute` wrote."""
    tables = {name: pl.read_parquet(folder / "reports" / f"{name}.parquet") for name in indicator.tables}
    return {**tables, "findings": pl.read_parquet(folder / "findings" / f"{indicator.code}.parquet")}


def _value(row: dict, column) -> object:
    value = row.get(column.canonical or column.name)
    if value is None and column.default is not None and not callable(column.default):
        value = column.default
    return int(value * 100) if column.kind == "fen" and isinstance(value, Decimal) else value
