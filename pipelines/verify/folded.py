"""Rejected rows and names: what the runs handed over one after another, against what the tables show."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import sqlalchemy as sa

from pipelines.database.seals import Seal
from pipelines.database.slices_written import read_written
from pipelines.database.tables import METADATA
from pipelines.publish.names import BY_KEY
from pipelines.publish.sealed_files import ENDS
from pipelines.store import keys
from pipelines.store.runs import objects_of
from pipelines.store.store import Object, Store
from pipelines.verify.report import Report, changed_cells
from schemas.reports import REPORTS

_KEPT = {"rejected_records": ("first_seen_run",)}
"""Columns of a row that stay as the first run wrote them."""


def check_folded(connection: sa.Connection, home: Store, seals: Sequence[Seal], scratch: Store, report: Report) -> None:
    """Report cells of `rejected_records`, of the tables of names and of the registers that the files of the runs do not give."""
    ends = _ends(connection, seals)
    for name in ("rejected_records", *BY_KEY):
        handed = [run for run, status in ends if name == "rejected_records" or status == "published"]
        brought = [objects_of(home, run).at(keys.ledger(name)) for run in handed]
        # Before there were names, runs brought none; a rejected row comes with every run.
        missing = [rows for rows in brought if not rows.exists] if name == "rejected_records" else []
        brought = [rows for rows in brought if rows.exists]
        if missing or not brought:
            if missing:
                report.notes.append(f"{str(missing[0]).removeprefix(f'{home}/')} 等已不在，表 {name} 无法逐行核对")
            continue
        try:
            expected = scratch.write(f"{name}.expected.parquet", _fold(name, brought))
        except (OSError, pl.exceptions.PolarsError) as error:
            report.faults.append(f"运行文件夹中的 ledger/{name}.parquet 有一份已无法读取（{error}），表 {name} 无法核对")
            continue
        written = read_written(connection, name, REPORTS[name].column_names)
        if cells := changed_cells(name, expected, scratch.write(f"{name}.found.parquet", written)):
            report.differs(name, REPORTS[name].title_zh, cells)


def _ends(connection: sa.Connection, seals: Sequence[Seal]) -> list[tuple[str, str]]:
    """The runs that wrote these tables in the order in which they did, and how they ended."""
    runs = METADATA.tables["runs"]
    sealed = [(made.subject, made.act) for made in seals if made.act in ENDS]
    query = sa.select(runs.c.run_id, runs.c.status).where(runs.c.status.in_(ENDS)).order_by(runs.c.finished_at)
    known = {run for run, _ in sealed}
    return [*((run, status) for run, status in connection.execute(query) if run not in known), *sealed]


def _fold(name: str, brought: Sequence[Object]) -> pl.LazyFrame:
    """The rows of objects laid one upon another by key: the last one stands, but for columns that the first one keeps."""
    table, columns = REPORTS[name], list(REPORTS[name].column_names)
    frames = [rows.scan().select(columns).with_columns(_place=pl.lit(place, pl.Int32)) for place, rows in enumerate(brought)]
    key = list(table.key)
    rows = pl.concat(frames).sort("_place", maintain_order=True)
    kept = [pl.col(c).first() for c in _KEPT.get(name, ())]
    last = [pl.col(c).last() for c in columns if c not in key and c not in _KEPT.get(name, ())]
    return rows.group_by(key).agg(*kept, *last).select(columns)
