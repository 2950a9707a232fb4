"""The records of a run, laid out without reading all of the lake: those of an earlier batch, and what has changed since."""

from __future__ import annotations

import hashlib

from pipelines.errors import DamagedError
from pipelines.lake.batches import Batch, committed, last_batch
from pipelines.lake.changes import Base, NotCarriedError, find_changes
from pipelines.lake.laid_out import name, name_once, new_place, records_of
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

    The home keeps a snapshot (`laid_out`), the base. While little has changed since, it is copied and the
    changes written beside it (see `scan_records`); else the snapshot is taken anew. Either way the same
    records stand in `target`, and the base may be removed at any time.
    """
    base = _find_base(home, batch)
    if base is not None:
        _copy(base.records, target)
        try:
            find_changes(home, batch, base, target)
            return True
        except NotCarriedError:
            pass
    _take_base(home, batch, target)
    return False


def lay_out_once(home: Store, batch: Batch, run: Store) -> bool:
    """Let the records as they stand after `batch` be those of a run, for good (`laid_out`); true where only changes had to be
    read. ConflictError where another process did, who was thought to be dead or slept.
    """
    place = new_place()
    try:
        laid_on = lay_out(home, batch, run.below(place))
        name_once(run, place, batch.number)
    except BaseException:
        run.drop(place)
        raise
    return laid_on


def _find_base(home: Store, batch: Batch) -> Base | None:
    """The base, if it belongs to this lake as it is, and is whole."""
    try:
        kept = records_of(home)
        made_of = kept.read_json(keys.BASE)
    except DamagedError:  # or none yet: it can be taken anew
        return None
    taken_from = next((b for b in committed(home) if b.number == made_of["batch"]), Batch(0, ""))
    if (taken_from.run_id, taken_from.versions) != (made_of["run_id"], made_of["versions"]):
        return None
    if made_of.get("layout") != _LAYOUT or made_of.get("columns") != _columns():
        return None
    if taken_from.number > batch.number or not set(made_of.get("objects", ())) <= set(kept.list()):
        return None
    return Base(kept, taken_from.number, count_parts_of(kept), made_of["rows"])


def _take_base(home: Store, batch: Batch, target: Store) -> None:
    """Take the base anew, put it into `target`, and keep it for the nights to come, unless another batch stands by then."""
    place = new_place()
    snapshot(home, batch, kept := home.below(place))
    rows = {d: sum(kept.at(keys.part(d, part)).rows for part in parts_of(kept, d)) for d in AXES}
    taken_from = {"batch": batch.number, "run_id": batch.run_id, "versions": batch.versions}
    said = {"layout": _LAYOUT, "columns": _columns(), **taken_from, "rows": rows, "objects": list(kept.list())}
    kept.put_json(keys.BASE, said)
    _copy(kept, target)
    if last_batch(home).number == batch.number:
        name(home, place, batch.number)
    else:
        home.drop(place)


def _copy(kept: Store, target: Store) -> None:
    """A later base does not take copies away from a run at work."""
    target.drop()
    for key in kept.list():
        kept.copy(key, key, target)
