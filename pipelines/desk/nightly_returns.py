"""The correction workbooks of a night: one for each dataset of each sender whose rows wait to be corrected."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.desk.export import copies_of, find_free, find_sender, write_returns
from pipelines.rejects.register import read_register
from pipelines.store.durable import read_json, write_json

LISTED = 2_000
"""So many rows stand in a workbook at most, the latest sent: who has more to mend mends the export, not the rows."""
WRITTEN = 20_000
"""So many rows are written in one night at most, those of senders with few first; the others follow the next night."""

_CONTENTS = "contents.json"


@dataclass(frozen=True)
class Returned:
    """A workbook: its dataset and sender, its path below the folder of the run, rows that wait, rows it lists, and a
    digest of what it says.
    """

    dataset: str
    sender: str
    path: str
    waiting: int
    listed: int
    digest: str


def returns_folder(home: Path, run_id: str) -> Path:
    """Where the workbooks of a run are."""
    return home / "returns" / run_id


def read_returns(home: Path, run_id: str) -> list[Returned]:
    """The workbooks of a run, by dataset and sender; none where it wrote none."""
    path = returns_folder(home, run_id) / _CONTENTS
    return [Returned(**entry) for entry in read_json(path)] if path.exists() else []


def keep_returns(home: Path, run_id: str, batch: int) -> list[Returned]:
    """Write `returns/<run_id>/<dataset>/<sender>.xlsx` for the open rows of the register as it stands after `batch`.

    What was returned before in the same words is linked and not written anew, so that a night writes for those
    senders only whose rows are new or changed. The folder appears whole; made again, it says the same.
    """
    folder = returns_folder(home, run_id)
    partial = folder.with_name(f"{run_id}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    kept = _find_kept(home)
    returned: list[Returned] = []
    anew: list[tuple[Returned, pl.DataFrame]] = []
    left = WRITTEN
    for entry, rows in _list_waiting(read_register(home, batch)):
        if (source := kept.get((entry.dataset, entry.sender, entry.digest))) is not None:
            returned.append(_link(source, partial, entry, {partial / r.path for r in returned}))
        elif rows.height <= left:
            anew.append((entry, rows))
            left -= rows.height
    if anew:
        returned += _write(home, partial, anew, {partial / entry.path for entry in returned})
    returned.sort(key=lambda entry: (entry.dataset, entry.sender))
    write_json(partial / _CONTENTS, [asdict(entry) for entry in returned])
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return returned


def _list_waiting(register: pl.DataFrame) -> Iterator[tuple[Returned, pl.DataFrame]]:
    """For each dataset and sender what its workbook is to list: who has least to mend comes first."""
    waits = register.filter(state="open")
    paths = waits["source_path"].unique()
    senders = pl.DataFrame({"source_path": paths, "_sender": [find_sender(path) for path in paths]})
    waits = waits.join(senders, on="source_path").sort("_file", "sheet", "line_no", descending=[True, False, False])
    groups = waits.group_by("dataset", "_sender", maintain_order=True)
    found = [(str(dataset), str(sender), rows) for (dataset, sender), rows in groups]
    for dataset, sender, rows in sorted(found, key=lambda group: (group[2].height, *group[:2])):
        listed = rows.head(LISTED).drop("_sender")
        says = json.dumps([rows.height, listed.select("record_id", "source_path", "line_no", "reasons").rows()])
        digest = hashlib.sha256(says.encode()).hexdigest()
        yield Returned(dataset, sender, "", rows.height, listed.height, digest), listed


def _find_kept(home: Path) -> dict[tuple[str, str, str], Path]:
    """The workbooks of earlier nights by dataset, sender and digest."""
    kept = {}
    for contents in (home / "returns").glob(f"*/{_CONTENTS}"):
        for entry in read_returns(home, contents.parent.name):
            if (path := contents.parent / entry.path).exists():
                kept[entry.dataset, entry.sender, entry.digest] = path
    return kept


def _link(source: Path, folder: Path, entry: Returned, taken: Set[Path]) -> Returned:
    target = find_free(folder / entry.dataset, source.stem, taken)
    target.parent.mkdir(exist_ok=True)
    os.link(source, target)
    return replace(entry, path=target.relative_to(folder).as_posix())


def _write(home: Path, folder: Path, entries: Sequence[tuple[Returned, pl.DataFrame]], taken: Set[Path]) -> list[Returned]:
    records = pl.concat([rows for _, rows in entries])
    waiting = {(entry.dataset, entry.sender): entry.waiting for entry, _ in entries}
    paths = write_returns(copies_of(home), records, folder, waiting=waiting, taken=taken)
    places = {key: path.relative_to(folder).as_posix() for key, path in paths.items()}
    return [replace(entry, path=places[entry.dataset, entry.sender]) for entry, _ in entries]
