"""A sheet as it was read, and the same sheet under canonical names."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.ingest.headers import Header
from schemas.records import Dataset

TOTAL_WORDS = r"^(本页|本月|全年)?(合计|小计|总计|共计|累计)([:：].*)?$"


@dataclass(frozen=True)
class Sheet:
    """Rows below a header: `_line` (1-based line of the file), `c0` … `cN` text, and for a line that could
    not be split `_raw` (the line) and `_problem` (why, in Chinese).
    """

    name: str
    header: Header
    rows: pl.DataFrame


def name_columns(sheet: Sheet, dataset: Dataset) -> pl.DataFrame:
    """Return the data rows of a sheet with canonical columns, all text.

    Out: every column of the dataset (null where the sheet has none), `_sheet`, `_line`, `_raw`, `_problem`,
    `_extra` (JSON of the columns no one knows), `_number` (退回编号: the record that the row corrects, null
    where none is named). Blank rows, repeated headers and total rows (合计, 小计) are no data and are left out;
    what we added to a returned sheet makes no row of one that the sender left blank.
    """
    header = sheet.header
    cells = [f"c{i}" for i in range(header.width) if i not in header.ours]
    used = {column: f"c{position}" for column, position in header.positions.items()}
    extra = {
        f"c{i}": name
        for i, name in enumerate(header.names)
        if name.strip() and f"c{i}" not in used.values() and i not in header.ours
    }
    return _drop_no_data(_with_missing(sheet.rows), header, cells, used, dataset).select(
        *(
            (pl.col(used[c.name]) if c.name in used else pl.lit(None, pl.String)).alias(c.name)
            for c in dataset.columns
        ),
        pl.lit(sheet.name).alias("_sheet"),
        "_line",
        "_raw",
        "_problem",
        _to_json(extra).alias("_extra"),
        _read_number(header).alias("_number"),
    )


def _read_number(header: Header) -> pl.Expr:
    if header.number is None:
        return pl.lit(None, pl.String)
    number = pl.col(f"c{header.number}").str.normalize("NFKC").str.strip_chars().str.to_lowercase()
    return pl.when(number != "").then(number)


def _with_missing(rows: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, pl.String).alias(c) for c in ("_raw", "_problem") if c not in rows.columns]
    return rows.with_columns(missing) if missing else rows


def _is_blank(cells: list[str]) -> pl.Expr:
    return pl.col("_problem").is_null() & pl.all_horizontal(
        pl.col(cells).fill_null("").str.strip_chars() == ""
    )


def _is_repeated_header(header: Header) -> pl.Expr:
    same = [pl.col(f"c{p}").str.strip_chars() == header.names[p].strip() for p in header.positions.values()]
    return pl.all_horizontal(same).fill_null(False)


def _drop_no_data(
    rows: pl.DataFrame, header: Header, cells: list[str], used: dict[str, str], dataset: Dataset
) -> pl.DataFrame:
    """Drop blank rows, repeated headers and total rows; only rows that may be one of them are looked at closely."""
    name = next(k for k in (*dataset.key, *used) if k in used)
    first = pl.col(used[name]).fill_null("").str.strip_chars()
    # Of a blank row or a header every known column says so; 计 is in every total. All cells as one text: small files
    # are many, and to ask each column costs more than they take to read.
    is_blank_or_header = first.is_in(["", header.original(name).strip()])
    may_be_total = pl.concat_str([*cells, "_raw"], ignore_nulls=True).str.contains("计", literal=True)
    suspects = rows.select(is_blank_or_header | may_be_total).to_series().arg_true()
    if suspects.is_empty():
        return rows
    is_none = _is_blank(cells) | _is_repeated_header(header) | _is_total(cells, used, dataset)
    data = rows[suspects].select(~is_none).to_series().fill_null(False)
    return rows.filter(pl.repeat(True, rows.height, eager=True).scatter(suspects, data))


def _is_total(cells: list[str], used: dict[str, str], dataset: Dataset) -> pl.Expr:
    def says_total(column: pl.Expr) -> pl.Expr:
        return column.str.replace_all(r"[\s\u3000\"]", "").str.contains(TOTAL_WORDS).fill_null(False)

    key = [used[k] for k in dataset.key if k in used and not _has_default(dataset, k)]
    key_is_open = pl.any_horizontal(
        (pl.col(k).fill_null("").str.strip_chars() == "") | says_total(pl.col(k)) for k in key
    )
    ragged_total = pl.col("_raw").is_not_null() & says_total(pl.col("_raw").str.extract(r"^([^,;|\t]*)"))
    return (pl.any_horizontal(says_total(pl.col(c)) for c in cells) & key_is_open) | ragged_total


def _has_default(dataset: Dataset, name: str) -> bool:
    return next(c.default is not None for c in dataset.columns if c.name == name)


def _to_json(extra: dict[str, str]) -> pl.Expr:
    if not extra:
        return pl.lit(None, pl.String)
    names: dict[str, str] = {}
    for cell, name in extra.items():
        names[cell] = name if name not in names.values() else f"{name} ({cell})"
    return pl.struct(pl.col(cell).alias(name) for cell, name in names.items()).struct.json_encode()
