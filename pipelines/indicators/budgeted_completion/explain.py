"""A budget, cap or band led back to its agreement, changes, receipts and excuses (obligations §13)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from pipelines.engine.explained_rows import (
    NO_DENOMINATOR,
    add_terms,
    add_yuan,
    after_as_of,
    codes,
    excuse_facts,
    line_of,
    plain,
    ratio,
    records_of,
    units,
    yuan,
)
from pipelines.engine.explanation import LEFT_OUT, Explain, Explained, Explanation, Key, Record, Step
from pipelines.engine.figures import UNIT
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.budgeted_completion.declaration import STATUSES, TABLE
from pipelines.indicators.budgeted_completion.indicator import INDICATOR

_WHY = {
    "cancelled": "约定不大于 0",
    "no_products": "协议未指明产品，该批次品种也没有中选产品",
    "not_started": "采购周期尚未开始",
    "excused": "剔除有正当理由的部分后已达到约定（未超出上限）",
    "exceeded": "净采购大于上限",
    "kept": "采购周期已结束，净采购不大于上限",
    "ahead": "执行率高于序时进度的 {ratio} 倍",
    "on_track": "未结束，执行率与序时进度相符",
    "completed": "净采购不少于约定",
    "failed": "采购周期已结束，净采购少于约定",
    "behind": "执行率低于序时进度，但不低于其 {ratio} 倍",
    "seriously_behind": "执行率低于序时进度的 {ratio} 倍",
}
"""Why a state applies, all states before it in the order of §13 aside."""


def _open(inputs: Inputs) -> Explain:
    found = run_once(INDICATOR, inputs)[0]
    commitments = found["commitments"].lazy().with_columns(pl.col(pl.Categorical).cast(pl.String)).collect()
    receipts = found["receipts"].lazy().collect()
    judged = {row["commitment_id"]: row for row in commitments.to_dicts()}

    def explain(key: Key) -> Explanation | None:
        row = judged.get(key["commitment_id"])
        return None if row is None else _explain(row, receipts.filter(commitment_id=row["commitment_id"]).to_dicts(), inputs)

    return explain


def _explain(row: Record, receipts: list[Record], inputs: Inputs) -> Explanation:
    own = pl.col("commitment_id") == row["commitment_id"]
    [record] = records_of(inputs, "commitments", own)
    lines, left_out = [line_of("commitments", record, "协议", _agreed_facts(record))], []
    changes = [0]
    for change in records_of(inputs, "commitment_adjustments", own):
        facts = {"调整量": plain(units(change["delta_quantity"]), 10**4), "生效日期": change["effective_on"]}
        facts |= {"文号": change["document_no"], "调整后周期结束": change["new_period_end"]}
        if reasons := after_as_of(change["effective_on"], inputs.as_of, "调整生效日期"):
            left_out.append(line_of("commitment_adjustments", change, "调整", facts, reasons))
        else:
            changes.append(_measured(change["delta_quantity"], row))
            lines.append(line_of("commitment_adjustments", change, "调整", facts))
    net = "net_fen" if row["is_amount"] else "net_units"
    counted = [receipt for receipt in receipts if receipt[LEFT_OUT] is None]
    lines += [line_of("deliveries", r, "收货", _receipt_facts(r) | {"计入": _told(r[net], row)}) for r in counted]
    left_out += [line_of("deliveries", r, "收货", _receipt_facts(r), [r[LEFT_OUT]]) for r in receipts if r not in counted]
    for excuse in records_of(inputs, "excuses", own & (pl.col("kind") == "volume")):
        facts = {"数量": plain(units(excuse["quantity"]), 10**4)} | excuse_facts(excuse)
        reasons = after_as_of(excuse["valid_from"], inputs.as_of, "备案生效日期")
        if excuse["valid_to"] is not None and row["period_end"] > excuse["valid_to"]:
            reasons.append(f"备案只适用于 {excuse['valid_to']} 前到期的协议，本协议 {row['period_end']} 到期")
        (left_out if reasons else lines).append(line_of("excuses", excuse, "正当理由", facts, reasons))
    ratio_of = "cap_ahead_ratio" if row["direction"] == "cap" else "seriously_behind_ratio"
    policy = inputs.policies.resolve(ratio_of, row["jurisdiction_code"], inputs.as_of)
    numbers = _Numbers(row, sum(changes), [r[net] for r in counted], inputs.as_of)
    why = _WHY[row["status"]].format(ratio=policy.value)
    return Explanation(
        steps=(
            *numbers.steps(),
            Step("status", "状态：依次判断，取第一个成立的", f"{STATUSES[row['status']]}：{why}", row["status"]),
        ),
        policies=(policy,),
        lines=tuple(lines),
        left_out=tuple(left_out),
        concerned=(
            ("deliveries", {"institution_code": codes(row["institution_code"])}),
            ("commitments", {"commitment_id": codes(row["commitment_id"])}),
            ("commitment_adjustments", {"commitment_id": codes(row["commitment_id"])}),
            ("excuses", {"commitment_id": codes(row["commitment_id"])}),
        ),
    )


class _Numbers:
    """The row's numbers put into their formulas; in fen, or in 10⁻¹² minimum units."""

    def __init__(self, row: Record, changed: int, nets: list[int], as_of: date) -> None:
        self.row, self.changed, self.nets = row, changed, nets
        self.suffix = "fen" if row["is_amount"] else "quantity"
        self.whole = (row["period_end"] - row["period_start"]).days + 1
        self.passed = max(0, (min(as_of, row["period_end"]) - row["period_start"]).days + 1)

    def steps(self) -> list[Step]:
        """Those of the columns that a target and direction of its kind has."""
        row = self.row
        net, agreed, excused, base = (self._tell(row[c]) for c in ("net", "agreed", "excused", "excused_base"))
        live = row["agreed"] > 0
        changed = f" + 调整 {self._tell(self.changed)}" if self.changed else ""
        steps = [self._step("agreed", "约定 = 协议所定 + 截止日前生效的调整", f"{self._first('agreed')}{changed}")]
        if row["agreed_max"] is not None:
            steps.append(
                self._step("agreed_max", "上限 = 协议所定 + 截止日前生效的调整", f"{self._first('agreed_max')}{changed}")
            )
        terms = add_yuan(self.nets) if row["is_amount"] else add_terms([plain(n, UNIT) for n in self.nets])
        is_above = row["limit"] is not None and row["net"] > row["limit"]
        apart = "超出部分 = 净采购 − 上限" if is_above or row["direction"] == "cap" else "缺口 = 约定 − 净采购"
        return [
            *steps,
            self._step("net", "净采购 = Σ 计入的收货减去其已确认的退货", terms),
            self._step(
                "excused", f"有正当理由 = min({apart}，Σ 有效备案数量)", f"有效备案 {self._tell(row['approved'])}，计 {excused}"
            ),
            self._rate("rate", "执行率 = 净采购 ÷ 约定", f"{net} ÷ {agreed}", row["net"], row["agreed"] if live else 0),
            self._rate(
                "excused_rate",
                "剔除正当理由执行率 = 净采购 ÷（约定 − 有正当理由）；有上限而超出的 ÷（上限 + 有正当理由）",
                f"{net} ÷ {base}",
                row["net"],
                row["excused_base"] if live else 0,
            ),
            Step(
                "time_progress",
                "序时进度 = 已过天数 ÷ 周期天数（首尾都计）",
                f"{self.passed} ÷ {self.whole}",
                ratio(self.passed, self.whole),
            ),
            self._rate(
                "gap",
                "进度差 = 执行率 − 序时进度",
                f"{net} ÷ {agreed} − {self.passed} ÷ {self.whole}",
                row["net"] * self.whole - row["agreed"] * self.passed,
                row["agreed"] * self.whole if live else 0,
            ),
        ]

    def _step(self, name: str, formula: str, numbers: str) -> Step:
        value = self.row[name]
        return Step(f"{name}_{self.suffix}", formula, numbers, value if self.row["is_amount"] else value / UNIT)

    def _rate(self, name: str, formula: str, numbers: str, above: int, below: int) -> Step:
        return Step(name, formula, numbers if below else NO_DENOMINATOR, ratio(above, below))

    def _first(self, name: str) -> str:
        return self._tell(self.row[name] - self.changed)

    def _tell(self, value: int) -> str:
        return _told(value, self.row)


def _measured(quantity: Decimal, row: Record) -> int:
    """A quantity of the commitment's target in fen, halves away from zero, or in 10⁻¹² minimum units."""
    return int((quantity * 100).quantize(Decimal(1), ROUND_HALF_UP)) if row["is_amount"] else units(quantity) * 10**8


def _told(value: int, row: Record) -> str:
    return f"{yuan(value)} 元" if row["is_amount"] else plain(value, UNIT)


def _agreed_facts(record: Record) -> Record:
    upper = record["agreed_quantity_max"]
    unit = "元" if record["target"] == "amount" else "盒" if record["unit"] == "pack" else "最小单位"
    return {
        "约定": plain(units(record["agreed_quantity"]), 10**4),
        "上限": None if upper is None else plain(units(upper), 10**4),
        "单位": unit,
        "周期": f"{record['period_start']} 至 {record['period_end']}",
    }


def _receipt_facts(receipt: Record) -> Record:
    return {
        "品种": receipt["product_code"],
        "验收日期": receipt["accepted_on"],
        "收货盒数": receipt["received_quantity"],
        "采购单价": receipt["unit_price"],
    }


EXPLAINED = Explained(
    table=TABLE.name,
    indicator="budgeted_completion",
    open=_open,
    lists={"deliveries": (), **dict.fromkeys(("commitments", "commitment_adjustments", "excuses"), ("commitment_id",))},
)
