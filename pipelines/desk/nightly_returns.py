"""The correction workbooks of a night: one for each dataset of each sender whose rows wait to be corrected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl

from pipelines.desk.export import copies_of, find_free, find_sender, write_returns
from pipelines.rejects.register import read_register
from pipelines.store import keys
from pipelines.store.store import Object, Store

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


def returns_of(home: Store, run_id: str) -> Store:
    """The workbooks of a run."""
    return home.below(f"{keys.RETURNS}/{run_id}")


def read_returns(home: Store, run_id: str) -> list[Returned]:
    """The workbooks of a run, by dataset and sender; none where it wrote none."""
    own = returns_of(home, run_id)
    return [Returned(**entry) for entry in own.read_json(_CONTENTS)] if own.has(_CONTENTS) else []


def keep_returns(home: Store, run_id: str, batch: int) -> list[Returned]:
    """Write `returns/<run_id>/<dataset>/<sender>.xlsx` for the open rows of the register as it stands after `batch`.

    What was returned before in the same words stays, or is copied, and is not written anew, so that a night writes for those
    senders only whose rows are new or changed. They count once their contents are listed; made again, they say the same.
    """
    own, kept = returns_of(home, run_id), _find_kept(home, run_id)
    waiting = [
        (entry, rows, kept.get((entry.dataset, entry.sender, entry.digest)))
        for entry, rows in _list_waiting(read_register(home, batch))
    ]
    returned = [replace(entry, path=source.key) for entry, _, source in waiting if source is not None and source.store == own]
    own.drop(_CONTENTS)  # first: without it the rest is none
    for key in {*own.list()} - {entry.path for entry in returned}:
        own.drop(key)
    anew: list[tuple[Returned, pl.DataFrame]] = []
    left = WRITTEN
    for entry, rows, source in waiting:
        if source is not None and source.store != own:
            returned.append(_copy(source, own, entry, {r.path for r in returned}))
        elif source is None and rows.height <= left:
            anew.append((entry, rows))
            left -= rows.height
    if anew:
        with home.filling(f"{keys.RETURNS}/{run_id}") as folder:
            returned += _write(home, folder, anew, {folder / entry.path for entry in returned})
    returned.sort(key=lambda entry: (entry.dataset, entry.sender))
    own.put_json(_CONTENTS, [asdict(entry) for entry in returned])
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


def _find_kept(home: Store, run_id: str) -> dict[tuple[str, str, str], Object]:
    """The workbooks of all nights by dataset, sender and digest; of several that say the same, the run's own."""
    kept = {}
    for night in sorted(home.folders(keys.RETURNS), key=lambda night: night == run_id):
        there = set(returns_of(home, night).list())
        for entry in read_returns(home, night):
            if entry.path in there:
                kept[entry.dataset, entry.sender, entry.digest] = returns_of(home, night).at(entry.path)
    return kept


def _copy(source: Object, own: Store, entry: Returned, taken: Set[str]) -> Returned:
    stem = PurePosixPath(source.key).stem
    path = find_free(PurePosixPath(entry.dataset), stem, {PurePosixPath(path) for path in taken}).as_posix()
    source.store.copy(source.key, path, own)
    return replace(entry, path=path)


def _write(home: Store, folder: Path, entries: Sequence[tuple[Returned, pl.DataFrame]], taken: Set[Path]) -> list[Returned]:
    records = pl.concat([rows for _, rows in entries])
    waiting = {(entry.dataset, entry.sender): entry.waiting for entry, _ in entries}
    paths = write_returns(copies_of(home), records, folder, waiting=waiting, taken=taken)
    places = {key: path.relative_to(folder).as_posix() for key, path in paths.items()}
    return [replace(entry, path=places[entry.dataset, entry.sender]) for entry, _ in entries]
