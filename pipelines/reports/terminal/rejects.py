"""Rejected rows for the terminal: the list of a morning, and one row with all that is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from rich.table import Table

from pipelines.database.open import METADATA
from pipelines.desk.select import first_run_after
from pipelines.errors import UsageError
from pipelines.rejects.tell_state import tell_state
from pipelines.store import clock

_REJECTED = METADATA.tables["rejected_records"]
LIMIT = 200


def read_rejects(
    connection: sa.Connection,
    *,
    dataset: str = "",
    institution: str = "",
    reason: str = "",
    file: str = "",
    age: int = 0,
    state: str = "open",
    most: int = 0,
) -> tuple[list[dict[str, Any]], int]:
    """The rejected rows that match, newest run first, at most so many (0: all), and how many there are: columns of
    rejected_records, `reasons` as a list.

    `age`: those met first at least so many days ago, counted from the as_of of that run.
    """
    t = _REJECTED
    today = clock.today()
    wanted = [
        t.c.first_seen_run < first_run_after(today, age) if age else None,
        t.c.dataset == dataset if dataset else None,
        t.c.state == state if state != "all" else None,
        _names_institution(institution) if institution else None,
        t.c.reasons.contains(f'"code": "{reason}"') if reason else None,
        t.c.source_path.contains(file) if file else None,
    ]
    where = sa.and_(sa.true(), *(w for w in wanted if w is not None))
    total = connection.execute(sa.select(sa.func.count()).select_from(t).where(where)).scalar_one()
    order = (t.c.last_seen_run.desc(), t.c.dataset, t.c.source_path, t.c.line_no)
    query = sa.select(t).where(where).order_by(*order)
    rows = connection.execute(query.limit(most) if most else query).mappings()
    return [{**row, "reasons": json.loads(row["reasons"])} for row in rows], int(total)


def show_rejects(rows: Sequence[Mapping[str, Any]], total: int) -> Table:
    """Rejected rows as `read_rejects` gives them, of so many in all."""
    table = Table(title=f"拒收记录 {total} 条", title_justify="left")
    for title in ("退回编号", "数据集", "文件:行", "主键", "状态", "原因"):
        table.add_column(title, overflow="fold", no_wrap=title == "退回编号")
    for row in rows:
        reasons = "\n".join(r["message_zh"] + (f"（{r['value']}）" if r["value"] else "") for r in row["reasons"])
        sheet = f"[{row['sheet']}]" if row["sheet"] else ""
        place = f"{row['source_path']}{sheet}:{row['line_no']}"
        told = tell_state(row["state"], row["decided_until"])
        table.add_row(row["record_id"][:12], row["dataset"], place, row["natural_key"], told, reasons)
    return table


def _names_institution(code: str) -> sa.ColumnElement[bool]:
    """The code as a whole part of the key, or as a whole cell; see `select_records`."""
    key = sa.literal("|") + _REJECTED.c.natural_key + sa.literal("|")
    return sa.or_(key.contains(f"|{code}|", autoescape=True), _REJECTED.c.raw_json.contains(f'"{code}"', autoescape=True))


def show_reject(connection: sa.Connection, record_id: str) -> Table:
    """One rejected row by its number or the beginning of it; UsageError where none or several match."""
    found = connection.execute(sa.select(_REJECTED).where(_REJECTED.c.record_id.startswith(record_id))).mappings().all()
    if len(found) != 1:
        raise UsageError(f"退回编号“{record_id}”对应 {len(found)} 条记录；请用 vbp rejects list 查到的编号（可只写开头几位）")
    row: dict[str, Any] = dict(found[0])
    titles = {c.name: c.comment.split(":")[0] if c.comment else c.name for c in _REJECTED.columns}
    table = Table("项目", "内容", show_header=False)
    for name, value in row.items():
        if name == "reasons":
            value = "\n".join(
                f"{r['code']} {r['column'] or ''}：{r['message_zh']}" + (f"（{r['value']}）" if r["value"] else "")
                for r in json.loads(value)
            )
        if name == "state":
            value = tell_state(value, row["decided_until"])
        if name == "raw_json":
            value = "\n".join(f"{k}：{v}" for k, v in json.loads(value).items())
        if value is not None:
            table.add_row(titles[name], str(value))
    return table
