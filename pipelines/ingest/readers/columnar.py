"""Parquet: columns of any type as the text that the parser reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import FileRefusedError
from pipelines.ingest.encoding import decode
from pipelines.ingest.readers.grid import MOST_COLUMNS, Grid

_ROWS = 100_000
_WITHOUT_TEXT = (pa.types.is_nested, pa.types.is_duration, pa.types.is_interval)


def read_parquet(path: Path) -> Iterator[pl.DataFrame | Grid]:
    """The one grid of a Parquet file, piece by piece: its column names on line 0, rows from line 1.

    A column whose type or bytes make no text is empty and told in `unreadable`. Damage shows where the writer wrote
    checksums of its pages (verified by pyarrow alone); otherwise only where it makes no sense.
    """
    file = pq.ParquetFile(path, page_checksum_verification=True)
    schema = file.schema_arrow
    if len(schema) > MOST_COLUMNS:
        raise FileRefusedError("too_large", f"列数超过 {MOST_COLUMNS}，请删除多余的列后重新报送")
    unreadable = {i: f"类型为 {field.type}" for i, field in enumerate(schema) if any(t(field.type) for t in _WITHOUT_TEXT)}
    yield _number(pl.DataFrame({f"c{i}": [name] for i, name in enumerate(schema.names)}), 0)
    line = 1
    for batch in file.iter_batches(batch_size=_ROWS):
        columns = [_read_column(batch, i, unreadable).alias(f"c{i}") for i in range(len(schema))]
        yield _number(pl.DataFrame(columns), line)
        line += batch.num_rows
    yield Grid("", pl.DataFrame(), unreadable=unreadable)


def _number(cells: pl.DataFrame, line: int) -> pl.DataFrame:
    lines = pl.int_range(line, line + cells.height, eager=True, dtype=pl.Int64)
    return pl.DataFrame([lines.alias("_line"), *cells.get_columns()])


def _read_column(batch: pa.RecordBatch, place: int, unreadable: dict[int, str]) -> pl.Series:
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, batch.num_rows)
    if place in unreadable:
        return nothing
    try:
        values = pl.from_arrow(batch.column(place))
        assert isinstance(values, pl.Series)
        return _to_text(values)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the engine is no Exception
        unreadable[place] = f"类型为 {batch.schema.field(place).type}，{next(iter(str(error).splitlines()), '')}"
        return nothing


def _to_text(values: pl.Series) -> pl.Series:
    dtype = values.dtype
    if isinstance(dtype, pl.Datetime):
        return values.dt.to_string("%Y-%m-%d %H:%M:%S" + ("%:z" if dtype.time_zone else ""))
    return _decode(values) if dtype == pl.Binary else values.cast(pl.String)


def _decode(values: pl.Series) -> pl.Series:
    found = values.to_list()
    encoding = decode(b"\n".join(v for v in found if v))[1]
    return pl.Series([None if v is None else v.decode(encoding) for v in found], dtype=pl.String)
