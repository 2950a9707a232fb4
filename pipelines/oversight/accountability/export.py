"""The workbook of a list: what is to be named, what is listed apart and why, objections and their decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.oversight.accountability.words import WHY, say_sides
from pipelines.views.table_book import Sheet, write_table_book
from schemas.reports import REPORTS, Column
from schemas.reports.accountability_items import PARTS
from schemas.reports.accountability_lists import STATES

Record = Mapping[str, Any]

_TABLE = REPORTS["accountability_items"]
_FRONT = (
    "item_no",
    "institution_name",
    "institution_code",
    "responsible",
    "rule_code",
    "message_zh",
    "clause",
    "document_no",
    "strict_rate",
    "excused_rate",
    "amount_fen",
    "excused_fen",
    "agreed_quantity",
    "net_quantity",
    "shortfall_quantity",
    "excused_quantity",
    "supplier_quantity",
    "hospital_quantity",
    "ordered_quantity",
    "outstanding_quantity",
    "returned_quantity",
    "outstanding_suppliers",
    "counterparty_name",
    "counterparty_code",
    "excuse_id",
    "excuse_document_no",
    "first_seen",
    "due_on",
    "jurisdiction_code",
    "ownership",
)
_OBJECTION = (
    "objections_until",
    "objected_on",
    "objected_by",
    "objection_note",
    "decision",
    "decided_by",
    "decision_note",
    "decision_document_no",
    "decided_at",
)


def export_list(path: Path, head: Record, items: Sequence[Record], faults: Sequence[str]) -> Path:
    """Write the list (`find_list`, `items_of`) as a workbook; `faults` are what `check_list` found.

    The first table holds what is named: of a draft all that is proposed, of a final list without the items whose
    objection was upheld, which stand in the table 异议与复核. Whole columns that are empty are left out.
    """
    named = [i for i in items if i["part"] == "named"]
    if head["state"] == "final":
        sheets = [("通报名单", [i for i in named if i["decision"] != "upheld"])]
    else:
        sheets = [("拟通报名单", named)]
    sheets += [(PARTS[part], [i for i in items if i["part"] == part]) for part in list(PARTS)[1:]]
    tables = [Sheet(title, _columns(_FRONT, rows), rows) for title, rows in sheets]
    objected = [i for i in items if i["objected_on"] is not None]
    front = ("item_no", "institution_name", "institution_code", "rule_code", "message_zh")
    tables.append(Sheet("异议与复核", _columns((*front, *_OBJECTION), objected), objected))
    facts = [*_facts(head, items, faults), *((f"表：{PARTS[part]}", why) for part, why in WHY.items())]
    facts += [("缺口在哪一侧", sides) for sides in say_sides(items)]
    return write_table_book(path, facts, tables)


def _columns(names: Sequence[str], rows: Sequence[Record]) -> list[Column]:
    filled = [n for n in names if not rows or any(row[n] is not None for row in rows)]
    return [_TABLE.column(name) for name in filled]


def _facts(head: Record, items: Sequence[Record], faults: Sequence[str]) -> list[tuple[str, str]]:
    upheld = sum(i["decision"] == "upheld" for i in items)
    objected = sum(i["objected_on"] is not None for i in items)
    facts = [
        ("名单编号", head["list_id"]),
        ("状态", STATES[head["state"]] + ("" if head["state"] == "final" else "，不得作为正式通报使用")),
        ("统计截止日", str(head["as_of"])),
        ("区划", head["jurisdiction_code"] or "全部"),
        ("依据的运行", head["run_id"]),
        ("起草", f"{head['drafted_at']} {head['drafted_by']}"),
        ("异议截止日", str(head["objections_until"])),
        ("条目", f"{head['items']} 条，其中拟通报 {head['named_items']} 条；异议 {objected} 条，成立 {upheld} 条"),
        ("内容摘要", head["content_digest"]),
    ]
    if head["state"] == "final":
        facts.append(("定稿", f"{head['finalized_at']} {head['finalized_by']}：{head['note']}"))
        facts.append(("定稿摘要", head["final_digest"]))
    facts.append(("性质", "条目是需要核对的线索，附条款、计算与核对办法（vbp explain finding 条目编号），不是处理决定"))
    return [*facts, *(("警告", fault) for fault in faults)]
