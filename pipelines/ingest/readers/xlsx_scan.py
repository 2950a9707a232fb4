"""Look through an xlsx workbook before a library reads it: what the library does not check, bound or tell."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field

from lxml import etree

from pipelines.errors import FileRefusedError
from pipelines.ingest.readers.grid import cell_name
from pipelines.ingest.readers.zip_members import check_members

_MOST_BOX, _SPARSE = 20_000_000, 8
_CHUNK = 2**20
_LONGEST_CELL = 2**22
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_VALUE = re.compile(rb"v>([^<]*)<")

Errors = dict[int, list[tuple[int, str]]]
"""Row → (column, error value) of its error cells, both counted from 0."""


@dataclass
class Scanned:
    """What was seen of a sheet: its error cells, how many cells it has, and how far those with content reach."""

    errors: Errors = field(default_factory=lambda: defaultdict(list))
    cells: int = 0
    rows: int = 0
    columns: int = 0


def scan_xlsx(book: zipfile.ZipFile) -> dict[str, Scanned]:
    """Sheet → what was seen; every part that is read has passed its checksum.

    Raises FileRefusedError for a workbook that is ambiguous (two parts of one name) or too large, and for one with
    a cell so far from the others that a dense reader would ask for memory without bound; zipfile's errors for one
    that is damaged.
    """
    check_members(book)
    sheets = sheet_parts(book)
    found = {name: _scan_sheet(book, part) for name, part in sheets.items()}
    for name, seen in found.items():
        refuse_far(name, seen)
    for member in book.infolist():
        if member.filename.endswith((".xml", ".rels")) and member.filename not in sheets.values():
            with book.open(member) as part:
                while part.read(_CHUNK):
                    pass
    return found


def refuse_far(name: str, seen: Scanned) -> None:
    """FileRefusedError where a sheet reaches far beyond what it holds."""
    if seen.rows * seen.columns > max(_MOST_BOX, _SPARSE * seen.cells):
        raise FileRefusedError(
            "too_large",
            f"工作表“{name}”有单元格远离其余数据（直到 {cell_name(seen.rows, seen.columns - 1)}），无法读取；"
            "请删除数据以外的行和列后重新报送",
        )


def sheet_parts(book: zipfile.ZipFile) -> dict[str, str]:
    """Sheet → the part that holds it; sheets without cells (charts, macros) are left out."""
    targets = worksheet_targets(book, "xl/_rels/workbook.xml.rels")
    parts = {}
    for sheet in parse_part(book, "xl/workbook.xml").iterfind(".//{*}sheets/{*}sheet"):
        target = next((targets.get(value) for key, value in sheet.items() if key.endswith("}id")), None)
        if target:
            parts[sheet.get("name", "")] = target
    return parts


def worksheet_targets(book: zipfile.ZipFile, relations: str) -> dict[str, str]:
    """Id of a relation of the workbook → the part, where that is a sheet with cells."""
    found = {}
    for relation in parse_part(book, relations):
        target = relation.get("Target", "")
        if relation.get("Type", "").endswith("/worksheet"):
            found[relation.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def parse_part(book: zipfile.ZipFile, name: str) -> etree._Element:
    """A small part as a tree: no entities, no network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(book.read(name), parser)


def _scan_sheet(book: zipfile.ZipFile, part: str) -> Scanned:
    """Patterns over megabytes at a time: a parser would take ten times as long as the reading itself."""
    seen = Scanned()
    with book.open(part) as file:
        buffer = file.read(_CHUNK)
        prefix = re.search(rb"<((?:\w+:)?)worksheet", buffer)
        look = _Look((prefix[1] if prefix else b"") + b"c")
        while chunk := file.read(_CHUNK):
            cut = buffer.rfind(look.mark)
            if cut <= 0 and len(buffer) > _LONGEST_CELL:
                cut = len(buffer)
            if cut > 0:
                look(buffer[:cut], seen)
            buffer = buffer[max(cut, 0) :] + chunk
        look(buffer, seen)
    return seen


class _Look:
    """What is looked for in whole cells; `tag` is their name, with its prefix if there is one."""

    def __init__(self, tag: bytes) -> None:
        self.mark = b"<" + tag + b" "
        place = re.escape(self.mark) + b'r="'
        self._columns = re.compile(place + rb'([A-Z]+)\d+"[^>/]*>')
        self._row = re.compile(place + rb'[A-Z]+(\d+)"[^>/]*>')
        self._errors = re.compile(
            re.escape(self.mark) + rb"([^>]*?\bt=[\"']e[\"'](?:[^>]*[^>/])?)>(.*?)</" + tag + b">", re.DOTALL
        )

    def __call__(self, buffer: bytes, seen: Scanned) -> None:
        seen.cells += buffer.count(self.mark)
        letters = set(self._columns.findall(buffer))
        seen.columns = max([seen.columns, *map(_column_number, letters)])
        place = len(buffer)
        while letters and (place := buffer.rfind(self.mark, 0, place)) >= 0:
            if match := self._row.match(buffer, place):  # rows ascend
                seen.rows = max(seen.rows, int(match[1]))
                break
        if b't="e"' in buffer or b"t='e'" in buffer:
            self._note_errors(buffer, seen)

    def _note_errors(self, buffer: bytes, seen: Scanned) -> None:
        for attributes, content in self._errors.findall(buffer):
            place, value = _PLACE.search(attributes), _VALUE.search(content)
            if place is None:
                raise FileRefusedError("unreadable_file", "含有错误值，但没有写明在哪个单元格；请用 Excel 打开、另存后重新报送")
            text = value[1].decode(errors="replace") if value else "#VALUE!"
            seen.errors[int(place[2]) - 1].append((_column_number(place[1]) - 1, text))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
