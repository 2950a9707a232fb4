"""Take one file in: archive it, read it, write its rows as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.archive import archive, archived
from pipelines.ingest.content import recognize
from pipelines.ingest.delimited import read_delimited
from pipelines.ingest.objects import read_json
from pipelines.ingest.readers.bounded import read_grids
from pipelines.ingest.sheet import Sheet, name_columns, tell_apart, tell_of
from pipelines.ingest.workbook import find_sheets, flag_errors
from pipelines.ingest.zipped import read_zip
from pipelines.store.dossier import LandingFile
from pipelines.store.store import Object, Store
from schemas.records import RECORDS, Dataset


@dataclass(frozen=True)
class TakenIn:
    """What came of a file: how it was encoded, how many rows it holds, its headers by sheet, remarks, or why
    it was refused.
    """

    encoding: str = ""
    rows_read: int = 0
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    refused: str = ""
    message: str = ""


def take_in(file: LandingFile, landing: Path, kept: Store, target: Object) -> TakenIn:
    """Put `file` into the archive `kept`, read it and write its rows to `target`: see `read_in`. A refused file is archived
    too; it is tried again on the next night.
    """
    try:
        archive(landing / file.path, file, kept)
    except FileRefusedError as error:
        return TakenIn(refused=error.code, message=_in_landing(str(error), file))
    return read_in(file, kept, target)


def read_in(file: LandingFile, kept: Store, target: Object) -> TakenIn:
    """Read the copy of `file` in the archive `kept` and write its rows to `target`.

    Out: all columns of the dataset as text, `_sheet`, `_line`, `_raw`, `_problem`, `_extra`, `_number` (see
    `name_columns`). A file that is refused writes nothing, and says why.
    """
    dataset, copy = RECORDS[file.dataset], kept.at(archived(file.dataset, file.sha256, file.path))
    try:
        if not copy.exists:
            raise FileRefusedError("file_vanished", f"{file.path}：存档中没有此文件，请按 docs/runbook.md 恢复存档")
        with copy.local() as path:
            sheets, encoding, remarks = read_sheets(path, dataset)
    except FileRefusedError as error:
        return TakenIn(refused=error.code, message=_in_landing(str(error), file))
    told_apart = [(sheet, dataset, tell_apart(sheet, dataset)) for sheet in sheets]
    rows = pl.concat([name_columns(*known) for known in told_apart], how="vertical")
    target.write(rows)
    return TakenIn(
        encoding=encoding,
        rows_read=rows.height,
        headers={s.name: {c: s.header.names[p] for c, p in s.header.single.items()} for s in sheets},
        unknown_columns=sorted({name for s in sheets for name in s.header.unknown}),
        remarks=[
            *(_in_landing(r, file) for r in remarks),
            *(f"{file.path}：{told}" for known in told_apart for told in tell_of(*known)),
        ],
    )


def _in_landing(message: str, file: LandingFile) -> str:
    """Readers see the archived copy; people know the file by its path in the landing zone."""
    return message.replace(f"{file.sha256}{Path(file.path).suffix.lower()}", file.path)


def read_sheets(path: Path, dataset: Dataset) -> tuple[list[Sheet], str, list[str]]:
    """The sheets of an archived file as they were sent, its encoding or format, and remarks."""
    kind = recognize(path)
    if kind == "zip":
        return read_zip(path, lambda inner: _read_inner(inner, dataset))
    remarks: list[str] = []
    if kind == "text":
        sheets, kind = read_delimited(path, dataset)
    elif kind == "json":
        sheets, kind = read_json(path, dataset)
    else:
        sheets, remarks = find_sheets(read_grids(path, kind), dataset, path.name)
    return [flag_errors(sheet, dataset) for sheet in sheets], kind, remarks


def _read_inner(path: Path, dataset: Dataset) -> tuple[list[Sheet], str, list[str]]:
    if recognize(path) == "zip":
        raise FileRefusedError("packed_file", f"{path.name}：压缩包内还有压缩包，请解开后重新报送")
    return read_sheets(path, dataset)
