"""What a verification found beside the figures of its run: faults, changed cells, and what must be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.verify.cells import MOST, Cell


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
            cells.append(
                Cell(table, where, "", *("有" if place in side else "无" for side in (expected, found)))
            )
            continue
        was, now = expected[place], found[place]
        cells += [Cell(table, where, c, was[c], now.get(c)) for c in was if was[c] != now.get(c)]
    return cells
