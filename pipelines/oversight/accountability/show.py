"""Lists for the terminal: which there are, and one with its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from rich.table import Table

from pipelines.database.tables import METADATA
from pipelines.engine.explained_rows import yuan
from schemas.reports.accountability_items import DECISIONS, LISTED_RULES, PARTS
from schemas.reports.accountability_lists import STATES

_LISTS = METADATA.tables["accountability_lists"]


def read_lists(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every list, the newest first; columns of accountability_lists."""
    query = sa.select(_LISTS).order_by(_LISTS.c.drafted_at.desc(), _LISTS.c.list_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def show_lists(lists: Sequence[Mapping[str, Any]]) -> Table:
    """Lists as `read_lists` gives them."""
    titles = ("名单编号", "统计截止日", "区划", "状态", "拟通报/条目", "起草", "异议截止", "定稿")
    table = Table(*titles, title="通报名单", title_justify="left")
    for row in lists:
        table.add_row(
            row["list_id"],
            str(row["as_of"]),
            row["jurisdiction_code"] or "全部",
            STATES[row["state"]],
            f"{row['named_items']}/{row['items']}",
            f"{row['drafted_at'][:10]} {row['drafted_by']}",
            str(row["objections_until"]),
            f"{row['finalized_at'][:10]} {row['finalized_by']}" if row["finalized_at"] else "",
        )
    return table


def count_parts(items: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many items each part holds, by its Chinese title."""
    return {title: sum(i["part"] == part for i in items) for part, title in PARTS.items()}


def show_parts(items: Sequence[Mapping[str, Any]], institution: str = "") -> list[Table]:
    """The items part by part, those of one institution where it is named; empty parts are left out."""
    tables = []
    for part, title in PARTS.items():
        rows = [i for i in items if i["part"] == part and institution in ("", i["institution_code"])]
        if rows:
            tables.append(_show_part(f"{title}（{len(rows)}）", rows))
    return tables


def _show_part(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("序号", "条目编号", "医疗机构与责任人", "说明", "异议与复核"):
        table.add_column(name, overflow="fold", no_wrap=name in ("序号", "条目编号"))
    for i in rows:
        who = "\n".join(filter(None, (i["institution_name"], i["institution_code"], i["responsible"])))
        table.add_row(str(i["item_no"]), i["item_id"][:12], who, _say_all(i), _say_objection(i))
    return table


def _say_all(item: Mapping[str, Any]) -> str:
    lines = [f"{LISTED_RULES.get(item['rule_code'], item['rule_code'])}：{item['message_zh']}"]
    if item["strict_rate"] is not None:
        excused = "—" if item["excused_rate"] is None else f"{item['excused_rate']:.2%}"
        lines.append(f"严格口径 {item['strict_rate']:.2%}，剔除正当理由 {excused}")
    if item["shortfall_quantity"] is not None:
        sides = (
            f"：已订未到 {item['supplier_quantity']:,.10g}，未订 {item['hospital_quantity']:,.10g}"
            if item["supplier_quantity"] is not None
            else ""
        )
        excused = f"；其中有正当理由 {item['excused_quantity']:,.10g}"
        lines.append(f"缺口 {item['shortfall_quantity']:,.10g}{sides}{excused}")
    if item["excuse_id"]:
        amount = f"，{yuan(item['excused_fen'])} 元" if item["excused_fen"] else ""
        lines.append(f"备案 {item['excuse_id']}（{item['excuse_document_no'] or '文号未知'}{amount}）")
    lines.append(f"依据 {item['clause']}")
    return "\n".join(lines)


def _say_objection(item: Mapping[str, Any]) -> str:
    if item["objected_on"] is None:
        return f"至 {item['objections_until']}" if item["objections_until"] else ""
    said = f"{item['objected_on']} {item['objected_by']}：{item['objection_note']}"
    if item["decision"] is None:
        return f"{said}\n待复核"
    decided = f"{DECISIONS[item['decision']]}（{item['decided_by']}，{item['decision_document_no']}）：{item['decision_note']}"
    return f"{said}\n{decided}"
