"""The records behind payment figures, found once for all the rows that are asked for (rulebook §5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.engine.explained_rows import after_as_of, line_of, records_of, units, yuan
from pipelines.engine.explanation import Line, Near, Record
from pipelines.engine.indicator import Inputs
from pipelines.indicators.payment.by_invoice import whole

Delivery = tuple[str, str]
Payment = tuple[str, str, int]


def _owed_for(record: Record, inputs: Inputs) -> pl.LazyFrame:
    """Who owes whom for the product of a selection."""
    deliveries = inputs.scan("deliveries").filter(pl.col("product_code") == record["product_code"])
    return deliveries.select("institution_code", "distributor_code")


LISTS: Mapping[str, Near] = {**dict.fromkeys(("deliveries", "returns", "payments", "excuses"), ()), "selections": _owed_for}
"""Of which datasets its rows list records, and which rows."""


@dataclass(frozen=True)
class Met:
    """A payment that met a payable: amount in fen and pass (1 by invoice, 2 by supplier)."""

    payment: Payment
    payable: Delivery
    fen: int
    pass_no: int


@dataclass(frozen=True)
class World:
    """`payables` with their terms and `payments` after reversals are evidence; the rest are records. Deliveries and
    returns are known by institution and delivery, payments by institution, payment and line.
    """

    inputs: Inputs
    payables: dict[Delivery, Record]
    payments: dict[Payment, Record]
    of_payable: dict[Delivery, list[Met]]
    of_payment: dict[Payment, list[Met]]
    excess: dict[tuple[str, str], int]
    deliveries: dict[Delivery, Record]
    by_supplier: dict[tuple[str, str], list[Record]]
    lines: dict[Payment, Record]
    by_payee: dict[tuple[str, str], list[Record]]
    reversals: dict[tuple[str, str], list[Record]]
    returns: dict[Delivery, list[Record]]
    excuses: dict[str, list[Record]]
    selections: dict[str, list[Record]]

    def owed(self, delivery: Record) -> tuple[int, list[Record], list[Record]]:
        """What a receipt is worth in fen, half up, its confirmed returns, and those that do not count."""
        returns = self.returns.get((delivery["institution_code"], delivery["delivery_id"]), [])
        confirmed = [r for r in returns if not why_not_returned(r, self.inputs.as_of)]
        packs = units(delivery["received_quantity"]) - sum(units(r["returned_quantity"]) for r in confirmed)
        exact = packs * units(delivery["unit_price"])
        fen = (2 * abs(exact) + 10**6) // (2 * 10**6)
        return (fen if exact >= 0 else -fen), confirmed, [r for r in returns if r not in confirmed]


def open_world(inputs: Inputs) -> World:
    """Compute the evidence and gather the records."""
    found = {name: frame.lazy().collect() for name, frame in whole(inputs).items() if name != "dues"}
    texts = pl.col(pl.Categorical).cast(pl.String)
    terms = {r["term"]: r for r in found["terms"].to_dicts()}
    payables = {}
    numbered: dict[int, Delivery] = {}
    for row in found["payables"].with_columns(texts).to_dicts():
        numbered[row["due"]] = (row["institution_code"], row["delivery_id"])
        payables[numbered[row["due"]]] = row | {"terms": terms[row["term"]]}
    payments = found["payments"].with_columns(texts).to_dicts()
    pays: dict[int, Payment] = {r["pay"]: (r["institution_code"], r["payment_id"], r["line_no"]) for r in payments}
    of_payable, of_payment = defaultdict(list), defaultdict(list)
    for row in found["allocations"].to_dicts():
        met = Met(pays[row["pay"]], numbered[row["due"]], row["amount"], row["pass_no"])
        of_payable[met.payable].append(met)
        of_payment[met.payment].append(met)
    deliveries, lines = records_of(inputs, "deliveries"), records_of(inputs, "payments")
    return World(
        inputs=inputs,
        payables=payables,
        payments={pays[r["pay"]]: r for r in payments},
        of_payable=of_payable,
        of_payment=of_payment,
        excess={(r["institution_code"], r["payment_id"]): r["excess_fen"] for r in found["reversals"].to_dicts()},
        deliveries={(d["institution_code"], d["delivery_id"]): d for d in deliveries},
        by_supplier=_group(deliveries, "institution_code", "distributor_code"),
        lines={(p["institution_code"], p["payment_id"], p["line_no"]): p for p in lines},
        by_payee=_group(lines, "institution_code", "payee_code"),
        reversals=_group((p for p in lines if p["amount_fen"] < 0), "institution_code", "reverses_payment_id"),
        returns=_group(records_of(inputs, "returns"), "institution_code", "delivery_id"),
        excuses=_by_one(records_of(inputs, "excuses", pl.col("kind") == "payment"), "institution_code"),
        selections=_by_one(records_of(inputs, "selections"), "product_code"),
    )


def payment_line(payment: Payment, world: World, reasons: Iterable[str] = ()) -> Line:
    """A payment line with what it was spent on."""
    record = world.lines[payment]
    facts: Record = {"付款日期": record["paid_on"], "付款金额（元）": yuan(record["amount_fen"])}
    if record["payee_code"]:
        facts["收款企业"] = record["payee_code"]
    if record["invoice_no"]:
        facts["所付发票"] = "-".join(filter(None, (record["invoice_code"], record["invoice_no"])))
    known = world.payments.get(payment)
    if known is not None and known["invoice_code"] and not record["invoice_code"]:
        facts["所付发票"] += (
            f"（未填发票代码；该单位欠该企业的发票中只有 {known['invoice_code']}-{record['invoice_no']} 是此号码）"
        )
    if known is not None and known["amount"] != record["amount_fen"]:
        facts["冲销后（元）"] = yuan(known["amount"])
    role = "冲销" if record["amount_fen"] < 0 else "付款"
    return line_of("payments", record, role, facts, reasons)


def reversal_lines(payments: Iterable[Payment], world: World) -> list[Line]:
    """The reversals up to as_of that lessened these payments."""
    named = dict.fromkeys((institution, payment_id) for institution, payment_id, _ in payments)
    return [
        payment_line((r["institution_code"], r["payment_id"], r["line_no"]), world)
        for name in named
        for r in world.reversals.get(name, [])
        if r["paid_on"] <= world.inputs.as_of
    ]


def why_unspent(payment: Payment, world: World) -> list[str]:
    """Why a payment line, or what is left of it, met no payable."""
    record, known = world.lines[payment], world.payments.get(payment)
    if reasons := after_as_of(record["paid_on"], world.inputs.as_of, "付款日期"):
        return reasons
    if record["amount_fen"] < 0:
        return [f"冲销付款 {record['reverses_payment_id']}，不单独参与分配"]
    if known is None:
        return ["已被冲销，没有余额"]
    if known["left"] > 0:
        return [f"余额 {yuan(known['left'])} 元没有可匹配的应付货款，列入未分配货款"]
    return []


def why_not_returned(back: Record, as_of: date) -> list[str]:
    """Why a return lessens nothing."""
    reasons = {"requested": ["退货尚未确认"], "refused": ["退货被拒绝"]}.get(back["status"], [])
    return reasons + after_as_of(back["returned_on"], as_of, "退货日期")


def _group(rows: Iterable[Record], first: str, second: str) -> dict[tuple[str, str], list[Record]]:
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for row in rows:
        groups[row[first], row[second]].append(row)
    return groups


def _by_one(rows: Iterable[Record], column: str) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups
