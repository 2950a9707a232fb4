"""The list of those named publicly (通报名单): by name where it is final, and only that it exists where it is a draft."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.errors import VbpError
from pipelines.oversight.accountability.lists import check_list, items_of
from pipelines.reports.bulletin.listing import Cell, Head, Kind, Listing, list_rows
from pipelines.reports.bulletin.subject import Subject
from schemas.reports import REPORTS, Column
from schemas.units import words_of

_LISTS = METADATA.tables["accountability_lists"]
_SHOWN = (
    "institution_code",
    "institution_name",
    "responsible",
    "rule_code",
    "message_zh",
    "clause",
    "document_no",
    "strict_rate",
    "excused_rate",
    "amount_fen",
    "excused_fen",
    "shortfall_quantity",
    "excused_quantity",
    "supplier_quantity",
    "hospital_quantity",
    "counterparty_name",
    "due_on",
)
_KINDS: dict[str, Kind] = {"fen": "yuan", "date": "date", "count": "count"}
_DRAFT = (
    "名单尚未定稿（征求意见或异议复核中），不公布名称",
    "The list is not final yet (comments or objections pending); no names are published",
)
_NONE = ("没有就这次运行的数字起草的名单", "No list was drafted from the figures of this run")


def list_named(connection: sa.Connection, subject: Subject) -> Listing:
    """The items of the final lists drafted from the run's figures that are to be named, in the scope of the bulletin.

    Left out are those whose objection was upheld. No rows, and a note that says why, where there is only a draft or no
    list at all. VbpError where a final list is not what it was when it became final.
    """
    query = sa.select(_LISTS).where(_LISTS.c.run_id == subject.run.run_id, _LISTS.c.state != "superseded")
    lists = [dict(row) for row in connection.execute(query.order_by(_LISTS.c.list_id)).mappings()]
    final = [head for head in lists if head["state"] == "final"]
    named: dict[str, Mapping[str, Any]] = {}  # lists of a county and of its city may name the same thing
    for head in final:
        items = items_of(connection, head["list_id"])
        if faults := check_list(head, items):
            raise VbpError(f"{'；'.join(faults)}；请核对后再制作通报")
        named |= {item["item_id"]: item for item in items if _is_named(item, subject)}
    columns = [REPORTS["accountability_items"].column(name) for name in _SHOWN]
    heads = [_head(column) for column in columns]
    rows = [[_read(item[column.name], column) for column in columns] for item in named.values()]
    if final:
        told = "；".join(f"名单 {head['list_id']}，{head['finalized_at'][:10]} 定稿" for head in final)
        note = (told, "Final: " + ", ".join(head["list_id"] for head in final))
    else:
        note = _DRAFT if lists else _NONE
    return list_rows("named", "通报名单", "Named list", heads, rows, note)


def _is_named(item: Mapping[str, Any], subject: Subject) -> bool:
    place = item["jurisdiction_code"] or ""
    is_inside = not subject.scope or place.startswith(subject.scope)
    return item["part"] == "named" and item["decision"] != "upheld" and is_inside


def _head(column: Column) -> Head:
    title = f"{column.title_zh}（元）" if column.type == "fen" else column.title_zh
    kind = _KINDS.get(column.type, "text")
    if column.type == "double":
        kind = "rate" if column.unit == "ratio" else "quantity"
    return Head(title, words_of(column.name), kind)


def _read(value: Any, column: Column) -> Cell:
    if column.type == "fen" and value is not None:
        return Decimal(value).scaleb(-2)
    spoken: Cell = column.spoken.get(value, value)
    return spoken
