"""What a verification found: faults, the cells in which tables differ, and what must be said beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.database.tables import key_of
from pipelines.store.store import Object

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


def changed_cells(table: str, expected: Object, found: Object, most: int = MOST) -> list[Cell]:
    """The first differing cells in the order of the key.

    In: objects with the same columns, among them the key, which is unique in each. Values are compared as they
    are, doubles to the last bit, nulls as equal.
    """
    key = list(key_of(table))
    frames = [rows.scan() for rows in (expected, found)]
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


@dataclass
class Report:
    """Collected check by check: `faults` and `notes` are Chinese lines; a fault each is behind every cell."""

    faults: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def differs(self, table: str, title: str, cells: list[Cell], more: str = "") -> None:
        """A table that is not as it was, with the cells that say where."""
        named = {" ".join(str(v) for v in cell.key.values()) for cell in cells}
        where = f"：{'、'.join(sorted(named)[:5])}{' 等' if len(named) > 5 else ''}" if named else ""
        self.faults.append(f"表 {table}（{title}）{more}有 {len(cells)} 格被改动、增添或删除{where}")
        self.cells += cells[: max(0, MOST - len(self.cells))]


def compare_rows(
    table: str,
    key: tuple[str, ...],
    expected: Mapping[tuple[Any, ...], Mapping[str, Any]],
    found: Mapping[tuple[Any, ...], Mapping[str, Any]],
) -> list[Cell]:
    """The cells in which rows by key differ, of the columns that were expected; a column that came since says nothing."""
    cells: list[Cell] = []
    for place in sorted(expected.keys() | found.keys(), key=str):
        where = dict(zip(key, place, strict=True))
        if place not in expected or place not in found:
            cells.append(Cell(table, where, "", *("有" if place in side else "无" for side in (expected, found))))
            continue
        was, now = expected[place], found[place]
        cells += [Cell(table, where, c, was[c], now.get(c)) for c in was if was[c] != now.get(c)]
    return cells
