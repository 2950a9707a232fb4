"""Read a Parquet file as text."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.headers import find_header
from pipelines.ingest.sheet import Sheet
from schemas.records import Dataset


def read_columnar(path: Path, dataset: Dataset) -> list[Sheet]:
    """Return the one sheet of a Parquet file; `_line` is the number of the row.

    Numbers, dates and flags come out as the text that the parser reads. Raises FileRefusedError for a file
    that is no Parquet and for one without a recognizable header.
    """
    try:
        frame = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileRefusedError(
            "unreadable_file", f"{path.name}：不是可读取的 Parquet 文件，请重新导出；{error}"
        ) from error
    header = find_header([frame.columns], dataset, path.name)
    if header is None:
        raise FileRefusedError("missing_column", f"{path.name}：没有任何可识别的列，请检查文件与所在目录")
    cells = frame.select(_to_text(frame[name]).alias(f"c{i}") for i, name in enumerate(frame.columns))
    return [Sheet("", header, cells.with_row_index("_line", offset=1).cast({"_line": pl.Int64}))]


def _to_text(values: pl.Series) -> pl.Series:
    dtype = values.dtype
    if isinstance(dtype, pl.Datetime):
        return values.dt.to_string("%Y-%m-%d %H:%M:%S" + ("%:z" if dtype.time_zone else ""))
    if isinstance(dtype, pl.List | pl.Array | pl.Struct | pl.Object):
        return pl.Series([None if v is None else str(v) for v in values.to_list()], dtype=pl.String)
    if dtype == pl.Binary:
        return values.cast(pl.String, strict=False)
    return values.cast(pl.String)
