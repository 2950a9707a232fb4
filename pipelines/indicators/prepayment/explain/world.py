"""The groups of a scope with what each is made of, computed once for all rows that are explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import excuse_facts, line_of, records_of, yuan
from pipelines.engine.explanation import Line, Near, Record
from pipelines.engine.indicator import Frame, Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.prepayment.groups import GROUP
from pipelines.indicators.prepayment.indicator import INDICATOR

GroupKey = tuple[Any, ...]

LISTS: Mapping[str, Near] = dict.fromkeys(("prepayments", "deliveries", "excuses", "commitments"), ())
"""Of which datasets its rows list records: any row, any record."""


@dataclass
class World:
    """Rows of evidence by group; `rows` has one of each that the table prints."""

    inputs: Inputs
    rows: dict[GroupKey, Record] = field(default_factory=dict)
    of_group: dict[str, dict[GroupKey, list[Record]]] = field(default_factory=dict)
    records: dict[str, dict[GroupKey, Record]] = field(default_factory=dict)

    def of(self, name: str, key: GroupKey) -> list[Record]:
        """The rows of a piece of evidence that belong to a group."""
        return self.of_group[name].get(key, [])


def open_world(inputs: Inputs) -> World:
    """Compute the evidence of the scope, and gather it by group."""
    evidence, _ = run_once(INDICATOR, inputs)
    world = World(inputs)
    world.rows = {_group(row): row for row in _rows(evidence["groups"])}
    for name in ("commitments", "prepayments"):
        world.of_group[name] = {}
        for row in _rows(evidence[name]):
            world.of_group[name].setdefault(_group(row), []).append(row)
    waiting: dict[tuple[str, str], list[Record]] = {}
    for row in _rows(evidence["payables"]):
        waiting.setdefault((row["institution_code"], row["lot_code"]), []).append(row)
    world.of_group["payables"] = {key: waiting.get((key[0], key[1]), []) for key in world.rows}
    return world


def _rows(frame: Frame) -> list[Record]:
    return frame.lazy().collect().to_dicts()


def _group(row: Mapping[str, Any]) -> GroupKey:
    return tuple(row[c] for c in GROUP)


def lines_of(key: GroupKey, world: World) -> tuple[list[Line], list[Line]]:
    """The commitments, prepayments, overdue payables and excuses of a group: those that count, and those left out."""
    own: dict[str, Any] = dict(zip(GROUP, key, strict=True))
    lines = [
        line_of(
            "commitments",
            row,
            "约定采购量",
            {
                "约定采购金额（元）": yuan(row["agreed_fen"]) if not row["lacks_price"] else "没有中选价格",
                "净采购金额（元）": yuan(row["purchase_fen"]),
                "采购周期结束": row["period_end"],
                "签约日期": row["signed_on"] or "未填",
                "经办机构编码": row["agency_code"] or "未填",
            },
        )
        for row in world.of("commitments", key)
    ]
    for row in world.of("prepayments", key):
        facts = {"金额（元）": yuan(row["amount_fen"]), "申请日期": row["applied_on"] or "—", "拨付日期": row["paid_on"] or "—"}
        reasons = (row["left_out"],) if row["left_out"] else ()
        lines.append(line_of("prepayments", row, "预付" if row["amount_fen"] > 0 else "收回", facts, reasons))
    for row in world.of("payables", key):
        facts = {"逾期未付（元）": yuan(row["supplier_overdue_fen"]), "验收日期": row["accepted_on"]}
        lines.append(line_of("deliveries", row, "同批次逾期货款", facts))
    of_institution = pl.col("institution_code") == own["institution_code"]
    for row in records_of(world.inputs, "excuses", of_institution & (pl.col("kind") == "prepayment")):
        is_held = row["excuse_id"] == world.rows[key]["excuse_id"]
        reason = () if is_held else ("不属于该批次、尚未生效、在应拨付日之前失效，或编号在后",)
        lines.append(line_of("excuses", row, "正当理由备案", excuse_facts(row), reason))
    alike = pl.all_horizontal(pl.col(c) == value for c, value in own.items())
    for row in records_of(world.inputs, "commitments", alike & (pl.col("direction") != "floor")):
        lines.append(line_of("commitments", row, "约定采购量", {}, ("上限或区间的约定不预付",)))
    return [line for line in lines if not line.reasons], [line for line in lines if line.reasons]
