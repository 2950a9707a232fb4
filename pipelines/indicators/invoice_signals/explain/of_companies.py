"""Signals of companies explained: invoices in a circle, a mark-up, two deemed companies (obligations §29)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.explained_rows import line_of, plain, records_of, yuan
from pipelines.engine.explanation import Line, Record, Step
from pipelines.engine.figures import round_half_up
from pipelines.engine.indicator import Inputs
from pipelines.indicators.invoice_signals.circles import PURCHASES
from pipelines.indicators.invoice_signals.declaration import LIMIT
from pipelines.indicators.invoice_signals.deemed import UNIT, holds
from pipelines.indicators.invoice_signals.explain.records import Told
from pipelines.indicators.invoice_signals.said import PACKS
from pipelines.indicators.two_invoice.explain.left_out import invoice_facts

_LINE = ("invoice_code", "invoice_no", "line_no")


def tell_circle(row: Record, inputs: Inputs) -> Told:
    """The net lines of the batch from one company to the other, and back."""
    one, other = row["seller_code"], row["buyer_code"]
    there, back = _bought(row, one, other, inputs), _bought(row, other, one, inputs)
    fen = [sum(line["net_fen"] for line in lines) for lines in (there, back)]
    return Told(
        steps=(
            Step(
                "amount_fen",
                "涉及金额 = 两个方向的净金额合计",
                f"{one} 开给 {other} {yuan(fen[0])} + {other} 开给 {one} {yuan(fen[1])} = {yuan(sum(fen))} 元",
                sum(fen),
            ),
        ),
        lines=[_line(line, inputs) for line in (*there, *back)],
    )


def tell_markup(row: Record, inputs: Inputs) -> Told:
    """The line, what its seller bought of the batch from sources by that day, and the limit."""
    bought = [
        line
        for line in _bought(row, None, row["seller_code"], inputs)
        if line["is_source"] and line["issued_on"] <= row["issued_on"]
    ]
    fen, packs = (sum(line[c] for line in bought) for c in ("net_fen", "net"))
    own, money = row["net"], row["net_fen"]
    above = money * packs - fen * own
    dearer = pl.select(round_half_up(pl.lit(above, pl.Int128), pl.lit(packs, pl.Int128))).item()
    place = inputs.scan("institutions").filter(institution_code=row["institution_code"]).collect()["jurisdiction_code"].item()
    policy = inputs.policies.resolve(LIMIT, place, inputs.as_of)
    price, paid = f"{yuan(money)} ÷ {plain(own, PACKS)}", f"{yuan(fen)} ÷ {plain(packs, PACKS)}"
    return Told(
        steps=(
            Step("quantity", "数量 = 该行净盒数", plain(own, PACKS), own / PACKS),
            Step(
                "rate",
                f"加价率 = (p₂ − p₁) ÷ p₁，大于 {policy.value} 的列为线索",
                f"p₂ = {price}，p₁ = {paid}",
                above / (fen * own),
            ),
            Step("amount_fen", "涉及金额 = (p₂ − p₁) × 数量", f"{yuan(money)} − {paid} × {plain(own, PACKS)}", dearer),
        ),
        lines=[_line(line, inputs) for line in (row, *bought)],
        notes=("p₂ 为该行单价；p₁ 为销方截至该日从生产企业、上市许可持有人或视同生产企业购进同一产品和批号的均价。",),
        policies=(policy,),
    )


def tell_deemed(row: Record, inputs: Inputs) -> Told:
    """The companies that are deemed."""
    records = records_of(inputs, "deemed_manufacturers", holds(inputs) & (pl.col(UNIT[0]) == row[UNIT[0]]))
    companies = sorted({record["enterprise_code"] for record in records})
    lines = [
        line_of(
            "deemed_manufacturers",
            record,
            "视同生产企业",
            {"企业": record["enterprise_code"], "有效期": f"{record['valid_from']} 至 {record['valid_to'] or '长期'}"},
        )
        for record in records
    ]
    return Told((Step("quantity", "企业家数", "、".join(companies), float(len(companies))),), lines)


def _bought(row: Record, seller: str | None, buyer: str, inputs: Inputs) -> list[Record]:
    """The net lines of a batch to a company, of one seller or all, in the order of §6."""
    batch = {"product_code": row["product_code"], "batch_no": row["batch_no"], "buyer_code": buyer}
    named = batch if seller is None else batch | {"seller_code": seller}
    lines = inputs.scan(PURCHASES).filter(*(pl.col(c) == value for c, value in named.items()))
    return lines.sort("issued_on", *_LINE).collect().to_dicts()


def _line(line: Record, inputs: Inputs) -> Line:
    """The record of a net line, with what is left of it."""
    (record,) = records_of(inputs, "invoices", pl.all_horizontal(pl.col(c) == line[c] for c in _LINE))
    net = {"净盒数": plain(line["net"], PACKS), "净金额（元）": yuan(line["net_fen"])}
    return line_of("invoices", record, "发票", invoice_facts(record) | net)
