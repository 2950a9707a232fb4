"""One part of a dataset as a file: CSV or Parquet, canonical or Chinese headers, every value as text."""

from pathlib import Path

import polars as pl

from schemas.records import RECORDS, Column


def write_part(out: Path, dataset: str, part: str, frame: pl.DataFrame, *, layout: str = "canonical") -> int:
    """Write `<out>/<dataset>/<part>.csv` or `.parquet` and return its rows.

    `layout` is canonical (CSV, canonical headers), chinese (CSV, Chinese headers, 是 and 否) or parquet
    (canonical names). The columns come in the order of the schema; an unknown one is an error.
    """
    columns = {_head(column): column for column in RECORDS[dataset].columns}
    unknown = set(frame.columns) - set(columns)
    if unknown:
        raise ValueError(f"{dataset}: 模型中没有这些列：{sorted(unknown)}，请核对 schemas/records/{dataset}.py")
    frame = frame.select(name for name in columns if name in frame.columns)
    folder = out / dataset
    folder.mkdir(parents=True, exist_ok=True)
    if layout == "parquet":
        frame.write_parquet(folder / f"{part}.parquet", compression="zstd", compression_level=1)
    elif layout == "chinese":
        chosen = [columns[name] for name in frame.columns]
        frame.select(_translate(column) for column in chosen).write_csv(folder / f"{part}.csv")
    else:
        frame.write_csv(folder / f"{part}.csv")
    return len(frame)


def _head(column: Column) -> str:
    return column.canonical or column.name


def _translate(column: Column) -> pl.Expr:
    """The column under its first Chinese header, flags as 是 and 否."""
    values = pl.col(_head(column))
    if column.kind == "flag":
        values = pl.when(values == "1").then(pl.lit("是")).otherwise(pl.lit("否"))
    return values.alias(column.headers[0])
