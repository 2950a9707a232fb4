"""The snapshot of the records that nights are carried on from: as it was sealed, or as the lake gives it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engine.digest import tally_file
from pipelines.errors import VbpError
from pipelines.ingest.hashes import digest_file
from pipelines.lake.batches import find_batch
from pipelines.lake.snapshot import snapshot
from pipelines.store.runs import read_json
from pipelines.verify.report import Report

_BASE = "records/base.json"


def check_records(home: Path, sealed: Mapping[str, str], report: Report) -> None:
    """Report files of `home/records` that were altered or slipped in; the whole may be missing, for it is made again.

    In: `sealed`, path below the home → SHA-256 as the last run sealed it. A snapshot that was taken since is compared
    with a fresh one of the same batch.
    """
    if not sealed or not (home / _BASE).exists():
        return
    if digest_file(home / _BASE) == sealed.get(_BASE):
        here = {p.relative_to(home).as_posix() for p in (home / "records").rglob("*") if p.is_file()}
        changed = [p for p in here if sealed.get(p) != digest_file(home / p)]
    elif _identity(home / _BASE) in [_identity(p) for p in (home / "runs").glob("*/records/base.json")]:
        changed = [_BASE]
    else:
        changed = _unlike_the_lake(home)
    report.faults += [
        f"记录快照被改动或多出：{path}；核实后删除 {home.name}/records 目录，下一次运行会重建" for path in sorted(changed)
    ]


def _identity(base: Path) -> Any:
    """The batch that a snapshot was taken of; itself where nobody can read it."""
    try:
        made_of = read_json(base)
        return made_of["batch"], made_of["run_id"]
    except (VbpError, KeyError, TypeError):
        return base


def _unlike_the_lake(home: Path) -> list[str]:
    """Files of the snapshot whose rows are not those that the lake gives."""
    identity = _identity(home / _BASE)
    if not isinstance(identity, tuple) or not isinstance(identity[0], int):
        return [_BASE]
    batch = find_batch(home, identity[0])
    if batch.run_id != identity[1]:
        return []  # no base of this lake: the next night takes it anew
    with tempfile.TemporaryDirectory(prefix="vbp_verify_") as scratch:
        snapshot(home, batch, Path(scratch))
        wanted = {p.relative_to(scratch).as_posix(): tally_file(p) for p in Path(scratch).rglob("*.parquet")}
    found = {p.relative_to(home / "records").as_posix() for p in (home / "records").rglob("*.parquet")}
    extra = {p for p in found - wanted.keys() if not p.endswith(".places.parquet")}
    return [f"records/{p}" for p in {*extra, *(p for p in wanted if _tally(home / "records" / p) != wanted[p])}]


def _tally(path: Path) -> int | None:
    try:
        return tally_file(path)
    except (OSError, pl.exceptions.PolarsError, ValueError):
        return None
