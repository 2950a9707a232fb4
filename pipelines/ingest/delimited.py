"""Read a csv file as text, line by line, so that a broken line costs that line and not the file."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path

import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.encoding import decode
from pipelines.ingest.headers import SEARCHED_ROWS, Header, find_header
from pipelines.ingest.sheet import Sheet
from schemas.records import Dataset

_DELIMITERS = (",", "\t", ";", "|")
_JOINED_LINES = 50
_BROKEN = re.compile("[\x00\ufffd]")
_UNDECODABLE = pl.lit("该行含有无法解码的字节或 NUL 字符，请用 UTF-8 或 GB18030 重新导出")


def read_delimited(path: Path, dataset: Dataset) -> tuple[list[Sheet], str]:
    """Return the one sheet of a csv file and its encoding.

    A line with too many or too few fields, an open quote, a NUL or an undecodable byte becomes a row with a
    problem. Quoted fields may span lines. Raises FileRefusedError for an empty file or one without a
    recognizable header.
    """
    data = path.read_bytes()
    if not data.strip():
        raise FileRefusedError("empty_file", f"{path.name}：文件为空（{len(data)} 字节），请重新导出")
    text, encoding = decode(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for delimiter in _DELIMITERS:
        preview = [_split(line, delimiter) or [line] for line in lines[:SEARCHED_ROWS]]
        header = find_header(preview, dataset, path.name)
        if header:
            return [Sheet("", header, _read_lines(lines, header, delimiter))], encoding
    raise FileRefusedError(
        "missing_column",
        f"{path.name}：前 {SEARCHED_ROWS} 行内找不到可识别的表头，请检查文件内容、编码与所在目录",
    )


def _split(line: str, delimiter: str) -> list[str] | None:
    """The fields of a line, or None where its quotes make no sense."""
    try:
        return next(csv.reader([line.replace("\x00", "")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _read_lines(lines: list[str], header: Header, delimiter: str) -> pl.DataFrame:
    names, start = [f"c{i}" for i in range(header.width)], header.row + 1
    line, quotes = (
        pl.int_range(start + 1, pl.len() + start + 1),
        pl.col("_raw").str.count_matches('"', literal=True),
    )
    frame = pl.DataFrame({"_raw": lines[start:]}, schema={"_raw": pl.String}).select(
        line.alias("_line"), "_raw", _quotes=quotes
    )
    is_plain = ~pl.col("_broken") & (pl.col("_quotes") == 0)
    frame = (
        _join_open_quotes(frame, delimiter, header.width)
        .lazy()
        .filter(pl.col("_raw").str.strip_chars(f"{delimiter} \t\u3000\xa0") != "")
        .with_columns(
            _broken=pl.col("_raw").str.contains(_BROKEN.pattern),
            _fields=pl.col("_raw").str.count_matches(delimiter, literal=True) + 1,
        )
        .with_columns(_good=is_plain & (pl.col("_fields") == header.width))
        .collect()
    )
    cells = pl.col("_raw").str.split_exact(delimiter, header.width - 1).struct.rename_fields(names)
    good = frame.lazy().filter("_good").select("_line", cells.struct.unnest()).collect()
    if good.height == frame.height:
        return good
    rest = frame.filter(~pl.col("_good"))
    ragged, broken, quoted = (
        rest.filter(which).select("_line", "_raw", *problem)
        for which, *problem in (
            (is_plain, _ragged(pl.col("_fields"), header.width).alias("_problem")),
            (pl.col("_broken"), _UNDECODABLE.alias("_problem")),
            (~pl.col("_broken") & ~is_plain,),
        )
    )
    return pl.concat([good, ragged, broken, _read_quoted(quoted, names, delimiter)], how="diagonal").sort(
        "_line"
    )


def _ragged(fields: pl.Expr, width: int) -> pl.Expr:
    return pl.format("该行有 {} 个字段，表头有 {} 个，请检查多余或缺少的分隔符或引号", fields, pl.lit(width))


def _join_open_quotes(frame: pl.DataFrame, delimiter: str, width: int) -> pl.DataFrame:
    """Join a line that leaves a quote open with those that close it, where that makes one record of the right
    width.
    """
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
        if len(_split(record, delimiter) or []) == width:
            joined[first] = record
            swallowed += range(first + 1, last + 1)
    kept = pl.repeat(True, frame.height, eager=True).scatter(swallowed, False)
    return frame.with_columns(_raw=raw.scatter(list(joined), list(joined.values()))).filter(kept)


def _read_quoted(frame: pl.DataFrame, names: list[str], delimiter: str) -> pl.DataFrame:
    records = [_split(raw, delimiter) for raw in frame["_raw"].to_list()]
    good = [r is not None and len(r) == len(names) for r in records]
    fields = pl.Series([None if r is None else len(r) for r in records], dtype=pl.Int64)
    cells = pl.DataFrame(
        [r for r, g in zip(records, good, strict=True) if r and g],
        schema=dict.fromkeys(names, pl.String),
        orient="row",
    )
    is_good = pl.Series(good, dtype=pl.Boolean)
    problem = _ragged(pl.lit(fields), len(names)).fill_null(
        "该行的引号没有成对，或引号之后还有文字，请检查引号"
    )
    return pl.concat(
        [
            frame.filter(is_good).select("_line").hstack(cells),
            frame.with_columns(_problem=problem).filter(~is_good),
        ],
        how="diagonal",
    )
