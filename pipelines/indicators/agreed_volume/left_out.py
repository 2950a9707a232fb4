"""Why a receipt or a return does not count to a commitment (rulebook §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipelines.engine.explained_rows import after_as_of
from pipelines.engine.explanation import Record


def why_not_counted(
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
    days = [
        a["effective_on"] for a in adjustments
        if a["replacement_product_code"] == delivery["product_code"]
    ]  # fmt: skip
    return f"替代品种自 {min(days)} 起才计入本协议，验收日 {delivery['accepted_on']} 在其前"


def why_not_returned(back: Record, own: set[str], as_of: date) -> list[str]:
    """Why a return does not lessen the commitment whose deliveries are `own`."""
    reasons = []
    if back["delivery_id"] not in own:
        reasons.append(f"所退收货 {back['delivery_id']} 未计入本协议")
    if back["status"] != "confirmed":
        reasons.append({"requested": "退货尚未确认", "refused": "退货被拒绝"}[back["status"]])
    return reasons + after_as_of(back["returned_on"], as_of, "退货日期")
