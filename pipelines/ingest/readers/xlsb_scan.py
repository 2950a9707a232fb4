"""Look through a binary workbook (xlsb, [MS-XLSB]) for what the library does not tell: errors, merged cells, far cells."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.ingest.readers.grid import Merged
from pipelines.ingest.readers.xlsx_scan import Scanned, refuse_far, worksheet_targets
from pipelines.ingest.readers.zip_members import check_members

_ROW, _CELLS, _ERRORS, _MERGED, _SHEET, _PROPERTIES = 0, range(2, 12), (3, 11), 176, 156, 153
ERROR_VALUES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""Error code of xls and xlsb → as Excel shows it."""


@dataclass
class ScannedBinary(Scanned):
    """What was seen of a sheet, and its merged cells."""

    merged: list[Merged] = field(default_factory=list)


def scan_xlsb(book: zipfile.ZipFile) -> tuple[dict[str, ScannedBinary], bool]:
    """Sheet → what was seen, and whether days count from 1904; all parts have passed their checksum.

    Raises as `scan_xlsx` does.
    """
    check_members(book)
    targets = worksheet_targets(book, "xl/_rels/workbook.bin.rels")
    found, is_1904 = {}, False
    for kind, body in _records(book.read("xl/workbook.bin")):
        if kind == _PROPERTIES:
            is_1904 = bool(body[0] & 1)
        elif kind == _SHEET:
            relation, end = _read_text(body, 8)
            if part := targets.get(relation):
                name = _read_text(body, end)[0]
                found[name] = _scan_sheet(book.read(part))
                refuse_far(name, found[name])
    for member in book.infolist():
        if member.filename.endswith((".bin", ".xml", ".rels")):
            book.read(member)
    return found, is_1904


def _scan_sheet(data: bytes) -> ScannedBinary:
    seen, row = ScannedBinary(), 0
    for kind, body in _records(data):
        if kind == _ROW:
            row = int.from_bytes(body[:4], "little")
        elif kind in _CELLS:
            column = int.from_bytes(body[:4], "little")
            seen.cells, seen.rows = seen.cells + 1, max(seen.rows, row + 1)
            seen.columns = max(seen.columns, column + 1)
            if kind in _ERRORS:
                seen.errors[row].append((column, ERROR_VALUES.get(body[8], "#VALUE!")))
        elif kind == _MERGED:
            top, bottom, left, right = struct.unpack_from("<4I", body)
            seen.merged.append((top, left, bottom, right))
    return seen


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, body) of the records one after the other: type and length are little-endian in groups of seven bits."""
    place, end = 0, len(data)
    while place < end:
        kind = data[place]
        place += 1
        if kind & 0x80:
            kind = kind & 0x7F | (data[place] & 0x7F) << 7
            place += 1
        size = shift = 0
        while True:
            size |= (data[place] & 0x7F) << shift
            place, shift = place + 1, shift + 7
            if not data[place - 1] & 0x80 or shift > 21:
                break
        yield kind, data[place : place + size]
        place += size


def _read_text(body: bytes, place: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, place)
    end = place + 4 + 2 * length
    return body[place + 4 : end].decode("utf-16-le"), end
