"""The correction workbook (退回整改表): rejected rows go back to their senders, who mend them and send the sheet in again."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path, PurePath
from typing import Any, TypeVar

import polars as pl

from pipelines.desk.return_sheet import ReturnedRow, write_workbook
from pipelines.desk.select import Wanted, select_records
from pipelines.ingest.archive import archived
from pipelines.ingest.sheet import Sheet, find_cell
from pipelines.ingest.take_in import read_sheets
from pipelines.lake.batches import committed, last_batch
from pipelines.rejects.ranges import tell_ranges
from pipelines.rejects.register import read_register
from pipelines.rejects.tell_state import tell_waiver_over
from pipelines.settings import Settings
from pipelines.store import clock, keys
from pipelines.store.private import require_home
from pipelines.store.store import Store
from schemas.records import RECORDS

_P = TypeVar("_P", bound=PurePath)
_UNNAMED = "未注明单位"
_LONGEST = 200
"""Bytes of a name: 255 are allowed, and numbers, endings and marks of unfinished files come behind it."""


@dataclass
class _Workbook:
    """What one sender gets back of one dataset: header as sent → its rows; how many rows have which problem."""

    sheets: dict[tuple[str, ...], list[ReturnedRow]] = field(default_factory=lambda: defaultdict(list))
    problems: Counter[str] = field(default_factory=Counter)


def export_returns(settings: Settings, wanted: Wanted, *, until: date | None = None, folder: Path | None = None) -> list[Path]:
    """Write the rejected rows that match as workbooks and return their paths, none where nothing matches.

    `<folder>/<dataset>/<institution or sender>.xlsx`, `folder` being `<home>/returns/<day>` unless given: laid
    out like the landing zone, into which the mended workbooks go. One sheet for each header that the sender
    used, with the cells as they were sent, read from the archive; `until` is the day by which they are due.
    """
    home = require_home(settings.home)
    today = clock.today()
    records = select_records(read_register(home, last_batch(home).number), wanted, today)
    with nullcontext(folder) if folder else home.filling(f"{keys.RETURNS}/{today.isoformat()}") as place:
        return list(write_returns(copies_of(home), records, place, until=until, institution=wanted.institution).values())


@dataclass(frozen=True)
class Copies:
    """Where rows are read back from: the archive, and of each file, by its number, the ledger entry."""

    archive: Store
    files: Mapping[int, Mapping[str, Any]]


def copies_of(home: Store) -> Copies:
    """All files that a home has taken in."""
    return Copies(home.below(keys.ARCHIVE), {f["seq"]: f for b in committed(home) for f in b.files})


def find_sender(path: str) -> str:
    """Who sent a file: the folders between its dataset and the file, empty where there are none."""
    return "/".join(path.split("/")[1:-1])


def write_returns(
    copies: Copies,
    records: pl.DataFrame,
    folder: Path,
    *,
    until: date | None = None,
    institution: str = "",
    waiting: Mapping[tuple[str, str], int] | None = None,
    taken: Set[Path] = frozenset(),
    unsent: Set[str] | None = None,
    sender_of: Callable[[str], str] = find_sender,
) -> dict[tuple[str, str], Path]:
    """Write `records` (rows of the register) as workbooks below `folder`; (dataset, sender) → path.

    All go under the name of the institution where one is given, else under that of their sender. `waiting` says
    how many rows of a sender wait where only some of them are listed: the workbook says so. `taken` are paths of
    workbooks that stand there already. `unsent` are, of files that are only looked at, the records that nobody has yet:
    their rows come without a number, under which they would be asked for in vain.
    """
    books: dict[tuple[str, str], _Workbook] = defaultdict(_Workbook)
    for name, header, row in _read_back(copies, records, unsent or frozenset(), sender_of):
        book = books[name, institution or row.sender]
        book.sheets[header].append(row)
        book.problems.update({r["message_zh"] for r in row.reasons})
    written: dict[tuple[str, str], Path] = {}
    for (name, sender), book in sorted(books.items()):
        path = find_free(folder / name, as_file_name(sender), {*written.values(), *taken})
        total = (waiting or {}).get((name, sender))
        told = tell_ranges(book.problems)
        write_workbook(path, RECORDS[name].title, book.sheets, told, until, total, is_sent=unsent is None)
        written[name, sender] = path
    return written


def find_free(folder: _P, name: str, taken: Set[_P]) -> _P:
    """The path of a workbook that no other has taken: senders may differ in characters that no file name holds."""
    names = (f"{name}{f'_{n}' if n else ''}.xlsx" for n in count())
    return next(folder / n for n in names if folder / n not in taken)


def _read_back(
    copies: Copies, records: pl.DataFrame, unsent: Set[str], sender_of: Callable[[str], str]
) -> Iterator[tuple[str, tuple[str, ...], ReturnedRow]]:
    """(dataset, header as sent, row) of every record, in the order of files, sheets and lines."""
    parts = records.sort("_file", "sheet", "line_no").group_by("_file", "sheet", maintain_order=True)
    opened: tuple[int, dict[str, Sheet]] = (0, {})
    for (seq, sheet_name), rows in parts:
        file = copies.files[int(str(seq))]
        dataset = RECORDS[file["dataset"]]
        if opened[0] != seq:
            with copies.archive.local(archived(dataset.name, file["sha256"], file["path"])) as copy:
                opened = (file["seq"], {s.name: s for s in read_sheets(copy, dataset)[0]})
        sheet = opened[1][str(sheet_name)]
        shown = [i for i in range(sheet.header.width) if i not in sheet.header.ours]
        header = tuple(sheet.header.names[i] for i in shown)
        cells = sheet.rows.join(rows.select(_line="line_no"), on="_line", how="semi")
        found = {line["_line"]: line for line in cells.iter_rows(named=True)}
        for row in rows.iter_rows(named=True):
            line, reasons = found[row["line_no"]], [*row["reasons"], *_waiver_over(row)]
            yield (
                dataset.name,
                header,
                ReturnedRow(
                    number="" if row["record_id"] in unsent else row["record_id"],
                    sender=sender_of(row["source_path"]),
                    cells=[line.get(f"c{i}") for i in shown],
                    whole_line=line.get("_raw"),
                    reasons=reasons,
                    failing=_find_failing(row["reasons"], sheet, shown, line),
                ),
            )


def _waiver_over(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A record that is open although it was waived: its time is over, and its sender should know."""
    if over := tell_waiver_over(row["state"], row["decided_until"]):
        message = f"本行曾获豁免，{over}，须改正后重新报送"
        yield {"code": "waiver_over", "column": "", "value": None, "message_zh": message}


def _find_failing(
    reasons: list[dict[str, Any]], sheet: Sheet, shown: list[int], line: Mapping[str, Any]
) -> dict[int, list[dict[str, Any]]]:
    """Position among the sender's columns → the reasons against the cell there."""
    failing = defaultdict(list)
    for reason in reasons:
        for column in (reason["column"] or "").split("、"):
            if column in sheet.header.positions:
                failing[shown.index(find_cell(sheet.header, column, line))].append(reason)
    return dict(failing)


def as_file_name(name: str) -> str:
    """A name for a file on any disk, however long the name it is made from: what is cut off is told apart by a digest."""
    plain = re.sub(r'[\\/:*?"<>|\s\x00-\x1f\x7f]+', "_", name).strip("._") or _UNNAMED
    encoded = plain.encode()
    if len(encoded) <= _LONGEST:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{encoded[: _LONGEST - 13].decode(errors='ignore')}_{digest}"
