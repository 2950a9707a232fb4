"""Find the header row of a sheet and say which of its columns is which."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from typing import TypeGuard

from pipelines.errors import FileRefusedError
from schemas.records import RECORDS, Column, Dataset
from schemas.records.model import UNITS
from schemas.spellings import UNSEEN

SEARCHED_ROWS = 60
MOST_COLUMNS = 16_384
"""As many as a sheet of Excel has."""
_LONGEST_NAME = 200
_LETTER = re.compile(r"[A-Za-z]|[^\x00-\x7f]")
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
    """A recognized header.

    `row`: its last row (0-based among the rows shown); `positions`: canonical column → where the columns stand that
    say it, the preferred first; `names`: of all columns, as written, those of two rows joined; `written`: its one or two
    rows; of a returned sheet also where 退回编号 stands (`number`), and all columns that we added (`ours`).
    """

    row: int
    positions: dict[str, tuple[int, ...]]
    names: tuple[str, ...]
    written: tuple[tuple[str, ...], ...]
    number: int | None = None
    ours: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """How many fields a line has."""
        return len(self.names)

    @property
    def unknown(self) -> list[str]:
        """Headers that no column answers to, in their order."""
        used = {*chain(*self.positions.values()), *self.ours}
        return [n for i, n in enumerate(self.names) if i not in used and fold(n)]

    @property
    def single(self) -> dict[str, int]:
        """Canonical column → position, of those that one column of the sheet says."""
        return {column: at[0] for column, at in self.positions.items() if len(at) == 1}


def find_header(rows: Sequence[Sequence[str | None]], dataset: Dataset, where: str) -> Header | None:
    """Take the first of the rows that knows the most columns, two at the least, with the row above or below where both
    know more together (发票 above 代码 and 号码); None where there is no such row.

    Raises FileRefusedError for a header (or a title above it) that scales its unit (万元, 万片), and for a
    header that lacks a required column: reading on would make wrong figures.
    """
    found = _find_rows(rows[:SEARCHED_ROWS], dataset)
    if found is None:
        return None
    first, last, names = found
    if len(names) > MOST_COLUMNS:
        raise FileRefusedError(
            "too_many_columns", f"{where}：第 {last + 1} 行表头超过 {MOST_COLUMNS} 列，请删去多余的列后重新报送"
        )
    scaled = _scaled(names, dataset) + [
        m.group(0) for r in rows[:first] for cell in r if cell and (m := _TITLE_SCALE.search(fold(cell)))
    ]
    if scaled:
        raise FileRefusedError(
            "scaled_unit", f"{where}：“{'”“'.join(scaled)}”使用了放大的计量单位，请改为元、最小单位或盒后重新报送"
        )
    positions = _match(names, dataset)
    missing = [c for c in dataset.columns if must_be_there(c) and c.name not in positions]
    if missing:
        lacking = "、".join(f"{c.title}（{c.all_headers[0]}）" for c in missing)
        raise FileRefusedError("missing_column", f"{where}：第 {last + 1} 行表头缺少必需的列：{lacking}；请补齐后重新报送")
    written = tuple(_as_written(row) for row in rows[first : last + 1])
    return Header(last, positions, names, written, *_find_ours(names))


def known_names(names: Sequence[str], dataset: Dataset) -> list[str]:
    """Those of the names under which a column of the dataset may come."""
    return [name for name in names if _match([name], dataset)]


def must_be_there(column: Column) -> bool:
    """Whether a sheet without the column is refused: it is required, and nothing stands for it."""
    return column.required and column.default is None and not column.optional_header


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Fold case and width, and leave out what nobody sees, as headers and total words are compared."""
    if text.isascii() and text.isprintable():
        return text.lower().replace(" ", "").replace("*", "")
    folded = unicodedata.normalize("NFKC", re.sub(UNSEEN, "", text)).casefold()
    return "".join(c for c in folded if c.isprintable() and c not in " *")


@lru_cache
def _vocabulary(name: str) -> dict[str, tuple[str, int]]:
    return {
        fold(header): (column.name, rank)
        for column in RECORDS[name].columns
        for rank, header in reversed(list(enumerate(column.all_headers)))
    }


def _find_rows(rows: Sequence[Sequence[str | None]], dataset: Dataset) -> tuple[int, int, tuple[str, ...]] | None:
    """(first row, last row, names) of the header."""
    known = [len(_match(row, dataset)) + len(_scaled(row, dataset)) for row in rows]
    most = max([1, *known])
    best = known.index(most) if most > 1 else None
    found = None if best is None else (best, best, _as_written(rows[best]))
    for first in range(len(rows) - 1) if best is None else (best - 1, best):
        if not 0 <= first < len(rows) - 1:
            continue
        names = _join(rows[first], rows[first + 1], dataset)
        together = len(_match(names, dataset)) + len(_scaled(names, dataset))
        # （元） below 付款金额 makes nothing known that was not, but it is no row of data
        is_below = first == best and together == most and _belongs_to(names, rows[first + 1], dataset)
        if together > most or is_below:
            found, most = (first, first + 1, names), together
    return found


def _as_written(row: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(str(cell or "") for cell in row)


def _join(above: Sequence[str | None], below: Sequence[str | None], dataset: Dataset) -> tuple[str, ...]:
    """The names of a header of two rows. What stands above stands for the empty cells to its right too, as long as
    there is something below.
    """
    names, group = [], ""
    for upper, lower in zip_longest(_as_written(above), _as_written(below), fillvalue=""):
        bottom = fold(lower)
        group = upper if fold(upper) else group
        if not bottom or fold(group) == bottom:
            names.append(upper)
        elif _is_known(group + lower, dataset) or not _is_known(lower, dataset):
            names.append(group + lower)
        else:
            names.append(lower)
        group = group if bottom else ""
    return tuple(names)


def _is_known(name: str, dataset: Dataset) -> bool:
    return bool(_match([name], dataset) or _scaled([name], dataset))


def _belongs_to(names: Sequence[str], below: Sequence[str | None], dataset: Dataset) -> bool:
    """Every cell of the lower row makes, with what stands above, the name of a column."""
    return all(
        _is_known(name, dataset) for name, cell in zip_longest(names, below, fillvalue="") if cell and fold(cell)
    ) and any(cell and fold(cell) for cell in below)


def _match(row: Sequence[str | None], dataset: Dataset) -> dict[str, tuple[int, ...]]:
    vocabulary = _vocabulary(dataset.name)
    found = defaultdict(list)
    for position, cell in enumerate(row):
        match = _look_up(fold(cell), vocabulary, dataset) if _may_be_name(cell) else None
        if match:
            found[match[0]].append((match[1], position))
    return {column: tuple(position for _, position in sorted(at)) for column, at in found.items()}


def _may_be_name(cell: str | None) -> TypeGuard[str]:
    """No name is made of digits and what stands between them: of most cells that is enough."""
    return cell is not None and len(cell) <= _LONGEST_NAME and _LETTER.search(cell) is not None


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
        if not _may_be_name(cell) or (folded := fold(cell)) in vocabulary:
            continue
        match = None if folded.isascii() else _SCALE.match(folded)
        if match and match["base"] in vocabulary:
            found.append(cell.strip())
    return found
