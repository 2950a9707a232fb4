"""Read delimited text (csv, tsv, txt), line by line, so that a broken line costs that line and not the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl

from pipelines.errors import FileRefusedError, NoHeaderError
from pipelines.ingest.encoding import decode
from pipelines.ingest.headers import MOST_COLUMNS, SEARCHED_ROWS, Header, find_header, must_be_there
from pipelines.ingest.sheet import Sheet
from schemas.records import Dataset

_DELIMITERS = (",", "\t", ";", "|")
_JOINED_LINES = 50
_MOST_MISSING = 10
_RARE = 10
_BLANKS = " \t\u3000\xa0"
_BROKEN = re.compile("[\x00\ufffd]")
_UNDECODABLE = pl.lit("该行含有无法解码的字节或 NUL 字符，请用 UTF-8 或 GB18030 重新导出")
_CUT = "；文件在此行中断，可能没有传完，请重新导出"


def read_delimited(path: Path, dataset: Dataset) -> tuple[list[Sheet], str]:
    """Return the one sheet of a delimited file and its encoding.

    Fields that a line has too many or too few at its end contradict nothing as long as they are blank, or would be. A line with
    other fields too many, one that ends before all required columns, an open quote, a NUL or an undecodable byte becomes
    a row with a problem. Quoted fields may span lines. Raises FileRefusedError for an empty file or one without a
    recognizable header.
    """
    data = path.read_bytes()
    if not data.strip():
        raise FileRefusedError("empty_file", f"{path.name}：文件为空（{len(data)} 字节），请重新导出")
    text, encoding = decode(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for delimiter in _DELIMITERS:
        records, ends = _read_first(lines, delimiter)
        header = find_header(records, dataset, path.name)
        if header:
            return [Sheet("", header, _read_lines(lines, ends[header.row] + 1, header, delimiter, dataset))], encoding
    raise NoHeaderError(f"{path.name}：前 {SEARCHED_ROWS} 行内找不到可识别的表头，请检查文件内容、编码与所在目录")


def _read_first(lines: Sequence[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first records, among which the header is, and the last line (0-based) of each."""
    records: list[list[str]] = []
    ends: list[int] = []
    at = 0
    while at < len(lines) and len(records) < SEARCHED_ROWS:
        last, fields = at, _split(lines[at], delimiter)
        for end in range(at + 1, min(at + _JOINED_LINES, len(lines)) if fields is None else 0):
            if '"' in lines[end] and (fields := _split("\n".join(lines[at : end + 1]), delimiter)) is not None:
                last = end
                break
        records.append(fields or [lines[at]])
        ends.append(last)
        at = last + 1
    return records, ends


def _split(line: str, delimiter: str) -> list[str] | None:
    """The fields of a line, or None where its quotes make no sense; of the fields beyond any sheet's one."""
    if line.count(delimiter) > MOST_COLUMNS:
        return line.split(delimiter, MOST_COLUMNS)
    try:
        return next(csv.reader([line.replace("\x00", "")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _read_lines(lines: Sequence[str], start: int, header: Header, delimiter: str, dataset: Dataset) -> pl.DataFrame:
    width, least = header.width, _least_fields(header, dataset)
    raw = pl.Series("_raw", lines[start:], dtype=pl.String)
    frame = pl.DataFrame([pl.int_range(start + 1, start + 1 + raw.len(), eager=True).alias("_line"), raw])
    frame = frame.with_columns(_quotes=pl.col("_raw").str.count_matches('"', literal=True))
    frame = _join_open_quotes(frame, delimiter, width, least)
    frame = (
        frame.lazy()
        .filter(pl.col("_raw").str.strip_chars(f"{delimiter}{_BLANKS}") != "")
        .with_columns(
            _broken=pl.col("_raw").str.contains(_BROKEN.pattern),
            _fields=pl.col("_raw").str.count_matches(delimiter, literal=True) + 1,
        )
        .with_columns(_plain=~pl.col("_broken") & (pl.col("_quotes") == 0))
        .with_columns(_good=pl.col("_plain") & (pl.col("_fields") == width))
        .collect()
    )
    cut = _find_cut(frame, lines, width)
    if not frame["_good"].all():
        least = max(least, min(width, _find_filled(frame, delimiter, width, least)))
        fits = (pl.col("_fields") >= least) & (_count_filled(delimiter) <= width)
        frame = frame.with_columns(_good=pl.col("_plain") & fits & (pl.col("_line") != cut))
    good = _read_plain(frame, header, delimiter)
    if good.height == frame.height:
        return good
    rest = frame.filter(~pl.col("_good"))
    ragged, broken, quoted = (
        rest.filter(which).select("_line", "_raw", *problem)
        for which, *problem in (
            (pl.col("_plain"), _ragged(width, cut).alias("_problem")),
            (pl.col("_broken"), _UNDECODABLE.alias("_problem")),
            (~pl.col("_broken") & ~pl.col("_plain"),),
        )
    )
    return pl.concat([good, ragged, broken, _read_quoted(quoted, good.columns[1:], delimiter, least)], how="diagonal").sort(
        "_line"
    )


def _least_fields(header: Header, dataset: Dataset) -> int:
    """How many fields a line needs: all required columns, and a tenth of the header's, or few lines take all memory."""
    required = [c.name for c in dataset.columns if must_be_there(c) and c.name in header.positions]
    return max([*(1 + min(header.positions[name]) for name in required), header.width // _MOST_MISSING])


def _read_plain(frame: pl.DataFrame, header: Header, delimiter: str) -> pl.DataFrame:
    cells = pl.col("_raw").str.split_exact(delimiter, header.width - 1)
    split = frame.lazy().filter("_good").select("_line", _cells=cells).collect()
    # unnested here: a lazy plan takes a minute to unnest thousands of columns
    names = [f"c{i}" for i in range(header.width)]
    return split.select("_line").hstack(split["_cells"].struct.rename_fields(names).struct.unnest())


def _count_filled(delimiter: str) -> pl.Expr:
    """How many fields a line has without the blank ones at its end."""
    return pl.col("_raw").str.strip_chars_end(f"{delimiter}{_BLANKS}").str.count_matches(delimiter, literal=True) + 1


def _find_filled(frame: pl.DataFrame, delimiter: str, width: int, least: int) -> int:
    """Up to which field whole lines are filled, where short ones are so few that they may have lost a field: what they
    lack must be blank everywhere else; 0 where it is a habit of the file to leave blank fields out.
    """
    plain = frame.filter("_plain")
    short = plain.select(pl.col("_fields").is_between(least, width - 1).sum()).item()
    if short * _RARE >= frame.height:
        return 0
    return int(plain.filter(pl.col("_fields") >= width).select(_count_filled(delimiter).max().fill_null(0)).item())


def _find_cut(frame: pl.DataFrame, lines: Sequence[str], width: int) -> int:
    """The number of a last line that has no end and fewer fields than any other, or 0: where a transfer broke off, an
    amount may have lost digits.
    """
    if not lines[-1] or frame.is_empty() or frame["_line"][-1] != len(lines):
        return 0
    fields = frame["_fields"]
    return len(lines) if fields[-1] < min([width, *fields.head(frame.height - 1)]) else 0


def _ragged(width: int, cut: int) -> pl.Expr:
    told = pl.format("该行有 {} 个字段，表头有 {} 个", pl.col("_fields"), pl.lit(width))
    remedy = "，请检查多余或缺少的分隔符或引号"
    return told + pl.when(pl.col("_line") == cut).then(pl.lit(_CUT)).otherwise(pl.lit(remedy))


def _fit(record: list[str] | None, width: int, least: int) -> list[str] | None:
    """The record with as many fields as the header, blank ones at its end added or taken away; None where it has others."""
    if record is None or len(record) < least or any(field.strip() for field in record[width:]):
        return None
    return [*record[:width], *[""] * (width - len(record))]


def _join_open_quotes(frame: pl.DataFrame, delimiter: str, width: int, least: int) -> pl.DataFrame:
    """Join a line that leaves a quote open with those that close it, where that makes one record that fits."""
    odd = frame["_quotes"] % 2 == 1
    if not odd.any():
        return frame
    raw, places = frame["_raw"], odd.arg_true().to_list()
    joined: dict[int, str] = {}
    swallowed: list[int] = []
    for first, last in pairwise(places):
        if last - first > _JOINED_LINES or (swallowed and swallowed[-1] == first):
            continue
        record = "\n".join(raw[first : last + 1])
        if _fit(_split(record, delimiter), width, least):
            joined[first] = record
            swallowed += range(first + 1, last + 1)
    kept = pl.repeat(True, frame.height, eager=True).scatter(swallowed, False)
    return frame.with_columns(_raw=raw.scatter(list(joined), list(joined.values()))).filter(kept)


def _read_quoted(frame: pl.DataFrame, names: list[str], delimiter: str, least: int) -> pl.DataFrame:
    records = [_split(raw, delimiter) for raw in frame["_raw"].to_list()]
    fitted = [_fit(record, len(names), least) for record in records]
    cells = pl.DataFrame([f for f in fitted if f], schema=dict.fromkeys(names, pl.String), orient="row")
    is_good = pl.Series([f is not None for f in fitted], dtype=pl.Boolean)
    fields = pl.Series("_fields", [None if r is None else len(r) for r in records], dtype=pl.Int64)
    problem = _ragged(len(names), 0).fill_null("该行的引号没有成对，或引号之后还有文字，请检查引号")
    return pl.concat(
        [
            frame.filter(is_good).select("_line").hstack(cells),
            frame.hstack([fields]).select("_line", "_raw", _problem=problem).filter(~is_good),
        ],
        how="diagonal",
    )
