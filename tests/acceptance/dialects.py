"""A world in every dialect a sender may use: workbooks, GB18030 with titles and totals, platform fields, typed Parquet."""

import csv
import io
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import xlsxwriter

from schemas.records import RECORDS, Column, Dataset

Rows = list[dict]
FORMATS = ("xlsx", "gb18030", "platform", "parquet")


def write_dialects(records: dict[str, Rows], landing: Path, rng: random.Random) -> None:
    """Write each dataset in one or two randomly chosen dialects, its rows shuffled."""
    for name, rows in records.items():
        rows = rng.sample(rows, len(rows))
        parts = [rows[::2], rows[1::2]] if len(rows) > 1 else [rows]
        for number, part in enumerate(p for p in parts if p):
            folder = landing / name / f"sender{number}"
            folder.mkdir(parents=True, exist_ok=True)
            WRITERS[rng.choice(FORMATS)](RECORDS[name], part, folder / f"data{number}", rng)


def _value(row: dict, column: Column) -> object:
    return row.get(column.canonical or column.name)


def _columns(dataset: Dataset, rows: Rows) -> list[Column]:
    return [c for c in dataset.columns if c.required or any(_value(r, c) is not None for r in rows)]


def _header(column: Column, kind: str) -> str:
    chosen = column.platform if kind == "platform" and column.platform else column.headers
    return chosen[0] if kind != "canonical" else column.canonical or column.name


def _text(value: object, column: Column, rng: random.Random) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return rng.choice(("是", "Y", "1") if value else ("否", "N", "0"))
    if isinstance(value, date):
        serial = str((value - date(1899, 12, 30)).days)
        shapes = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d 10:30:00")
        return rng.choice([value.strftime(s) for s in shapes] + [serial])
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        if column.kind == "fen":
            return rng.choice([plain, f"{value:,.2f}", f"￥{value:.2f}" if value >= 0 else f"({-value:.2f})"])
        return rng.choice([plain, f"{value:,.4f}"])
    if column.values and value in column.values:
        return rng.choice([str(value), *column.values[str(value)].split("|")])
    return str(value)


def _write_gb18030(dataset: Dataset, rows: Rows, path: Path, rng: random.Random) -> None:
    columns = _columns(dataset, rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([f"某市{dataset.title}导出表"])
    writer.writerow([])
    writer.writerow([_header(c, "chinese") for c in columns] + ["序号备查"])
    for n, row in enumerate(rows):
        if n == 3:
            writer.writerow([_header(c, "chinese") for c in columns] + ["序号备查"])
        writer.writerow([_text(_value(row, c), c, rng) for c in columns] + [n])
    writer.writerow(["合计", *[""] * (len(columns) - 1), len(rows)])
    path.with_suffix(".csv").write_bytes(text.getvalue().encode("gb18030"))


def _write_platform(dataset: Dataset, rows: Rows, path: Path, rng: random.Random) -> None:
    columns = _columns(dataset, rows)
    text = io.StringIO()
    writer = csv.writer(text, quoting=rng.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)))
    writer.writerow([_header(c, "platform") for c in columns])
    writer.writerows([_text(_value(row, c), c, rng) for c in columns] for row in rows)
    path.with_suffix(".csv").write_text(text.getvalue(), encoding=rng.choice(("utf-8", "utf-8-sig")), newline="")


def _write_xlsx(dataset: Dataset, rows: Rows, path: Path, rng: random.Random) -> None:
    columns = _columns(dataset, rows)
    with xlsxwriter.Workbook(path.with_suffix(".xlsx")) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet("说明").write(0, 0, "本表由系统导出")
        for number, part in enumerate((rows[::2], rows[1::2])):
            sheet = book.add_worksheet(f"第{number + 1}页")
            sheet.write(0, 0, f"{dataset.title}明细表")
            sheet.write_row(2, 1, [_header(c, "chinese") for c in columns])
            for n, row in enumerate(part, start=3):
                for position, c in enumerate(columns, start=1):
                    value = _value(row, c)
                    if isinstance(value, date) and rng.random() < 0.5:
                        sheet.write_datetime(n, position, value, day)
                    elif isinstance(value, Decimal) and rng.random() < 0.5:
                        sheet.write_number(n, position, float(value))
                    elif value is not None:
                        sheet.write_string(n, position, _text(value, c, rng))
            sheet.write(len(part) + 3, 1, "小计")


def _write_parquet(dataset: Dataset, rows: Rows, path: Path, rng: random.Random) -> None:
    frame = {}
    for c in _columns(dataset, rows):
        values = [_value(row, c) for row in rows]
        if c.kind in ("fen", "price", "quantity"):
            as_float = rng.random() < 0.5
            values = [None if v is None else float(v) if as_float else Decimal(v) for v in values]
            series = pl.Series(values, dtype=pl.Float64 if as_float else pl.Decimal(18, 4))
        elif c.kind == "day":
            series = pl.Series(values, dtype=pl.Date)
            if rng.random() < 0.5:
                series = series.cast(pl.Datetime("us")) + timedelta(hours=9)
        else:
            series = pl.Series(values)
        frame[c.canonical or c.name] = series
    pl.DataFrame(frame).write_parquet(path.with_suffix(".parquet"))


WRITERS = {"xlsx": _write_xlsx, "gb18030": _write_gb18030, "platform": _write_platform, "parquet": _write_parquet}
