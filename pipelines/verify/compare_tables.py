"""The report tables as they stand now against the digest of the run that published them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.made import made_by
from pipelines.database.open import at_one_moment
from pipelines.database.tables import METADATA
from pipelines.engine.digest import seal, tally_object
from pipelines.errors import DamagedError, UsageError
from pipelines.retain.dropped import refuse_dropped
from pipelines.store import keys
from pipelines.store.dossier import tallies_of
from pipelines.store.local import Local
from pipelines.store.runs import objects_of
from pipelines.store.store import Store
from pipelines.verify.chain import verify_chain
from pipelines.verify.proof import Proof, prove
from pipelines.verify.report import Cell, changed_cells
from pipelines.verify.shown import seal_like, shown_tables, write_shown

_RUNS, _PUBLICATIONS = METADATA.tables["runs"], METADATA.tables["publications"]


@dataclass(frozen=True)
class TablesVerified:
    """Whether the tables show what the run published.

    `tables` are those that changed, empty where the digests by table are gone and only the whole could be compared;
    `cells` the first changed cells where the run's report files still stand; `chain` the faults of the ledger.
    """

    run_id: str
    as_of: date
    expected: str
    found: str
    tables: tuple[str, ...]
    cells: tuple[Cell, ...]
    chain: tuple[str, ...]
    notes: tuple[str, ...]
    proof: Proof

    @property
    def is_good(self) -> bool:
        """Nothing changed, and the ledger is whole."""
        return self.expected == self.found and not (self.tables or self.chain or self.proof.faults)


def ledger_row(engine: sa.Engine, run_id: str) -> dict[str, Any]:
    """The ledger row of a run that was computed to its end; UsageError for any other."""
    with at_one_moment(engine) as connection:
        refuse_dropped(connection, run_id=run_id)
        row = connection.execute(sa.select(_RUNS).where(_RUNS.c.run_id == run_id)).mappings().one_or_none()
    if row is None:
        raise UsageError(f"运行台账中没有运行 {run_id}；请核对运行编号（runs 表）")
    if not row["result_digest"]:
        raise UsageError(f"运行 {run_id}（{row['status']}）没有算完，没有结果可以核验")
    return dict(row)


def last_standing(engine: sa.Engine) -> str:
    """The run whose figures stand for the last published date; UsageError where nothing is published."""
    query = sa.select(_PUBLICATIONS.c.run_id).order_by(_PUBLICATIONS.c.as_of.desc()).limit(1)
    with at_one_moment(engine) as connection:
        run_id: str | None = connection.execute(query).scalar_one_or_none()
    if run_id is None:
        raise UsageError("还没有发布过任何数字，无从核验；请先运行 vbp run，或核对 --home 与 --database")
    return run_id


def compare_tables(engine: sa.Engine, home: Store, run_id: str, *, known_head: str = "") -> TablesVerified:
    """Digest what the figure tables show for the run's date and compare it with what the run published; prove the rest.

    UsageError where the figures of that date are those of another run by now.
    """
    row = ledger_row(engine, run_id)
    store = objects_of(home, run_id)
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="vbp_verify_") as scratch, at_one_moment(engine) as connection:
        stands = connection.execute(
            sa.select(_PUBLICATIONS.c.run_id).where(_PUBLICATIONS.c.as_of == row["as_of"])
        ).scalar_one_or_none()
        if stands != run_id:
            raise UsageError(
                f"{row['as_of']} 现行发布的是运行 {stands or '（无）'} 的数字，不是 {run_id}；请核验 {stands or '其他运行'}，"
                "或不加 --tables 重算本运行"
            )
        made = made_by(store)
        shown = {
            n: write_shown(connection, n, row["as_of"], Local(Path(scratch)).at(f"{n}.parquet"), made.tables.get(n, ()))
            for n in shown_tables(connection, made)
        }
        now = {name: tally_object(rows) for name, rows in shown.items()}
        published = _published_tallies(store, row["result_digest"], notes)
        # A table that the run did not make has no rows for its date.
        changed = tuple(n for n in now if (published or n not in made.tables) and now[n] != published.get(n, 0))
        cells: list[Cell] = []
        for name in changed:
            kept = store.at(keys.report(name))
            if name not in made.tables:
                notes.append(f"该运行没有计算 {name}，结果表中却有该日的行")
            elif kept.exists and tally_object(kept) == published[name]:
                cells += changed_cells(name, kept, shown[name])
            else:
                notes.append(f"{name} 的结果文件已清理，无法逐格比较；不加 --tables 运行 vbp verify {run_id} 可重算后比较")
        found = seal_like(row["result_digest"], now, shown, made)
    return TablesVerified(
        run_id,
        row["as_of"],
        row["result_digest"],
        found,
        changed,
        tuple(cells),
        tuple(verify_chain(engine, home)),
        tuple(notes),
        prove(engine, home, but_run=run_id, known_head=known_head),
    )


def _published_tallies(store: Store, digest: str, notes: list[str]) -> dict[str, int]:
    """The digests by table that the run noted, if they are still those of its ledger row."""
    try:
        kept = tallies_of(store)
    except DamagedError:
        notes.append("该运行的清单已损坏，只比较总摘要")
        return {}
    if seal(kept) == digest:
        return kept
    if kept:
        notes.append("该运行清单中的分表摘要与台账的 result_digest 不符，被改动过；只比较总摘要")
    else:
        notes.append("该运行的分表摘要已不在，只能比较总摘要")
    return {}
