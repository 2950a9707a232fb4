"""Objections (异议复核): what an institution says against an item of a draft, and what is decided on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from pipelines.database.seals import hold_to_seal, reseal
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.oversight.accountability.lists import find_list, refuse_closed, require
from schemas.reports.accountability_items import DECISIONS

Record = dict[str, Any]

_LISTS, _ITEMS = METADATA.tables["accountability_lists"], METADATA.tables["accountability_items"]
_FORMER = "（原复核结果 "


def object_to(
    engine: sa.Engine, item_id: str, *, by: str, note: str, received_on: date, at: datetime, list_id: str = ""
) -> bool:
    """Enter an objection (异议) to a named item of a draft; whether it is new.

    `item_id` may be the beginning of the number; `received_on` is the day it came in, which the objection period must
    hold. An item is objected to once.
    """
    require(by=by, note=note)
    with engine.begin() as connection:
        item = find_item(connection, item_id, list_id)
        told = {"objected_on": received_on, "objected_by": by, "objection_note": note}
        if all(item[c] == value for c, value in told.items()):
            return False
        refuse_closed(item)
        if item["part"] != "named":
            raise UsageError(f"{_place(item)} 不在拟通报部分，无需提出异议")
        if item["objected_on"] is not None:
            raise UsageError(f"{_place(item)} 已有 {item['objected_by']} 于 {item['objected_on']} 提出的异议，每条只受理一次")
        drafted_on = datetime.fromisoformat(item["drafted_at"]).date()
        if not drafted_on <= received_on <= min(item["objections_until"], at.date()):
            raise UsageError(
                f"{_place(item)} 的异议期为 {drafted_on} 至 {item['objections_until']}，收到日 {received_on} 不在其内或晚于今天"
            )
        _write(connection, item, told | {"objection_recorded_at": at.isoformat()})
        return True


def decide_on(
    engine: sa.Engine, item_id: str, decision: str, *, by: str, note: str, document_no: str, at: datetime, list_id: str = ""
) -> bool:
    """Enter the decision (复核) on an objection: `upheld` takes the item off the final list; whether anything changed.

    Until the list is final another decision replaces it; the former stays in the note.
    """
    require(by=by, note=note, document_no=document_no)
    if decision not in DECISIONS:
        raise UsageError(f"复核结果“{decision}”应为 upheld（异议成立）或 rejected（异议不成立）")
    with engine.begin() as connection:
        item = find_item(connection, item_id, list_id)
        told = {"decision": decision, "decided_by": by, "decision_document_no": document_no}
        if all(item[c] == value for c, value in told.items()) and _own_note(item["decision_note"]) == note:
            return False
        refuse_closed(item)
        if item["objected_on"] is None:
            raise UsageError(f"{_place(item)} 没有提出异议，无从复核；请先 vbp accountability object")
        if item["decision"] is not None:
            note += f"{_FORMER}{item['decision']}，{item['decided_by']} {item['decided_at']}：{item['decision_note']}）"
        _write(connection, item, told | {"decision_note": note, "decided_at": at.isoformat()})
        return True


def find_item(connection: sa.Connection, item_id: str, list_id: str) -> Record:
    """An item with `state` and `drafted_at` of its list: of the list named, else of the draft that holds it, else of the
    only list that does.
    """
    both = sa.select(_ITEMS, _LISTS.c.state, _LISTS.c.drafted_at).join(_LISTS, _LISTS.c.list_id == _ITEMS.c.list_id)
    where = [_ITEMS.c.item_id.startswith(item_id, autoescape=True)]
    if list_id:
        where.append(_ITEMS.c.list_id == find_list(connection, list_id)["list_id"])
    found = connection.execute(both.where(*where)).mappings().all()
    drafts = [row for row in found if row["state"] == "draft"]
    chosen = drafts if drafts and not list_id else found
    if len(chosen) != 1:
        raise UsageError(
            f"条目编号“{item_id}”在{'该名单' if list_id else '各名单'}中对应 {len(chosen)} 条；"
            "请用 vbp accountability show 查到的编号，必要时以 --list 指明名单"
        )
    return dict(chosen[0])


def _own_note(note: str | None) -> str | None:
    return None if note is None else note.partition(_FORMER)[0]


def _place(item: Mapping[str, Any]) -> str:
    return f"名单 {item['list_id']} 第 {item['item_no']} 条（{item['item_id'][:12]}）"


def _write(connection: sa.Connection, item: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    key = {"list_id": item["list_id"], "item_id": item["item_id"]}
    hold_to_seal(connection, "list", "accountability_items", **key)
    connection.execute(sa.update(_ITEMS).where(*(_ITEMS.c[c] == value for c, value in key.items())).values(values))
    reseal(connection, "list", item["list_id"], accountability_items=key)
