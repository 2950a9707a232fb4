"""Everything published and everything it rests on, but for the figures of the one run that is verified cell by cell."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.seals import head_of, read_seals
from pipelines.database.tables import METADATA
from pipelines.errors import VbpError, describe
from pipelines.store.local import Local
from pipelines.store.runs import code_version
from pipelines.store.store import Store
from pipelines.verify.archive import check_all_archived
from pipelines.verify.files import check_files
from pipelines.verify.folded import check_folded
from pipelines.verify.history import check_history
from pipelines.verify.report import Cell, Report
from pipelines.verify.sealed import check_seals
from pipelines.verify.views import check_views

_UNREADABLE = (VbpError, sa.exc.SQLAlchemyError, pl.exceptions.PolarsError, OSError, ValueError, KeyError, TypeError)
_RUNS = METADATA.tables["runs"]


@dataclass(frozen=True)
class Proof:
    """Whether all else is as it was written: faults and notes (Chinese), changed cells, and the head of the chain of
    seals (number-hash), by which somebody who wrote it down can tell a chain that was made anew.
    """

    faults: tuple[str, ...]
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    head: str


def prove(engine: sa.Engine, home: Store, *, but_run: str, archived_up_to: int = 0, known_head: str = "") -> Proof:
    """Check tables, views and files; only reads.

    `but_run` is the run whose figures are compared elsewhere, `archived_up_to` the batch whose archived files are;
    `known_head` a head that was noted earlier, whole or its hash alone: it must be a link of the chain.
    """
    report = Report()
    with tempfile.TemporaryDirectory(prefix="vbp_verify_") as folder, at_one_moment(engine) as connection:
        scratch = Local(Path(folder))
        seals = read_seals(connection)
        last = sa.select(_RUNS.c.code_version).where(_RUNS.c.code_version.is_not(None))
        version = connection.execute(last.order_by(_RUNS.c.started_at.desc()).limit(1)).scalar_one_or_none()
        checks: dict[str, Callable[[], None]] = {
            "封存记录": lambda: check_seals(connection, home, seals, scratch, report),
            "各发布日的结果表": lambda: check_history(connection, home, but_run, scratch, report),
            "拒收记录与名录": lambda: check_folded(connection, home, seals, scratch, report),
            "视图": lambda: check_views(connection, version == code_version(), report),
            "数据目录中的文件": lambda: check_files(connection, home, seals, report),
            "存档": lambda: check_all_archived(connection, home, archived_up_to, report),
        }
        for title, check in checks.items():
            try:
                check()
            except _UNREADABLE as error:  # what was damaged so that nobody can read it is a fault like any other
                connection.rollback()
                report.faults.append(f"{title}无法核对，有内容已损坏：{describe(error)}")
        hashes = {made.seal_hash for made in seals} | set(connection.execute(sa.select(_RUNS.c.row_hash)).scalars())
        if known_head and known_head.rpartition("-")[2] not in hashes:
            report.faults.append(f"封存链中没有所给的链头 {known_head}：链被截断或重新编造，或抄录有误")
        head = head_of(connection)
    return Proof(tuple(report.faults), tuple(report.cells), tuple(report.notes), head)
