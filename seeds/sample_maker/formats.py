"""Writing one landing file: cells as offices write them, lines counted so that the README can point at them.

Bytes depend on the content alone: fixed dates inside xlsx, members stored uncompressed, no clock, no locale.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from seeds.sample_maker.cells import Style, render

Row = dict[str, Any]
PLAIN = Style()
EXPORT = Style(dates="slash", chinese_words=True)
CREATED = datetime(2021, 1, 4, 9, 0, 0)


@dataclass
class Sheet:
    """Rows under one header. `_dirt` names what is wrong with a row, `_fields` adds or cuts csv fields."""

    rows: list[Row]
    name: str = ""
    titles: tuple[str, ...] = ()
    repeat_header_every: int = 0
    subtotal_every: int = 0
    total: str = ""
    has_header: bool = True
    lines: list[int] = field(default_factory=list)


@dataclass
class LandingFile:
    """One file of the landing zone. `columns`: header → canonical column (or a column of no dataset)."""

    path: str
    columns: dict[str, str]
    sheets: list[Sheet]
    style: Style = PLAIN
    encoding: str = "utf-8"
    newline: str = "\n"
    file_dirt: str = ""

    @property
    def dataset(self) -> str:
        """The dataset the file belongs to."""
        return self.path.split("/")[0]

    @property
    def suffix(self) -> str:
        """csv, xlsx or parquet."""
        return self.path.rsplit(".", 1)[1]


def csv_file(path: str, columns: dict[str, str], rows: list[Row], style: Style = PLAIN, **options: Any) -> LandingFile:
    """A csv file with its one sheet; `options` are fields of `Sheet` and of `LandingFile`."""
    layout = {k: options.pop(k) for k in ("titles", "repeat_header_every", "subtotal_every", "total") if k in options}
    return LandingFile(path, columns, [Sheet(rows, **layout)], style, **options)


def write_file(file: LandingFile, folder: Path) -> None:
    """Write `file` below `folder` and note on its sheets the line of each row, counted from 1."""
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes({"csv": _write_csv, "xlsx": _write_xlsx, "parquet": _write_parquet}[file.suffix](file))


def _lay_out(file: LandingFile, sheet: Sheet) -> list[list[Any]]:
    """The sheet's grid with titles, headers, subtotals; fills `sheet.lines`."""
    headers = list(file.columns)
    width = len(headers)
    grid: list[list[Any]] = [[title] + [""] * (width - 1) for title in sheet.titles]
    if sheet.has_header:
        grid.append(list(headers))
    sheet.lines = []
    for place, row in enumerate(sheet.rows):
        if sheet.repeat_header_every and place and place % sheet.repeat_header_every == 0:
            grid.append(list(headers))
        cells = [render(row.get(c), c, file.style, place) for c in file.columns.values()]
        extra = row.get("_fields", 0)
        grid.append(cells + ["多出一栏"] * extra if extra >= 0 else cells[:extra])
        sheet.lines.append(len(grid))
        if sheet.subtotal_every and (place + 1) % sheet.subtotal_every == 0:
            grid.append(["小计"] + [""] * (width - 1))
    if sheet.total:
        grid.append([sheet.total] + [""] * (width - 1))
    return grid


def _write_csv(file: LandingFile) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator=file.newline)
    writer.writerows(_lay_out(file, file.sheets[0]))
    return buffer.getvalue().encode(file.encoding)


def _write_xlsx(file: LandingFile) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"created": CREATED, "author": "示例", "title": file.path.rsplit("/", 1)[1]})
    day_format = book.add_format({"num_format": "yyyy-mm-dd"})
    for sheet in file.sheets:
        page = book.add_worksheet(sheet.name)
        for line, cells in enumerate(_lay_out(file, sheet)):
            for place, value in enumerate(cells):
                if isinstance(value, date):
                    page.write_datetime(line, place, datetime(value.year, value.month, value.day), day_format)
                elif isinstance(value, int | float):
                    page.write_number(line, place, value)
                elif value != "":
                    page.write_string(line, place, value)
    book.close()
    return _store_uncompressed(buffer.getvalue())


def _store_uncompressed(archive: bytes) -> bytes:
    """The same zip with every member stored: compressed bytes differ from one zlib build to the next."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source.read(name))
    return buffer.getvalue()


def _write_parquet(file: LandingFile) -> bytes:
    import polars as pl

    sheet = file.sheets[0]
    sheet.lines = list(range(1, len(sheet.rows) + 1))
    data = {header: [_to_typed(row.get(c)) for row in sheet.rows] for header, c in file.columns.items()}
    buffer = io.BytesIO()
    pl.DataFrame(data, schema_overrides=_parquet_types(data)).write_parquet(
        buffer, compression="uncompressed", statistics=False
    )
    return buffer.getvalue()


def _to_typed(value: Any) -> Any:
    return None if value == "" else value


def _parquet_types(data: dict[str, list[Any]]) -> dict[str, Any]:
    """Decimals as 16,4; a column without any value as text."""
    import polars as pl

    types: dict[str, Any] = {}
    for header, values in data.items():
        kinds = {type(v) for v in values if v is not None}
        types |= {header: pl.Decimal(16, 4)} if Decimal in kinds else {header: pl.String} if not kinds else {}
    return types
