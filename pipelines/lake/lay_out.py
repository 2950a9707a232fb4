"""The records of a run, laid out without reading all of the lake: those of an earlier batch, and what has changed since."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl

from pipelines.errors import DamagedError
from pipelines.lake.batches import Batch, committed
from pipelines.lake.changes import Base, NotCarriedError, find_changes
from pipelines.lake.parts import AXES, places_of
from pipelines.lake.snapshot import snapshot
from pipelines.store.runs import read_json, write_json

_LAYOUT = 2
"""Raised whenever files are laid out in another way: then no base and no night of before is carried on."""


def lay_out(home: Path, batch: Batch, target: Path) -> bool:
    """Put the records as they stand after `batch` below `target`; true where only changes had to be read.

    `home/records` keeps a snapshot, the base. While little has changed since, its files are linked and the
    changes written beside them (see `scan_records`); else the snapshot is taken anew. Either way the same
    records stand below `target`, and the base may be removed at any time.
    """
    shutil.rmtree(target, ignore_errors=True)
    folder = home / "records"
    base = _find_base(home, folder, batch)
    if base is not None:
        _link(folder, target)
        try:
            find_changes(home, batch, base, target)
            return True
        except NotCarriedError:
            shutil.rmtree(target)
    _take_base(home, batch, folder)
    _link(folder, target)
    return False


def _find_base(home: Path, folder: Path, batch: Batch) -> Base | None:
    """The base, if it belongs to this lake as it is."""
    try:
        made_of = read_json(folder / "base.json")
    except DamagedError:  # or none yet: it can be taken anew
        return None
    taken_from = next((b for b in committed(home) if b.number == made_of["batch"]), Batch(0, ""))
    if (taken_from.run_id, taken_from.versions) != (made_of["run_id"], made_of["versions"]):
        return None
    if made_of.get("layout") != _LAYOUT:
        return None
    if taken_from.number > batch.number:
        return None
    return Base(folder, taken_from.number, made_of["parts"], made_of["rows"])


def _take_base(home: Path, batch: Batch, folder: Path) -> None:
    partial = folder.with_name("records.part")
    snapshot(home, batch, partial)
    parts = {axis: sum(1 for _ in (partial / d).glob("part-*")) for d, axis in AXES.items()}
    for axis, number in parts.items():
        places_of(axis, partial, number).write_parquet(partial / f"{axis}.places.parquet")
    rows = {
        d: sum(pl.scan_parquet(p, glob=False).select(pl.len()).collect().item() for p in (partial / d).glob("part-*"))
        for d in AXES
    }
    made_of = {"layout": _LAYOUT, "batch": batch.number, "run_id": batch.run_id, "versions": batch.versions}
    write_json(partial / "base.json", {**made_of, "parts": parts, "rows": rows})
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _link(folder: Path, target: Path) -> None:
    """The same files under a second name: a later base does not take them away from a run at work."""
    for path in [folder / "base.json", *sorted(folder.rglob("*.parquet"))]:
        place = target / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, place)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, place)
