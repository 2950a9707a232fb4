"""The snapshot of the records that nights are carried on from: as it was sealed, or as the lake gives it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engine.digest import tally_object
from pipelines.errors import DamagedError, VbpError
from pipelines.lake.batches import find_batch
from pipelines.lake.laid_out import place_of
from pipelines.lake.snapshot import snapshot
from pipelines.store import keys
from pipelines.store.local import Local
from pipelines.store.runs import objects_of, runs_of
from pipelines.store.store import Object, Store
from pipelines.verify.report import Report


def check_records(home: Store, sealed: Mapping[str, str], report: Report) -> None:
    """Report files of `home/records` that were altered or slipped in; the whole may be missing, for it is made again.

    In: `sealed`, path below the home → SHA-256 as the last run sealed it. A snapshot that was taken since is compared
    with a fresh one of the same batch.
    """
    try:
        base = _base_of(home)
    except (DamagedError, KeyError, TypeError):
        base = keys.PLACE
    if not sealed or not home.has(base):
        return
    if home.digest(base) == sealed.get(base):
        changed = [key for key in home.list(keys.RECORDS) if sealed.get(key) != home.digest(key)]
    elif _identity(home) in [_identity(objects_of(home, run)) for run in runs_of(home)]:
        changed = [base]
    else:
        changed = _unlike_the_lake(home)
    report.faults += [
        f"记录快照被改动或多出：{path}；核实后删除 {home.name}/records 目录，下一次运行会重建" for path in sorted(changed)
    ]


def _base_of(store: Store) -> str:
    return f"{place_of(store)}/{keys.BASE}"


def _identity(store: Store) -> Any:
    """The batch that a snapshot was taken of; itself where nobody can read it."""
    try:
        made_of = store.read_json(_base_of(store))
        return made_of["batch"], made_of["run_id"]
    except (VbpError, KeyError, TypeError):
        return store


def _unlike_the_lake(home: Store) -> list[str]:
    """Files of the snapshot whose rows are not those that the lake gives."""
    identity = _identity(home)
    if not isinstance(identity, tuple) or not isinstance(identity[0], int):
        return [_base_of(home)]
    batch = find_batch(home, identity[0])
    if batch.run_id != identity[1]:
        return []  # no base of this lake: the next night takes it anew
    place = place_of(home)
    kept = home.below(place)
    with tempfile.TemporaryDirectory(prefix="vbp_verify_") as scratch:
        taken = Local(Path(scratch))
        snapshot(home, batch, taken)
        wanted = {key: tally_object(taken.at(key)) for key in taken.list()}
    extra = {key for key in kept.list() if key.endswith(".parquet") and not key.endswith(".places.parquet")} - wanted.keys()
    return [f"{place}/{key}" for key in {*extra, *(key for key in wanted if _tally(kept.at(key)) != wanted[key])}]


def _tally(kept: Object) -> int | None:
    try:
        return tally_object(kept)
    except (DamagedError, OSError, pl.exceptions.PolarsError, ValueError):
        return None
