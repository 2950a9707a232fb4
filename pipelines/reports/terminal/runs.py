"""The runs for the terminal: which there were, how they ended, where their pages are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from rich.table import Table

from pipelines.database.tables import METADATA
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.ledgers.runs import STATUSES

_RUNS = METADATA.tables["runs"]
_TOLD = (
    *("as_of", "run_id", "status", "rows_read", "rows_accepted", "rows_rejected"),
    *("started_at", "finished_at", "released_by", "note"),
)


def read_runs(
    connection: sa.Connection, home: Store, *, as_of: date | None = None, status: str = "", most: int = 0
) -> list[dict[str, Any]]:
    """The runs of the ledger, the one begun last first, at most so many (0: all): columns of `runs`, and `page`, the path of the
    morning page, None where there is none (any more).
    """
    query = sa.select(*(_RUNS.c[name] for name in _TOLD)).order_by(_RUNS.c.started_at.desc(), _RUNS.c.run_id.desc())
    if as_of:
        query = query.where(_RUNS.c.as_of == as_of)
    if status:
        query = query.where(_RUNS.c.status == status)
    rows = connection.execute(query.limit(most) if most else query).mappings()
    return [{**row, "page": _find_page(home, row["run_id"])} for row in rows]


def _find_page(home: Store, run_id: str) -> str | None:
    page = home.at(f"{keys.SITE}/morning/{run_id}/index.html")
    return str(page) if page.exists else None


def show_runs(runs: Sequence[Mapping[str, Any]]) -> Table:
    """Runs as `read_runs` gives them."""
    table = Table(title="运行", title_justify="left")
    for name in ("截止日", "运行编号", "状态", "读取", "接收", "拒收", "开始", "结束", "放行人"):
        is_number = name in ("读取", "接收", "拒收")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=name != "放行人", overflow="fold")
    for run in runs:
        counts = ("" if run[c] is None else f"{run[c]:,}" for c in ("rows_read", "rows_accepted", "rows_rejected"))
        times = (str(run[c] or "")[5:16].replace("T", " ") for c in ("started_at", "finished_at"))
        table.add_row(str(run["as_of"]), run["run_id"], STATUSES[run["status"]], *counts, *times, run["released_by"] or "")
    return table
