"""A finding of poor delivery led back to the order lines of the supplier in the division (obligations §26)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.engine.explained_rows import add_terms, add_yuan, codes, line_of, plain, ratio, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.engine.kept import as_text
from pipelines.engine.links import run_once
from pipelines.indicators.delivery_performance.declaration import POOR
from pipelines.indicators.delivery_performance.indicator import INDICATOR, TOO_OLD
from pipelines.indicators.delivery_performance.orders import UNIT
from pipelines.indicators.delivery_performance.tables import DELIVERY

_LIMITS = ("delivery_lines_min", "delivery_rate_min")
_SUPPLIER = ("jurisdiction_code", "distributor_code")


def _open(inputs: Inputs) -> Explain:
    evidence, sums = run_once(INDICATOR, inputs)
    orders = as_text(sums["lines"].lazy()).collect()
    owed = as_text(INDICATOR.totals(sums, inputs)["owed_there"].lazy()).collect()
    deliveries = as_text(evidence["deliveries"].lazy()).collect()

    def explain(key: Key) -> Explanation | None:
        is_own = pl.all_horizontal(pl.col(c) == key[c] for c in _SUPPLIER)
        own = orders.filter(is_own).sort(*UNIT)
        recent = own.filter("is_recent")
        if recent.is_empty():
            return None
        debts = owed.filter(is_own, pl.col("institution_code").is_in(recent["institution_code"].unique().to_list()))
        policies = tuple(inputs.policies.resolve(name, key["jurisdiction_code"], inputs.as_of) for name in _LIMITS)
        return Explanation(
            steps=tuple(_steps(recent)),
            policies=policies,
            lines=tuple(_lines(recent, deliveries, [])),
            left_out=tuple(_lines(own.filter(~pl.col("is_recent")), deliveries, [TOO_OLD])),
            notes=(_say_owed(debts.filter(pl.col("overdue_fen") != 0).sort("institution_code").to_dicts()),),
            concerned=(("deliveries", {"distributor_code": codes(key["distributor_code"])}),),
        )

    return explain


def _steps(recent: pl.DataFrame) -> Iterator[Step]:
    lines = recent.group_by("institution_code").agg(pl.sum("lines")).sort("institution_code")["lines"]
    yield Step("lines", "近90天到期的订单行数，按下单机构相加", add_terms(list(map(plain, lines))), int(lines.sum()))
    for name, formula in (("ordered_fen", "Σ 这些订单行的订购金额"), ("delivered_fen", "Σ 其中已验收的金额，以订购为限")):
        yield Step(name, formula, add_yuan(recent[name]), int(recent[name].sum()))
    ordered, delivered = (int(recent[name].sum()) for name in ("ordered_fen", "delivered_fen"))
    numbers = f"{yuan(delivered)} ÷ {yuan(ordered)}，未配送 {yuan(ordered - delivered)} 元"
    yield Step("delivery_rate", "配送率 = 已配送金额 ÷ 到期订单金额", numbers, ratio(delivered, ordered))


def _lines(orders: pl.DataFrame, deliveries: pl.DataFrame, reasons: list[str]) -> Iterator[Line]:
    """The deliveries of order lines, each with what its order line comes to."""
    came = deliveries.join(orders.select(*UNIT, *("ordered_fen", "delivered_fen")), on=UNIT).sort(*UNIT, "delivery_id")
    for row in came.to_dicts():
        yield line_of("deliveries", row, "订单与收货", _facts(row), reasons)


def _facts(row: Record) -> Record:
    return {
        "医疗机构": row["institution_code"],
        "品种": row["product_code"],
        "订单明细": row["order_line_id"],
        "下单日期": row["ordered_on"],
        "到期日": row["到期日"],
        "订购盒数": row["ordered_quantity"],
        "验收日期": row["accepted_on"],
        "已收盒数": row["received_quantity"],
        "该订单行订购金额（元）": yuan(row["ordered_fen"]),
        "该订单行已配送金额（元）": yuan(row["delivered_fen"]),
    }


def _say_owed(debts: list[Record]) -> str:
    told = "、".join(f"{row['institution_code']} {yuan(row['overdue_fen'])} 元" for row in debts)
    return f"下单机构逾期未付该企业货款：{told or '没有'}（逐笔：vbp explain payment_timeliness）"


EXPLAINED = Explained(table=DELIVERY.name, indicator=INDICATOR.code, open=_open, rule=POOR.code)
