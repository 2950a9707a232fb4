"""The cells in which two files of a figure table differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.publish.tables import key_of

MOST = 50


@dataclass(frozen=True)
class Cell:
    """A cell that is not what it was: key, column, what was expected and what is there; a whole row that came or went
    has no column, and the word 有 or 无 on its sides.
    """

    table: str
    key: Mapping[str, Any]
    column: str
    expected: Any
    found: Any


def changed_cells(table: str, expected: Path, found: Path, most: int = MOST) -> list[Cell]:
    """The first differing cells in the order of the key.

    In: Parquet files with the same columns, among them the key, which is unique in each. Values are compared as they
    are, doubles to the last bit, nulls as equal.
    """
    key = list(key_of(table))
    frames = [pl.scan_parquet(path, glob=False) for path in (expected, found)]
    columns = [c for c in frames[0].collect_schema() if c not in key]
    sides = [
        rows.select(*key, **{f"{side}:{c}": pl.col(c) for c in columns}, **{side: pl.lit(True)})
        for rows, side in zip(frames, ("expected", "found"), strict=True)
    ]
    both = sides[0].join(sides[1], on=key, how="full", coalesce=True)
    differs = pl.any_horizontal(pl.col(f"expected:{c}").ne_missing(pl.col(f"found:{c}")) for c in columns)
    apart = pl.col("expected").is_null() | pl.col("found").is_null()
    rows = both.filter(apart | differs).sort(key).head(most).collect()
    cells: list[Cell] = []
    for row in rows.to_dicts():
        where = {k: row[k] for k in key}
        if row["expected"] is None or row["found"] is None:
            sides_zh = ["有" if row[side] else "无" for side in ("expected", "found")]
            cells.append(Cell(table, where, "", *sides_zh))
            continue
        pairs = ((c, row[f"expected:{c}"], row[f"found:{c}"]) for c in columns)
        cells += [Cell(table, where, c, was, now) for c, was, now in pairs if was != now]
    return cells[:most]
