"""A completion figure led back to its receipts, returns, adjustments and excuses (rulebook §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import after_as_of, codes, excuse_facts, line_of, plain, records_of, units
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record
from pipelines.engine.figures import UNIT
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.agreed_volume.explain.formula import steps_of
from pipelines.indicators.agreed_volume.indicator import INDICATOR


@dataclass(frozen=True)
class _World:
    """The records of the scope, found once for all the commitments that are asked for."""

    inputs: Inputs
    judged: dict[str, Record]
    records: dict[str, Record]
    counted: dict[tuple[str, str], Record]
    packs: dict[str, Record]
    by_institution: dict[str, dict[str, list[Record]]]
    selections: list[Record]
    adjustments: dict[str, list[Record]]
    excuses: dict[str, list[Record]]


def _open(inputs: Inputs) -> Explain:
    found = run_once(INDICATOR, inputs)[0]
    receipts = found["receipts"].lazy().collect()
    judged = found["commitments"].lazy().collect().with_columns(pl.col(pl.Categorical).cast(pl.String))
    by_institution: dict[str, dict[str, list[Record]]] = {}
    for dataset in ("deliveries", "returns"):
        by_institution[dataset] = _group(records_of(inputs, dataset), "institution_code")
    world = _World(
        inputs=inputs,
        judged={r["commitment_id"]: r for r in judged.to_dicts()},
        records={r["commitment_id"]: r for r in records_of(inputs, "commitments")},
        counted={(r["institution_code"], r["delivery_id"]): r for r in receipts.to_dicts()},
        packs={r["product_code"]: r for r in records_of(inputs, "products")},
        by_institution=by_institution,
        selections=records_of(inputs, "selections"),
        adjustments=_group(records_of(inputs, "commitment_adjustments"), "commitment_id"),
        excuses=_group(records_of(inputs, "excuses", pl.col("kind") == "volume"), "commitment_id"),
    )

    def explain(key: Key) -> Explanation | None:
        return _explain(key["commitment_id"], world) if key["commitment_id"] in world.judged else None

    return explain


def _counting(record: Record, inputs: Inputs) -> pl.LazyFrame:
    """The commitments to which a receipt of the product of a record counts."""
    receipts = run_once(INDICATOR, inputs)[0]["receipts"].lazy()
    return receipts.filter(pl.col("product_code") == record["product_code"]).select("commitment_id")


def _group(rows: list[Record], column: str) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _explain(commitment_id: str, world: _World) -> Explanation:
    judged, as_of = world.judged[commitment_id], world.inputs.as_of
    record = world.records[commitment_id] | {"period_end": judged["period_end"]}
    sizes, changes = _sizes(record, world), world.adjustments.get(commitment_id, [])
    agreed, lines, left_out = _agreed(world.records[commitment_id], world)
    received: list[int] = []
    returned: list[int] = []
    institution = record["institution_code"]
    deliveries = [d for d in world.by_institution["deliveries"].get(institution, []) if d["product_code"] in sizes]
    own = set()
    for d in deliveries:
        counted = world.counted.get((institution, d["delivery_id"]))
        facts = _receipt_facts(d, counted, sizes)
        if counted is not None and counted["commitment_id"] == commitment_id:
            own.add(d["delivery_id"])
            amount = _pack_units(d["product_code"], counted, sizes) * units(d["received_quantity"])
            received.append(amount)
            lines.append(line_of("deliveries", d, "收货", facts | {"计入（最小单位）": plain(amount, UNIT)}))
        else:
            left_out.append(line_of("deliveries", d, "收货", facts, _why_not_counted(d, record, counted, changes, as_of)))
    met = {d["delivery_id"]: d for d in deliveries}
    for r in world.by_institution["returns"].get(institution, []):
        if r["delivery_id"] not in met:
            continue
        facts = {
            "退货盒数": plain(units(r["returned_quantity"]), 10**4),
            "退货日期": r["returned_on"],
            "所退收货": r["delivery_id"],
        }
        if reasons := _why_not_returned(r, own, as_of):
            left_out.append(line_of("returns", r, "退货", facts, reasons))
            continue
        counted = world.counted[institution, r["delivery_id"]]
        amount = _pack_units(met[r["delivery_id"]]["product_code"], counted, sizes) * units(r["returned_quantity"])
        returned.append(amount)
        lines.append(line_of("returns", r, "退货", facts | {"冲减（最小单位）": plain(amount, UNIT)}))
    approved, excuses, not_excusing = _excuses(record, world)
    lines += excuses + _basis(record, sizes, lines, world)
    policy = world.inputs.policies.resolve("seriously_behind_ratio", judged["jurisdiction_code"], as_of)
    return Explanation(
        steps=steps_of(record, agreed, received, returned, approved, policy, as_of),
        policies=(policy,),
        lines=tuple(lines),
        left_out=tuple(left_out + not_excusing),
        concerned=(
            ("deliveries", {"institution_code": codes(institution), "product_code": frozenset(sizes)}),
            ("returns", {"institution_code": codes(institution), "delivery_id": frozenset(met)}),
            ("commitments", {"commitment_id": codes(commitment_id)}),
            ("commitment_adjustments", {"commitment_id": codes(commitment_id)}),
            ("excuses", {"commitment_id": codes(commitment_id)}),
        ),
    )


def _sizes(record: Record, world: _World) -> dict[str, int]:
    """The products that may ever count to the commitment, and their minimum units to the pack (10⁻⁴)."""
    if record["product_code"] is not None:
        changes = world.adjustments.get(record["commitment_id"], [])
        products = {record["product_code"], *(a["replacement_product_code"] for a in changes)}
    else:
        products = {
            s["product_code"]
            for s in world.selections
            if (s["lot_code"], s["item_code"]) == (record["lot_code"], record["item_code"])
        }
    return {p: units(world.packs[p]["units_per_pack"]) for p in products if p in world.packs}


def _pack_units(product: str, counted: Mapping[str, Any], sizes: Mapping[str, int]) -> int:
    """Minimum units to the pack at the factor of the receipt (10⁻⁸)."""
    return int(sizes[product] * counted["factor"])


def _receipt_facts(delivery: Record, counted: Record | None, sizes: Mapping[str, int]) -> Record:
    facts = {
        "品种": delivery["product_code"],
        "验收日期": delivery["accepted_on"],
        "收货盒数": plain(units(delivery["received_quantity"]), 10**4),
        "每盒最小单位": plain(sizes[delivery["product_code"]], 10**4),
    }
    return facts if counted is None else facts | {"折算系数": plain(counted["factor"], 10**4)}


def _agreed(record: Record, world: _World) -> tuple[list[int], list[Line], list[Line]]:
    """The agreed volume and its changes (10⁻¹² minimum units), the lines they stand on, and adjustments yet to come."""
    agreed = units(record["agreed_quantity"])
    facts = {"约定量": plain(agreed, 10**4), "单位": "盒" if record["unit"] == "pack" else "最小单位"}
    if record["unit"] == "pack":
        size = units(world.packs[record["product_code"]]["units_per_pack"])
        agreed, facts = agreed * size * 10**4, facts | {"每盒最小单位": plain(size, 10**4)}
    else:
        agreed *= 10**8
    period = {"周期": f"{record['period_start']} 至 {record['period_end']}"}
    terms = [agreed]
    lines, left_out = [line_of("commitments", record, "协议", facts | period)], []
    for a in world.adjustments.get(record["commitment_id"], []):
        facts = {
            "调整量": plain(units(a["delta_quantity"]), 10**4),
            "生效日期": a["effective_on"],
            "文号": a["document_no"],
            "替代品种": a["replacement_product_code"],
            "调整后周期结束": a["new_period_end"],
        }
        if reasons := after_as_of(a["effective_on"], world.inputs.as_of, "调整生效日期"):
            left_out.append(line_of("commitment_adjustments", a, "调整", facts, reasons))
        else:
            terms.append(units(a["delta_quantity"]) * 10**8)
            lines.append(line_of("commitment_adjustments", a, "调整", facts))
    return terms, lines, left_out


def _excuses(record: Record, world: _World) -> tuple[list[int], list[Line], list[Line]]:
    """What approved excuses take off (10⁻¹² minimum units), their lines, and those that do not hold."""
    approved: list[int] = []
    held: list[Line] = []
    not_held: list[Line] = []
    for e in world.excuses.get(record["commitment_id"], []):
        facts = {"数量": plain(units(e["quantity"]), 10**4)} | excuse_facts(e)
        reasons = after_as_of(e["valid_from"], world.inputs.as_of, "备案生效日期")
        if e["valid_to"] is not None and record["period_end"] > e["valid_to"]:
            reasons.append(f"备案只适用于 {e['valid_to']} 前到期的协议，本协议 {record['period_end']} 到期")
        if reasons:
            not_held.append(line_of("excuses", e, "正当理由", facts, reasons))
        else:
            approved.append(units(e["quantity"]) * 10**8)
            held.append(line_of("excuses", e, "正当理由", facts))
    return approved, held, not_held


def _basis(record: Record, sizes: Mapping[str, int], lines: list[Line], world: _World) -> list[Line]:
    """The products and selections by which the receipts that count were converted."""
    counted = {line.facts["品种"] for line in lines if line.dataset == "deliveries"}
    found = [line_of("products", world.packs[p], "换算依据", {"每盒最小单位": plain(sizes[p], 10**4)}) for p in sorted(counted)]
    item = (record["lot_code"], record["item_code"])
    for s in world.selections:
        if (s["lot_code"], s["item_code"]) == item and s["product_code"] in counted:
            validity = f"{s['valid_from']} 至 {s['valid_to'] or '长期'}"
            facts = {"折算系数": plain(units(s["conversion_factor"]), 10**4), "中选有效期": validity}
            found.append(line_of("selections", s, "中选依据", facts))
    return found


def _why_not_counted(
    delivery: Record, record: Record, counted: Record | None, adjustments: Sequence[Record], as_of: date
) -> list[str]:
    """Why a delivery of the institution and product does not count to the commitment."""
    day = delivery["accepted_on"]
    reasons = []
    if delivery["is_gift"]:
        reasons.append("赠品不计入约定采购量")
    if delivery["channel"] == "offline":
        reasons.append("线下采购不计入约定采购量")
    if day is None:
        reasons.append("尚未验收，订货不计入")
    reasons += after_as_of(day, as_of, "验收日期")
    if day is not None and not record["period_start"] <= day <= record["period_end"]:
        period = f"{record['period_start']} 至 {record['period_end']}"
        reasons.append(f"验收日期 {day} 不在采购周期 {period} 内")
    if counted is not None:
        reasons.append(
            f"已整笔计入协议 {counted['commitment_id']}（先后次序：指明品种的协议、周期开始早的协议、编号小的协议在前）"
        )
    return reasons or [_why_not_claimed(delivery, record, adjustments)]


def _why_not_claimed(delivery: Record, record: Record, adjustments: Sequence[Record]) -> str:
    if record["product_code"] is None:
        return f"验收日 {delivery['accepted_on']} 该品种不是 {record['lot_code']}/{record['item_code']} 的中选品种"
    days = [a["effective_on"] for a in adjustments if a["replacement_product_code"] == delivery["product_code"]]
    return f"替代品种自 {min(days)} 起才计入本协议，验收日 {delivery['accepted_on']} 在其前"


def _why_not_returned(back: Record, own: set[str], as_of: date) -> list[str]:
    """Why a return does not lessen the commitment whose deliveries are `own`."""
    reasons = []
    if back["delivery_id"] not in own:
        reasons.append(f"所退收货 {back['delivery_id']} 未计入本协议")
    if back["status"] != "confirmed":
        reasons.append({"requested": "退货尚未确认", "refused": "退货被拒绝"}[back["status"]])
    return reasons + after_as_of(back["returned_on"], as_of, "退货日期")


EXPLAINED = Explained(
    table="agreed_volume_completion",
    indicator="agreed_volume",
    open=_open,
    lists={
        **dict.fromkeys(("deliveries", "returns"), ()),
        **dict.fromkeys(("commitments", "commitment_adjustments", "excuses"), ("commitment_id",)),
        **dict.fromkeys(("products", "selections"), _counting),
    },
)
