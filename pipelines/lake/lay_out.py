"""The records of a run, laid out without reading all of the lake: those of an earlier batch, and what has changed since."""

from __future__ import annotations

import hashlib

from pipelines.errors import DamagedError
from pipelines.lake.batches import Batch, committed
from pipelines.lake.changes import Base, NotCarriedError, find_changes
from pipelines.lake.parts import AXES
from pipelines.lake.scan_records import count_parts_of, parts_of
from pipelines.lake.snapshot import snapshot
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS

_LAYOUT = 3
"""Raised whenever files are laid out in another way: then no base and no night of before is carried on."""


def _columns() -> str:
    """A digest of what datasets declare: where one came since, or a column of one, the base lacks it and is taken anew."""
    return hashlib.sha256("\n".join(f"{d.name} {d.schema()}" for d in RECORDS.values()).encode()).hexdigest()


def lay_out(home: Store, batch: Batch, target: Store) -> bool:
    """Put the records as they stand after `batch` into `target`; true where only changes had to be read.

    `records` of the home keeps a snapshot, the base. While little has changed since, it is copied and the
    changes written beside it (see `scan_records`); else the snapshot is taken anew. Either way the same
    records stand in `target`, and the base may be removed at any time.
    """
    kept = home.below(keys.RECORDS)
    base = _find_base(home, kept, batch)
    if base is not None:
        _copy(kept, target)
        try:
            find_changes(home, batch, base, target)
            return True
        except NotCarriedError:
            pass
    _take_base(home, batch, kept)
    _copy(kept, target)
    return False


def _find_base(home: Store, kept: Store, batch: Batch) -> Base | None:
    """The base, if it belongs to this lake as it is."""
    try:
        made_of = kept.read_json(keys.BASE)
    except DamagedError:  # or none yet: it can be taken anew
        return None
    taken_from = next((b for b in committed(home) if b.number == made_of["batch"]), Batch(0, ""))
    if (taken_from.run_id, taken_from.versions) != (made_of["run_id"], made_of["versions"]):
        return None
    if made_of.get("layout") != _LAYOUT or made_of.get("columns") != _columns():
        return None
    if taken_from.number > batch.number:
        return None
    return Base(kept, taken_from.number, count_parts_of(kept), made_of["rows"])


def _take_base(home: Store, batch: Batch, kept: Store) -> None:
    kept.drop(keys.BASE)  # first: without it the rest is none
    snapshot(home, batch, kept)
    rows = {d: sum(kept.at(keys.part(d, part)).rows for part in parts_of(kept, d)) for d in AXES}
    taken_from = {"batch": batch.number, "run_id": batch.run_id, "versions": batch.versions}
    kept.put_json(keys.BASE, {"layout": _LAYOUT, "columns": _columns(), **taken_from, "rows": rows})


def _copy(kept: Store, target: Store) -> None:
    """A later base does not take copies away from a run at work."""
    target.drop()
    for key in kept.list():
        kept.copy(key, key, target)
