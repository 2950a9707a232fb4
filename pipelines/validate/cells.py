"""Text → value, one function per kind of column. What cannot be read becomes null; the caller sees text
without a value.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from schemas.records import Column
from schemas.spellings import PLACEHOLDER, UNSEEN

_BLANKS = " \t\r\n\u00a0\u3000"
_YES = ["1", "是", "true", "y", "yes", "有", "t", "1.0"]
_NO = ["0", "否", "false", "n", "no", "无", "f", "0.0"]
_DATE = (
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})[::时](\d{1,2})(?:[::分](\d{1,2})(?:[.,]\d+)?秒?)?分?)?\s*(Z|[+-]\d{2}:?\d{2})?$"
)
_COMPACT_DATE = r"^(\d{4})(\d{2})(\d{2})(?:\s?(\d{2}):?(\d{2}):?(\d{2})?)?$"
_DAYS = (date(1900, 1, 1), date(9999, 12, 31))  # 9999-12-31 is a usual way to write "open"
_SERIAL_DATE = r"^([2-7]\d{4})(?:\.\d+)?$"
_NUMBER = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?$|^[+-]?\.\d+$"
# Excel writes 2.6332E+19, some programs 2.6332E19; digits, an E and digits alone (20E012) are a code like any other
_RUINED = r"^[+-]?\d+\.\d+\s*[eE]\s*[+-]?\d+$|^[+-]?\d+\s*[eE]\s*[+-]\s*\d+$|^\d{15}0{3,}$|^\d+\.0+$"
# nothing to strip, to fold or to take off, no way to be ruined, and no placeholder: such a code is its own value
_PLAIN_CODE = r"^(?:[A-MO-Za-mo-z][!-~]*|[0-9]{1,17}|[0-9]*[1-9][0-9]{0,2}|[0-9]+[A-DF-Za-df-z][!-~]*)$"


def clean(text: pl.Series, column: Column) -> pl.Series:
    """Leave out what nobody sees, strip blanks, fold full-width characters to half width (but in free text), and make null
    what is empty: no text, or a placeholder that is no value of the column (无 is one of a flag).
    """
    if text.str.contains(UNSEEN).any():
        text = text.str.replace_all(UNSEEN, "")
    text = text.str.strip_chars(_BLANKS)
    if column.kind != "text" and not (text.str.len_bytes() == text.str.len_chars()).all():
        text = text.str.normalize("NFKC").str.strip_chars(_BLANKS)
    is_empty = text == ""
    if not column.is_verbatim:
        is_empty |= text.str.contains(PLACEHOLDER) & ~text.str.to_lowercase().is_in(_spellings(column))
    return text.set(is_empty, None)


def is_placeholder(text: pl.Series) -> pl.Series:
    """True where a cell says that there is nothing in it."""
    return text.str.contains(PLACEHOLDER)


def _spellings(column: Column) -> list[str]:
    if column.kind == "flag":
        return [*_YES, *_NO]
    return [s for value, chinese in column.values.items() for s in (value, *chinese.split("|"))]


def read_column(text: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Return (cleaned text, typed value) of a column; a cell with text and no value could not be read."""
    cleaned = clean(text, column)
    return cleaned, READERS[column.kind](cleaned, column).cast(column.dtype)


def read_cells(text: pl.Series, column: Column) -> tuple[pl.Series, pl.Series | None]:
    """Return (typed value, is unreadable) of a column: what `read_column` says, at the cost of the plain
    spelling where cells have it; None where every cell could be read.
    """
    text = text.set(text == "", None)
    values = _PLAIN[column.kind](text, column).cast(column.dtype)
    todo = (values.is_null() & text.is_not_null()).arg_true()
    if todo.is_empty():
        return values, None
    cleaned, others = read_column(text.gather(todo), column)
    failed = cleaned.is_not_null() & others.is_null()
    nowhere = pl.Series([False]).new_from_index(0, text.len())
    return values.scatter(todo, others), nowhere.scatter(todo, failed) if failed.any() else None


def _read_text(text: pl.Series, column: Column) -> pl.Series:
    return text


def _read_code(text: pl.Series, column: Column) -> pl.Series:
    """Codes lose the marks that keep Excel from touching them ('0012, ="0012"); a ruined number is refused,
    never repaired.
    """
    text = text.str.replace(r'^="?(.*?)"?$', "$1").str.replace(r"^['`]", "")
    return text.set(text.str.contains(_RUINED) | (text == ""), None)


def _read_enum(text: pl.Series, column: Column) -> pl.Series:
    spellings = {s: value for value, chinese in column.values.items() for s in (value, *chinese.split("|"))}
    return text.str.to_lowercase().str.replace_all(r"\s", "").replace_strict(spellings, default=None, return_dtype=pl.String)


def _read_flag(text: pl.Series, column: Column) -> pl.Series:
    known = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
    return text.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.Boolean)


def _read_count(text: pl.Series, column: Column) -> pl.Series:
    return text.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)


def _read_day(text: pl.Series, column: Column) -> pl.Series:
    is_iso = text.str.len_chars() == 10
    plain = text.set(~is_iso, None).str.to_date("%Y-%m-%d", strict=False)
    days = _fill(plain, text, _read_any_day)
    return days.set(~days.is_between(*_DAYS), None)


def _read_any_day(text: pl.Series) -> pl.Series:
    """Dates with other separators, compact, with a time (a time with an offset is converted to Shanghai), and
    Excel serials.
    """
    cells = pl.DataFrame({"t": text})
    parts = ["y", "m", "d", "hh", "mm", "ss"]

    def capture(pattern: str, group: int) -> pl.Expr:
        return pl.col("t").str.extract(pattern, group)

    cells = cells.select(
        "t",
        *(pl.coalesce(capture(_DATE, i + 1), capture(_COMPACT_DATE, i + 1)).alias(p) for i, p in enumerate(parts)),
        zone=capture(_DATE, 7),
        serial=capture(_SERIAL_DATE, 1).cast(pl.Int32, strict=False),
    )
    moment = pl.concat_str(
        pl.col("y"),
        pl.lit("-"),
        pl.col("m").str.zfill(2),
        pl.lit("-"),
        pl.col("d").str.zfill(2),
        pl.lit(" "),
        *(pl.col(p).fill_null("0").str.zfill(2) + s for p, s in (("hh", ":"), ("mm", ":"), ("ss", ""))),
    ).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    digits = pl.col("zone").str.replace(":", "", literal=True)
    minutes = digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(3, 2).cast(pl.Int64, strict=False)
    offset = pl.when(pl.col("zone") == "Z").then(0).when(digits.str.starts_with("-")).then(-minutes).otherwise(minutes)
    shanghai = moment + pl.duration(minutes=pl.when(pl.col("zone").is_null()).then(0).otherwise(480 - offset))
    by_serial = pl.date(1899, 12, 30) + pl.duration(days=pl.col("serial"))
    return cells.select(pl.coalesce(shanghai.dt.date(), by_serial.cast(pl.Date))).to_series()


def _read_quantity(text: pl.Series, column: Column) -> pl.Series:
    return _read_number(text, 4)


def _read_fen(text: pl.Series, column: Column) -> pl.Series:
    return _read_number(text, 2).to_physical().cast(pl.Int64)


def _read_number(text: pl.Series, decimals: int) -> pl.Series:
    """A number with at most `decimals` decimals (zeros behind do not count), exactly; anything finer is
    refused, not rounded.
    """

    def read_dressed(dressed: pl.Series) -> pl.Series:
        bare = dressed.str.replace_all(r"[￥¥\s]|元$", "").str.replace(r"^\((.*)\)$", "-$1")
        bare = bare.set(~bare.str.contains(_NUMBER), None).str.replace_all(",", "", literal=True)
        bare = bare.str.replace(r"^\+", "").str.replace(r"(\.\d*?)0+$", "$1").str.replace(r"\.$", "")
        too_fine = bare.str.contains(rf"\.\d{{{decimals + 1},}}$")
        return bare.set(too_fine, None).cast(pl.Decimal(16, decimals), strict=False)

    return _fill(_plain_number(text, decimals), text, read_dressed)


def _plain_number(text: pl.Series, decimals: int) -> pl.Series:
    is_plain = text.str.contains(rf"^-?[0-9]{{1,12}}(?:\.[0-9]{{1,{decimals}}})?$")
    return text.set(~is_plain, None).cast(pl.Decimal(16, decimals), strict=False)


def _fill(values: pl.Series, text: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Read again, in the slow way, the cells that have text and no value yet."""
    todo = values.is_null() & text.is_not_null()
    if not todo.any():
        return values
    return values.scatter(todo.arg_true(), read(text.filter(todo)))


def _plain_code(text: pl.Series, column: Column) -> pl.Series:
    return text.set(~text.str.contains(_PLAIN_CODE), None)


def _plain_quantity(text: pl.Series, column: Column) -> pl.Series:
    return _plain_number(text, 4)


def _plain_fen(text: pl.Series, column: Column) -> pl.Series:
    return _plain_number(text, 2).to_physical().cast(pl.Int64)


def _each_spelling_once(text: pl.Series, column: Column) -> pl.Series:
    """Few days, flags and counts stand in many cells: read every distinct spelling once, however odd it is."""
    spellings = text.unique().drop_nulls()
    values = read_column(spellings, column)[1]
    return text.replace_strict(spellings, values, default=None, return_dtype=column.dtype)


_PLAIN: dict[str, Callable[[pl.Series, Column], pl.Series]] = {
    "text": clean,
    "code": _plain_code,
    "enum": _each_spelling_once,
    "flag": _each_spelling_once,
    "count": _each_spelling_once,
    "day": _each_spelling_once,
    "price": _plain_quantity,
    "quantity": _plain_quantity,
    "fen": _plain_fen,
}

READERS: dict[str, Callable[[pl.Series, Column], pl.Series]] = {
    "text": _read_text,
    "code": _read_code,
    "enum": _read_enum,
    "flag": _read_flag,
    "count": _read_count,
    "day": _read_day,
    "price": _read_quantity,
    "quantity": _read_quantity,
    "fen": _read_fen,
}

UNREADABLE = {
    "text": ("bad_text", "无法读取的文字"),
    "code": ("ruined_number", "长编码已被 Excel 损坏（科学计数法、末位变零或带小数），请以文本格式重新导出"),
    "enum": ("unknown_value", "取值不在允许范围内"),
    "flag": ("bad_flag", "应为 是/否、1/0、true/false 或 Y/N"),
    "count": ("bad_integer", "应为整数"),
    "day": ("bad_date", "不是有效日期，请用 2020-04-05 的形式"),
    "price": ("bad_number", "不是有效数值，或小数超过 4 位"),
    "quantity": ("bad_number", "不是有效数值，或小数超过 4 位"),
    "fen": ("bad_number", "不是有效金额，或小数超过 2 位（金额单位为元，最多到分）"),
}
