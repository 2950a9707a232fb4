"""A sheet as it was read, and the same sheet under canonical names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.ingest.headers import Header, fold
from pipelines.ingest.no_data import find_no_data
from schemas.records import Dataset
from schemas.spellings import PLACEHOLDER, UNSEEN

_TOLD_ROWS = 5
_TOLD_CHARACTERS = 30


@dataclass(frozen=True)
class Sheet:
    """Rows below a header: `_line` (1-based line of the file), `c0` … `cN` text, and for a line that could
    not be split `_raw` (the line) and `_problem` (why, in Chinese).
    """

    name: str
    header: Header
    rows: pl.DataFrame


@dataclass(frozen=True)
class Apart:
    """The rows of a sheet told apart: `rows`, all of them, with `_raw`, `_problem` and of columns that say one thing the first
    that is filled (`one:<column>`); `none`, those that are no records (see `find_no_data`); `data`, the others.
    """

    rows: pl.DataFrame
    none: pl.DataFrame
    data: pl.DataFrame


def tell_apart(sheet: Sheet, dataset: Dataset) -> Apart:
    """Blank rows, repeated headers and footers on one side, data on the other."""
    rows = _with_chosen(sheet.rows, sheet.header)
    none = find_no_data(rows, sheet.header, _place_columns(sheet.header), dataset)
    if none.is_empty():
        return Apart(rows, none, rows)
    return Apart(rows, none, rows.filter(pl.repeat(True, rows.height, eager=True).scatter(none["_row"], False)))


def name_columns(sheet: Sheet, dataset: Dataset, apart: Apart | None = None) -> pl.DataFrame:
    """Return the data rows of a sheet with canonical columns, all text. `apart`: see `tell_apart`, where it is known.

    Out: every column of the dataset (null where the sheet has none), `_sheet`, `_line`, `_raw`, `_problem`,
    `_extra` (JSON of the columns no one knows, and of those that say one thing together, as sent), `_number` (退回编号: the
    record that the row corrects, null where none is named). Where several columns say one thing, the first that is
    filled in the row counts. Blank rows, repeated headers and footers are no data and are left out (`find_no_data`).
    """
    header, used = sheet.header, _place_columns(sheet.header)
    rows = (apart or tell_apart(sheet, dataset)).data
    known = {*header.single.values(), *header.ours}
    extra = {f"c{i}": name for i, name in enumerate(header.names) if i not in known and fold(name)}
    nothing = pl.repeat(None, rows.height, dtype=pl.String(), eager=True)
    named = [(rows[used[c.name]] if c.name in used else nothing).alias(c.name) for c in dataset.columns]
    more = rows.select(
        pl.lit(sheet.name).alias("_sheet"),
        "_line",
        "_raw",
        "_problem",
        _to_json(extra).alias("_extra"),
        _read_number(header).alias("_number"),
    )
    return pl.DataFrame([*named, *more])


def tell_of(sheet: Sheet, dataset: Dataset, apart: Apart | None = None) -> list[str]:
    """What people must be told of a sheet that was read (Chinese): rows passed over as footers in which more stands
    than totals and notes, and columns that say one thing and contradict each other.
    """
    header, apart = sheet.header, apart or tell_apart(sheet, dataset)
    rows, none, data = apart.rows, apart.none, apart.data
    told = []
    footers = none.filter(kind="footer", is_plain=False).select("_row", "text").rows() if none.height else []
    if footers:
        shown = "、".join(f"第 {rows['_line'][row]} 行“{text[:_TOLD_CHARACTERS]}”" for row, text in footers[:_TOLD_ROWS])
        more = "等" if len(footers) > _TOLD_ROWS else ""
        told.append(f"{shown}{more}共 {len(footers)} 行是合计、表尾或说明文字，未作为数据读取，请核对")
    for column, positions in header.positions.items():
        if len(positions) > 1 and (unlike := _find_unlike(data, column, positions)).height:
            told.append(_tell_unlike(unlike, [header.names[p] for p in positions], positions))
    return [f"工作表“{sheet.name}”{t}" if sheet.name else t for t in told]


def _find_unlike(rows: pl.DataFrame, column: str, positions: Sequence[int]) -> pl.DataFrame:
    chosen, cells = _seen(f"one:{column}"), [_seen(f"c{p}") for p in positions]
    return rows.filter(pl.any_horizontal(_is_filled(cell) & (cell != chosen) for cell in cells))


def _tell_unlike(rows: pl.DataFrame, names: Sequence[str], positions: Sequence[int]) -> str:
    first = rows.row(0, named=True)
    shown = "、".join(f"{name}“{first[f'c{p}'] or ''}”" for name, p in zip(names, positions, strict=True))
    return (
        f"{rows.height} 行的{'、'.join(names)}填写不同（如第 {first['_line']} 行：{shown}），按此顺序取第一个已填写的列，请核对"
    )


def _place_columns(header: Header) -> dict[str, str]:
    """Canonical column → the column of the rows that says it, once they are `_with_chosen`."""
    return {c: f"c{at[0]}" if len(at) == 1 else f"one:{c}" for c, at in header.positions.items()}


def _with_chosen(rows: pl.DataFrame, header: Header) -> pl.DataFrame:
    """Rows with `_raw`, `_problem`, and of columns that say one thing the first that is filled (`one:<column>`)."""
    added = [pl.lit(None, pl.String).alias(c) for c in ("_raw", "_problem") if c not in rows.columns]
    for column, positions in header.positions.items():
        if len(positions) > 1:
            cells = [f"c{p}" for p in positions]
            first = pl.coalesce(*(pl.when(_is_filled(_seen(c))).then(c) for c in cells), cells[0])
            added.append(first.alias(f"one:{column}"))
    return rows.with_columns(added) if added else rows


def _is_filled(text: pl.Expr) -> pl.Expr:
    return (text != "") & ~text.str.contains(PLACEHOLDER)


def _seen(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(UNSEEN, "").str.strip_chars()


def find_cell(header: Header, column: str, line: Mapping[str, str | None]) -> int:
    """The position of the cell that counts for a canonical column on a line of `Sheet.rows`."""
    positions = header.positions[column]
    filled = (
        p
        for p in positions
        if (text := re.sub(UNSEEN, "", line.get(f"c{p}") or "").strip()) and not re.match(PLACEHOLDER, text)
    )
    return next(filled, positions[0])


def _read_number(header: Header) -> pl.Expr:
    if header.number is None:
        return pl.lit(None, pl.String)
    number = _seen(f"c{header.number}").str.normalize("NFKC").str.strip_chars().str.to_lowercase()
    return pl.when(number != "").then(number)


def _to_json(extra: Mapping[str, str]) -> pl.Expr:
    if not extra:
        return pl.lit(None, pl.String)
    names: dict[str, str] = {}
    taken = set()
    for cell, name in extra.items():
        names[cell] = name if name not in taken else f"{name} ({cell})"
        taken.add(names[cell])
    return pl.struct(pl.col(cell).alias(name) for cell, name in names.items()).struct.json_encode()
