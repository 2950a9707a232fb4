"""The same rows as every kind of office file, written small and by hand where no library writes them."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import xlwt

from tests.ingest.files import write_xlsx

Rows = list[list[Any]]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
EPOCH = date(1899, 12, 30)


def as_xlsx(rows: Rows) -> bytes:
    """A workbook of Excel."""
    target = io.BytesIO()
    write_xlsx(target, 一=rows)
    return target.getvalue()


def as_xls(rows: Rows) -> bytes:
    """A workbook of Excel 2003."""
    book, target = xlwt.Workbook(), io.BytesIO()
    page = book.add_sheet("一")
    for line, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            style = xlwt.easyxf(num_format_str="yyyy-mm-dd") if isinstance(cell, date) else xlwt.XFStyle()
            page.write(line, column, cell, style)
    book.save(target)
    return target.getvalue()


def as_ods(rows: Rows) -> bytes:
    """A workbook of LibreOffice."""

    def cell(value: Any) -> str:
        if value is None:
            return "<table:table-cell/>"
        kind, name = ("string", "string-value")
        if isinstance(value, date):
            kind, name = "date", "date-value"
        elif isinstance(value, bool):
            kind, name, value = "boolean", "boolean-value", str(value).lower()
        elif isinstance(value, int | float):
            kind, name = "float", "value"
        return (
            f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"><text:p>{value}</text:p></table:table-cell>'
        )

    return ods_of("".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows))


def ods_of(body: str) -> bytes:
    """An ods whose one sheet, 一, holds these rows."""
    spaces = " ".join(f'xmlns:{n}="{_OASIS}{n}:1.0"' for n in ("office", "table", "text", "style"))
    content = (
        f"<office:document-content {spaces} xmlns:calcext='urn:calcext'><office:body><office:spreadsheet>"
        f'<table:table table:name="一">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zip_of({"mimetype": kind, "META-INF/manifest.xml": "<manifest/>", "content.xml": content})


def as_html(rows: Rows) -> bytes:
    """A web table in GB18030, as platforms export it under the name of an xls."""
    body = "".join(f"<tr>{''.join(f'<td>{_text(c)}</td>' for c in row)}</tr>" for row in rows)
    return f'<html><head><meta charset="gb2312"></head><table>{body}</table></html>'.encode("gb18030")


def as_spreadsheetml(rows: Rows) -> bytes:
    """An XML table of Excel 2003."""

    def cell(value: Any) -> str:
        kind = "Number" if isinstance(value, int | float) else "DateTime" if isinstance(value, date) else "String"
        text = f"{value}T00:00:00.000" if kind == "DateTime" else _text(value)
        return f'<Cell><Data ss:Type="{kind}">{text}</Data></Cell>' if value is not None else "<Cell/>"

    return spreadsheetml_of("".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in rows))


def spreadsheetml_of(body: str) -> bytes:
    """An XML table whose one sheet, 一, holds these rows."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Workbook xmlns="{_SPREADSHEET}" xmlns:ss="{_SPREADSHEET}">'
        f'<Worksheet ss:Name="一"><Table>{body}</Table></Worksheet></Workbook>'
    ).encode()


def as_xlsb(rows: Rows, merged: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """A binary workbook: text and numbers as they are, days as numbers; `merged` has first and last row, first and last
    column.
    """
    cells = b""
    for line, row in enumerate(rows):
        cells += _record(0, struct.pack("<I", line) + bytes(13))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, date):
                value = (value - EPOCH).days
            if isinstance(value, str) and value.startswith("#"):
                cells += _record(3, place + b"\x2a")
            elif isinstance(value, str):
                cells += _record(6, place + _wide(value))
            elif value is not None:
                cells += _record(5, place + struct.pack("<d", value))
    after = b"".join(_record(176, struct.pack("<4I", *area)) for area in merged)
    sheet = (
        _record(129) + _record(148, struct.pack("<4I", 0, 9, 0, 9)) + _record(145) + cells + _record(146) + after + _record(130)
    )
    bundle = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("一"))
    relation = f'<Relationship Id="rId1" Type="{_SHEET_RELATION}/worksheet" Target="worksheets/sheet1.bin"/>'
    return zip_of(
        {
            "[Content_Types].xml": f'<Types xmlns="{_TYPES}"/>',
            "xl/workbook.bin": _record(131) + _record(143) + bundle + _record(144) + _record(132),
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{_PACKAGE_RELATION}">{relation}</Relationships>',
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def as_parquet(rows: Rows) -> bytes:
    """Columns, each of one type."""
    target = io.BytesIO()
    head, *body = rows
    pl.DataFrame(body, schema=head, orient="row").write_parquet(target)
    return target.getvalue()


def as_tabs(rows: Rows) -> bytes:
    """Text separated by tabs, as databases export it under the name of an xls."""
    return "".join("\t".join(map(_text, row)) + "\r\n" for row in rows).encode("gb18030")


def as_zip(rows: Rows) -> bytes:
    """A workbook in a zip."""
    return zip_of({"一.xlsx": as_xlsx(rows)})


class _NamedInGbk(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gbk"), 0


def zip_of(members: Mapping[str, str | bytes], *, is_gbk: bool = False) -> bytes:
    """A zip of these files; `is_gbk` names them as Windows in China does."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in members.items():
            member = (_NamedInGbk if is_gbk else zipfile.ZipInfo)(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            container.writestr(member, data)
    return target.getvalue()


KINDS: dict[str, Callable[[Rows], bytes]] = {
    "xlsx": as_xlsx,
    "xls": as_xls,
    "xlsb": as_xlsb,
    "ods": as_ods,
    "html": as_html,
    "spreadsheetml": as_spreadsheetml,
    "parquet": as_parquet,
    "tabs": as_tabs,
    "zip": as_zip,
}


def _text(value: Any) -> str:
    return "" if value is None else escape(str(value))


def _record(kind: int, body: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return number + size + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
