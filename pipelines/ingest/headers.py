"""Find the header row of a sheet and say which of its columns is which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipelines.errors import FileRefusedError
from schemas.records import RECORDS, Dataset
from schemas.records.model import UNITS

SEARCHED_ROWS = 60
_SCALE = re.compile(
    r"^(?P<base>.*?)[(\[/:_-]?(单位:)?(人民币)?[十百千万亿]+(元|人民币|片|粒|支|盒|包|瓶|袋|件|个|单位)?[)\]]?$"
)
# 单位：万宁市人民医院 names a sender, no scale
_TITLE_SCALE = re.compile(r"单位为?:?[(\[]?(人民币)?[十百千万亿]+([元片粒支盒包瓶袋件个]|(?=[)\]]|$))")
_PLAIN_UNIT = re.compile(r"[(\[](单位:)?(人民币)?(?P<unit>元/盒|元|盒)[)\]]$")
_UNIT_OF = {"元": {"fen", "price"}, "元/盒": {"price"}, "盒": {"quantity"}}

NUMBER = "退回编号"
"""The column of a returned sheet that says which rejected record a row corrects."""
WHOLE_LINE, PROBLEM, REMEDY = "整行", "问题", "如何改正"
"""What else we add to a returned sheet, for its readers only."""


@dataclass(frozen=True)
class Header:
    """A recognized header: its row (0-based among the rows shown), canonical column → position, names as
    written; of a returned sheet also where 退回编号 stands, and all columns that we added (`ours`).
    """

    row: int
    positions: dict[str, int]
    names: tuple[str, ...]
    number: int | None = None
    ours: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """How many fields a line has."""
        return len(self.names)

    @property
    def unknown(self) -> list[str]:
        """Headers that no column answers to, in their order."""
        used = {*self.positions.values(), *self.ours}
        return [n for i, n in enumerate(self.names) if i not in used and n.strip()]

    def original(self, column: str) -> str:
        """The header as the sender wrote it."""
        return self.names[self.positions[column]]


def find_header(rows: Sequence[Sequence[str | None]], dataset: Dataset, where: str) -> Header | None:
    """Take the first of the rows that knows the most columns, two at the least; None where there is no such
    row.

    Raises FileRefusedError for a header (or a title above it) that scales its unit (万元, 万片), and for a
    header that lacks a required column: reading on would make wrong figures.
    """
    best, best_row = 1, -1
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        known = len(_match(row, dataset)) + len(_scaled(row, dataset))
        if known > best:
            best, best_row = known, index
    if best_row < 0:
        return None
    row = rows[best_row]
    scaled = _scaled(row, dataset) + [
        m.group(0) for r in rows[:best_row] for cell in r if cell and (m := _TITLE_SCALE.search(fold(cell)))
    ]
    if scaled:
        raise FileRefusedError(
            "scaled_unit",
            f"{where}：“{'”“'.join(scaled)}”使用了放大的计量单位，请改为元、最小单位或盒后重新报送",
        )
    positions = _match(row, dataset)
    missing = [
        c
        for c in dataset.columns
        if c.required and not c.optional_header and c.default is None and c.name not in positions
    ]
    if missing:
        names = "、".join(f"{c.title}（{c.all_headers[0]}）" for c in missing)
        raise FileRefusedError(
            "missing_column", f"{where}：第 {best_row + 1} 行表头缺少必需的列：{names}；请补齐后重新报送"
        )
    written = tuple(str(cell or "") for cell in row)
    return Header(best_row, positions, written, *_find_ours(written))


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Fold case, width and spaces, as headers and total words are compared."""
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", text)).casefold()


@lru_cache
def _vocabulary(name: str) -> dict[str, tuple[str, int]]:
    return {
        fold(header): (column.name, rank)
        for column in RECORDS[name].columns
        for rank, header in reversed(list(enumerate(column.all_headers)))
    }


def _match(row: Sequence[str | None], dataset: Dataset) -> dict[str, int]:
    vocabulary = _vocabulary(dataset.name)
    chosen: dict[str, tuple[int, int]] = {}
    for position, cell in enumerate(row):
        if not cell:
            continue
        match = _look_up(fold(cell), vocabulary, dataset)
        if match and (match[0] not in chosen or match[1] < chosen[match[0]][0]):
            chosen[match[0]] = (match[1], position)
    return {column: position for column, (_, position) in chosen.items()}


def _find_ours(names: Sequence[str]) -> tuple[int | None, frozenset[int]]:
    """Where 退回编号 stands, and which columns are ours: the last of each name, as a sender may use it too."""
    last = {fold(name): position for position, name in enumerate(names)}
    if NUMBER not in last:
        return None, frozenset()
    return last[NUMBER], frozenset(last[n] for n in (NUMBER, WHOLE_LINE, PROBLEM, REMEDY) if n in last)


def _look_up(folded: str, vocabulary: dict[str, tuple[str, int]], dataset: Dataset) -> tuple[str, int] | None:
    """The column of a header; a unit behind it is ignored only where it is the unit in which the column is
    read.
    """
    match, plain = vocabulary.get(folded), _PLAIN_UNIT.search(folded)
    if match or not plain or not (match := vocabulary.get(folded[: plain.start()])):
        return match
    column = next(c for c in dataset.columns if c.name == match[0])
    is_own = column.kind in _UNIT_OF[plain["unit"]] and column.unit == UNITS.get(column.kind)
    return match if is_own else None


def _scaled(row: Sequence[str | None], dataset: Dataset) -> list[str]:
    vocabulary = _vocabulary(dataset.name)
    found = []
    for cell in row:
        folded = fold(cell) if cell else ""
        match = _SCALE.match(folded) if folded not in vocabulary else None
        if match and match["base"] in vocabulary:
            found.append(str(cell).strip())
    return found
