"""A past run: the lake as it read it, the policy rows that held for it, and whether its figures stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.made import Made, made_by
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.lake.batches import Batch, committed
from pipelines.lake.tables import scan
from pipelines.policy.kept import policies_of
from pipelines.policy.policies import Policies
from pipelines.retain.dropped import refuse_dropped
from pipelines.store.runs import code_version, objects_of
from pipelines.store.store import Store
from schemas.records import RECORDS

_RUNS, _PUBLICATIONS = METADATA.tables["runs"], METADATA.tables["publications"]


@dataclass(frozen=True)
class PastRun:
    """A run that was computed: `batch` is the lake as it read it, `stands` says whether its figures are the published
    ones of its date, `remarks` (Chinese) what is not as it was then.
    """

    home: Store
    run_id: str
    as_of: date
    status: str
    batch: Batch
    policies: Policies
    stands: bool
    remarks: tuple[str, ...]

    @property
    def made(self) -> Made:
        """Its figure tables: an indicator that came later has none of it."""
        return made_by(objects_of(self.home, self.run_id))

    def versions(self, dataset: str) -> pl.LazyFrame:
        """Every accepted version of every record of the dataset."""
        return scan(self.home, RECORDS[dataset], self.batch.versions.get(dataset), self.batch.number)

    def batches(self) -> list[Batch]:
        """The batches that the run had read, the oldest first."""
        return [b for b in committed(self.home) if b.number <= self.batch.number]


def find_run(
    connection: sa.Connection, home: Store, overlay: Path | None, *, run_id: str = "", as_of: date | None = None
) -> PastRun:
    """The run of that id, else the one whose figures stand for `as_of`, else for the last published date.

    UsageError where there is none, or where it was not computed to its end.
    """
    row = _find_row(connection, run_id, as_of)
    if not row["lake_versions"]:
        raise UsageError(f"运行 {row['run_id']}（{row['status']}）没有算完，没有数字可以解释；请选择已发布或被扣留的运行")
    versions: dict[str, int] = json.loads(row["lake_versions"])
    number = versions.pop("batch")
    policies, remark = policies_of(objects_of(home, row["run_id"]), overlay, row["policy_digest"])
    remarks = [remark] if remark else []
    if row["code_version"] != code_version():
        remarks.append(f"当时的程序版本是 {row['code_version']}，现在是 {code_version()}")
    published = sa.select(_PUBLICATIONS.c.run_id).where(_PUBLICATIONS.c.as_of == row["as_of"])
    stands = connection.execute(published).scalar_one_or_none() == row["run_id"]
    if not stands:
        remarks.append("该运行的数字不是该日现行发布的数字；以下按其存档输入重算")
    return PastRun(
        home,
        row["run_id"],
        row["as_of"],
        row["status"],
        Batch(number, row["run_id"], versions=versions),
        policies,
        stands,
        tuple(remarks),
    )


def _find_row(connection: sa.Connection, run_id: str, as_of: date | None) -> dict[str, Any]:
    if not run_id:
        query = sa.select(_PUBLICATIONS).order_by(_PUBLICATIONS.c.as_of.desc()).limit(1)
        last = connection.execute(query).first()
        if last is None:
            raise UsageError("结果库还没有发布过数字；请先运行 vbp run")
        wanted = sa.select(_PUBLICATIONS.c.run_id).where(_PUBLICATIONS.c.as_of == (as_of or last.as_of))
        found = connection.execute(wanted).scalar_one_or_none()
        if found is None:
            refuse_dropped(connection, as_of=as_of)
            raise UsageError(f"统计截止日 {as_of} 没有发布过数字；最近发布的是 {last.as_of}")
        run_id = found
    refuse_dropped(connection, run_id=run_id)
    row = connection.execute(sa.select(_RUNS).where(_RUNS.c.run_id == run_id)).mappings().one_or_none()
    if row is None:
        raise UsageError(f"运行台账中没有运行 {run_id}；请核对运行编号（runs 表）")
    return dict(row)
