"""What the night would say of files, before they are sent: its own code, on a lake that it only reads."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.desk.export import Copies, write_returns
from pipelines.ingest.discover import discover
from pipelines.ingest.take_in import TakenIn, take_in
from pipelines.lake.batches import committed_contents, last_batch
from pipelines.rejects.register import read_register
from pipelines.senders.laid import Laid, find_sender, lay
from pipelines.senders.references import find_missing, find_unchecked
from pipelines.settle.rehearse import rehearse
from pipelines.store import clock, keys
from pipelines.store.dossier import LandingFile
from pipelines.store.local import Local
from pipelines.store.private import require_home
from pipelines.store.store import Object, Store

REJECTED: dict[str, pl.DataType] = {
    "file": pl.String(),
    "dataset": pl.String(),
    "sheet": pl.String(),
    "line_no": pl.Int64(),
    "natural_key": pl.String(),
    "reasons": pl.List(pl.Struct(dict.fromkeys(("code", "column", "value", "message_zh"), pl.String()))),
    "raw_json": pl.String(),
}


@dataclass(frozen=True)
class CheckedFile:
    """What would become of one file: its dataset and where that is known from (Chinese); `status` as in source_files
    (`accepted`: it is read; `failed`: refused as a whole, `message` says why; `skipped`: its content was taken in before;
    `waiting`: not read, it is still being written); rows_read = accepted + rejected + duplicate.
    """

    file: str
    dataset: str
    because: str
    status: str
    message: str = ""
    encoding: str = ""
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    unknown_columns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """What would become of some files.

    `rejected`: columns of REJECTED, in the order of files and lines; `missing`: the references that are not on record
    (`dataset`, `column`, `target`, `value`, `rows`): with a home (`has_home`) their rows are rejected until what they refer to
    has come; without one it is what the files themselves do not bring, and nobody knows. `unchecked_numbers`: rows whose
    退回编号 no home could be asked for. `workbooks`: correction workbooks that were written.
    """

    files: tuple[CheckedFile, ...]
    rejected: pl.DataFrame
    missing: pl.DataFrame
    has_home: bool
    unchecked_numbers: int = 0
    workbooks: tuple[Path, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether all would be accepted, or is on record already."""
        return all(f.status in ("accepted", "skipped") and not f.rows_rejected for f in self.files)


def check_files(
    files: Sequence[Path], dataset: str = "", home: Store | None = None, *, to: Path | None = None, as_of: date | None = None
) -> Checked:
    """Judge files, and the files in folders, by the code of every night; nothing but what is asked for `to` is written.

    The dataset is `dataset`, or that of each file (`dataset_of`). What rows refer to is looked up in `home` and among the files;
    without a home all of it is trusted, and told as `missing`. Correction workbooks of the rows rejected go to
    `<to>/<dataset>/<sender>.xlsx`. `as_of` (default: today in Shanghai) is the day for which waivers are asked. Works in a
    temporary folder that holds a copy of the files; a night may run in the home meanwhile. UsageError for what is not there,
    for a dataset that cannot be told, and for a `home` that is none.
    """
    day = as_of or clock.today()
    with tempfile.TemporaryDirectory(prefix="vbp_check_") as name:
        folder, scratch = Path(name), Local(Path(name))
        lake = require_home(home) if home else scratch.below("no_home")
        laid = {each.path: each for each in lay(files, dataset, folder / "landing")}
        listed = _discover(laid, folder, committed_contents(lake))
        taken = _take_in(listed, folder / "landing", scratch)
        unchecked = 0 if home else _forget_numbers(taken, scratch)
        good = [(file, read) for file, read in taken if not read.refused]
        night = rehearse(lake, good, lambda f: _text(scratch, f), scratch.below("work"), as_of=day, is_trusting=home is None)
        counts = {entry["path"]: entry for entry in night.entries}
        workbooks: tuple[Path, ...] = ()
        open_rows = night.refused.filter(state="open")
        if to is not None and not open_rows.is_empty():
            known = read_register(lake, last_batch(lake).number)
            unsent = set(open_rows.join(known, on=["dataset", "record_id"], how="anti")["record_id"])
            copies = Copies(scratch.below(keys.ARCHIVE), {entry["seq"]: entry for entry in night.entries})
            workbooks = tuple(write_returns(copies, open_rows, to, unsent=unsent, sender_of=find_sender).values())
        return Checked(
            files=tuple(_tell(laid[file.path], file, dict(_by_path(taken)), counts) for file in listed),
            rejected=_show(night.refused, laid),
            missing=find_unchecked(night) if home is None else find_missing(night.refused),
            has_home=home is not None,
            unchecked_numbers=unchecked,
            workbooks=workbooks,
        )


def _discover(laid: Mapping[str, Laid], folder: Path, seen: set[tuple[str, str]]) -> list[LandingFile]:
    """The files as the night finds them, in the order of upserts; those that it passes over wait for ever."""
    roots = sorted({each.file.absolute().parent for each in laid.values()})
    found = [f for f in discover(folder / "landing", seen, roots=roots) if f.path in laid] if laid else []
    left = laid.keys() - {f.path for f in found}
    passed = [LandingFile(laid[path].dataset, path, "", 0, "waiting") for path in left]
    return sorted([*found, *passed], key=lambda f: f.path)


def _take_in(listed: Sequence[LandingFile], landing: Path, scratch: Store) -> list[tuple[LandingFile, TakenIn]]:
    """What came of each new file, and, as in a night, of those with the content of one that was refused."""
    taken = [(f, take_in(f, landing, scratch.below(keys.ARCHIVE), _text(scratch, f))) for f in listed if f.status == "new"]
    refused = {(f.dataset, f.sha256): (f.path, read) for f, read in taken if read.refused}
    for file in listed:
        if file.status == "skipped" and (first := refused.get((file.dataset, file.sha256))):
            path, read = first
            taken.append((file, replace(read, message=read.message.replace(path, file.path))))
    return taken


def _by_path(taken: Sequence[tuple[LandingFile, TakenIn]]) -> list[tuple[str, TakenIn]]:
    return [(file.path, read) for file, read in taken]


def _text(scratch: Store, file: LandingFile) -> Object:
    return scratch.at(f"text/{file.path}.parquet")


def _forget_numbers(taken: Sequence[tuple[LandingFile, TakenIn]], scratch: Store) -> int:
    """Without a home no number of a record is known, and none wrong; how many rows have one."""
    found = 0
    for file, read in taken:
        if not read.refused:
            rows = _text(scratch, file).scan().collect()
            if named := rows.height - rows["_number"].null_count():
                found += named
                _text(scratch, file).write(rows.with_columns(_number=pl.lit(None, pl.String)))
    return found


def _tell(laid: Laid, file: LandingFile, taken: Mapping[str, TakenIn], counts: Mapping[str, Mapping[str, Any]]) -> CheckedFile:
    told = CheckedFile(str(laid.file), laid.dataset, laid.because, file.status, _as_given(file.message, laid))
    read = taken.get(file.path)
    if read is None:
        return told
    if read.refused:
        return replace(told, status="failed", message=_as_given(read.message, laid))
    entry = counts[file.path]
    return replace(
        told,
        status="accepted",
        encoding=read.encoding,
        **{c: entry[c] for c in ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")},
        unknown_columns=tuple(read.unknown_columns),
        remarks=tuple(_as_given(remark, laid) for remark in read.remarks),
    )


def _as_given(message: str, laid: Laid) -> str:
    """Messages name the path in the landing zone; whoever asks knows the file by its own."""
    return message.replace(laid.path, str(laid.file))


def _show(refused: pl.DataFrame, laid: Mapping[str, Laid]) -> pl.DataFrame:
    given = {path: str(each.file) for path, each in laid.items()}
    rows = refused.sort("_file", "sheet", "line_no").with_columns(
        file=pl.col("source_path").replace_strict(given, return_dtype=pl.String)
    )
    return rows.select(*REJECTED)
