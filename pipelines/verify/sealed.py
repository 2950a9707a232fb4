"""What every act wrote, against what stands now: the chain of seals, the rows they hold, the slices they digest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.seals import OPENING, SEALED, Seal, hash_seal, plain, sealed_rows
from pipelines.database.slices_written import SLICED, digest_written, read_written
from pipelines.database.tables import METADATA
from pipelines.engine.digest import Tally, tally_object
from pipelines.errors import DamagedError
from pipelines.publish.sealed_files import has_list
from pipelines.store import keys
from pipelines.store.runs import objects_of, runs_of
from pipelines.store.store import Store
from pipelines.verify.report import Cell, Report, changed_cells, compare_rows
from schemas.reports import REPORTS


def check_seals(connection: sa.Connection, home: Store, seals: Sequence[Seal], scratch: Store, report: Report) -> None:
    """Report links of the chain that do not hold, and rows that are not what the last act on them wrote."""
    if not seals:
        if once := [run for run in runs_of(home) if has_list(home, run)]:
            report.faults.append(f"封存记录被清空：运行 {once[0]} 等曾经封存，结果库中却没有任何封存记录")
        else:
            report.notes.append("结果库还没有封存记录：台账、名单、通报等表自下一次运行起封存，此前的改动无法据此查出")
        return
    _check_chain(seals, report)
    opening = next((made for made in seals if made.act == OPENING), None)
    if opening is not None:
        _tell_opening(home, opening, seals, report)
    _check_rows(connection, seals, report)
    _check_slices(connection, home, seals, scratch, report)


def _check_chain(seals: Sequence[Seal], report: Report) -> None:
    if (seals[0].seal_no, seals[0].previous_hash) != (1, None):
        report.faults.append(f"封存链缺失开头：第一条是第 {seals[0].seal_no} 号")
    for before, made in pairwise(seals):
        if (made.seal_no, made.previous_hash) != (before.seal_no + 1, before.seal_hash):
            report.faults.append(f"封存链在第 {made.seal_no} 号之前断开：有封存记录被删除、插入或改动")
    report.faults += [
        f"封存记录第 {made.seal_no} 号（{made.act} {made.subject}）被改动过：内容与 seal_hash 不符"
        for made in seals
        if hash_seal(made) != made.seal_hash
    ]


def _tell_opening(home: Store, opening: Seal, seals: Sequence[Seal], report: Report) -> None:
    """What an upgraded database found is held to from then on; but nobody upgrades one that was sealed before."""
    report.notes.append(
        f"本库自 {opening.sealed_at[:19]} 起封存；此前写入的台账、名单、通报按当时所见封存，更早的改动无法据此查出"
    )
    sealed = {made.subject for made in seals if made.act != OPENING}
    known = {row["run_id"] for row in json.loads(opening.content)["rows"].get("runs", ())}
    if lost := sorted(run for run in known - sealed if has_list(home, run)):
        report.faults.append(f"封存链被清空后重建：运行 {'、'.join(lost)} 曾经封存，封存记录已不在")


def _check_rows(connection: sa.Connection, seals: Sequence[Seal], report: Report) -> None:
    there = sa.inspect(connection)
    for name, known in sealed_rows(seals).items():
        if not known and not there.has_table(name):  # the program is newer than the database
            continue
        key, table = SEALED[name], METADATA.tables[name]
        standing = {column["name"] for column in there.get_columns(name)}
        columns = [c for c in table.c if c.name in standing]  # an upgrade's come with the next night
        rows = [plain(dict(row)) for row in connection.execute(sa.select(*columns)).mappings()]
        found = {tuple(row[k] for k in key): row for row in rows}
        expected = {place: row for place, (_, row) in known.items()}
        if name == "runs":  # one that runs, or runs again, is sealed when it ends
            for place in [p for p, row in found.items() if row["status"] == "running"]:
                if expected.get(place, {"status": ""})["status"] != "published":
                    expected.pop(place, None)
                    del found[place]
        if cells := compare_rows(name, key, expected, found):
            report.differs(name, _title(name), cells)


def _check_slices(connection: sa.Connection, home: Store, seals: Sequence[Seal], scratch: Store, report: Report) -> None:
    """The rows that runs wrote into the ledgers, run by run."""
    for name in SLICED:
        expected: dict[str, tuple[tuple[str, ...], Tally]] = {}
        for made in seals:
            said: dict[str, Any] = json.loads(made.content)["digests"].get(name, {"columns": [], "runs": {}})
            columns = tuple(c for c in said["columns"] if c in REPORTS[name].column_names)
            expected |= {run: (columns, Tally(int(text, 16))) for run, text in said["runs"].items()}
        found: dict[tuple[str, ...], dict[str, Tally]] = {}
        for columns in {columns for columns, _ in expected.values()} or {REPORTS[name].column_names}:
            found[tuple(columns)] = digest_written(connection, name, columns)
        present = {run for digests in found.values() for run in digests}
        for run_id in sorted(expected.keys() | present):
            if run_id not in expected:
                report.faults.append(f"表 {name}（{_title(name)}）中运行 {run_id} 的行不是任何运行写入的：被插入")
                continue
            columns, total = expected[run_id]
            if found[columns].get(run_id, Tally(0)) != total:
                cells = _name_cells(connection, home, name, run_id, columns, total, scratch)
                report.differs(name, _title(name), cells, f"中运行 {run_id} 的行")


def _name_cells(
    connection: sa.Connection, home: Store, name: str, run_id: str, columns: Sequence[str], total: Tally, scratch: Store
) -> list[Cell]:
    """The changed cells, where the copy that was sealed is still there."""
    kept = objects_of(home, run_id).at(keys.sealed(name))
    try:
        if tally_object(kept) != total:
            return []
    except (DamagedError, OSError, pl.exceptions.PolarsError, ValueError):
        return []
    now = scratch.write(f"{name}.now.parquet", read_written(connection, name, columns, run_id))
    return changed_cells(name, kept, now)


def _title(name: str) -> str:
    return REPORTS[name].title_zh if name in REPORTS else (METADATA.tables[name].comment or name).partition(" /")[0]
