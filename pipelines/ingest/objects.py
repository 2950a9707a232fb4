"""json and jsonl as a sheet: the names of the objects are its header."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.errors import FileRefusedError, NoHeaderError
from pipelines.ingest.headers import find_header
from pipelines.ingest.readers.bounded import read_grids
from pipelines.ingest.sheet import Sheet
from schemas.records import Dataset

_MOST_BYTES = 256 * 2**20


def read_json(path: Path, dataset: Dataset) -> tuple[list[Sheet], str]:
    """Return the one sheet of a json or jsonl file and its encoding, read by `readers.objects` within limits.

    Raises FileRefusedError for a file that cannot be read or is too large, and for one without names that we know.
    """
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise FileRefusedError(
            "too_large", f"{path.name}：JSON 文件有 {size >> 20} MB，超过 {_MOST_BYTES >> 20} MB，请分成几份或改用 csv 报送"
        )
    (grid,) = read_grids(path, "json", dataset.name)
    names = grid.cells.select(pl.col("^c[0-9]+$")).head(1).rows()
    header = find_header([list(names[0])] if names else [[]], dataset, path.name)
    if header is None:
        raise NoHeaderError(f"{path.name}：没有任何可识别的列，请检查文件与所在目录")
    return [Sheet("", header, grid.cells.filter(pl.col("_line") > 0))], grid.name
