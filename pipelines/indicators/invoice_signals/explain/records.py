"""The records that signals are explained by, as lines of an explanation: invoices under a number, receipts, payments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import after_as_of, line_of, plain, records_of, units, yuan
from pipelines.engine.explanation import Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.indicators.invoice_signals.numbers import sold_under
from pipelines.indicators.invoice_signals.said import INVOICE, PACKS
from pipelines.indicators.two_invoice.explain.left_out import invoice_facts
from schemas.policies import PolicyRow


@dataclass(frozen=True)
class Told:
    """What is said of one signal: the calculation, the lines that count and that do not, and policy rows beside the clause."""

    steps: Sequence[Step]
    lines: Sequence[Line]
    left_out: Sequence[Line] = ()
    notes: Sequence[str] = ()
    policies: Sequence[PolicyRow] = ()


def name_of(row: Record) -> str:
    """Code and number of an invoice as people write them."""
    return "-".join(filter(None, (row["invoice_code"], row["invoice_no"])))


def net_lines_of(row: Record, inputs: Inputs) -> list[Record]:
    """The net lines under a code and number, in their order."""
    return sold_under(pl.DataFrame({name: [row[name]] for name in INVOICE}), inputs).to_dicts()


def invoice_lines(row: Record, inputs: Inputs, net: Iterable[Record]) -> tuple[list[Line], list[Line]]:
    """The lines under a code and number with what is left of them, and red lines that name the number; and those that say
    nothing, each with the reason.
    """
    left = {line["line_no"]: line for line in net}
    is_own = (pl.col("invoice_code") == row["invoice_code"]) & (pl.col("invoice_no") == row["invoice_no"])
    counted: list[Line] = []
    silent: list[Line] = []
    for record in records_of(inputs, "invoices", is_own | (pl.col("red_of_invoice_no") == row["invoice_no"])):
        is_red = record["red_of_invoice_no"] is not None or record["quantity"] < 0
        reasons = ["发票已作废"] if record["status"] == "void" else []
        reasons += after_as_of(record["issued_on"], inputs.as_of, "开票日期")
        facts = invoice_facts(record)
        if not is_red and not reasons:
            own = left.get(record["line_no"])
            reasons = [] if own else ["该行已被红字发票全部冲减"]
            facts |= {"净盒数": plain(own["net"], PACKS), "净金额（元）": yuan(own["net_fen"])} if own else {}
        (silent if reasons else counted).append(line_of("invoices", record, "红字发票" if is_red else "发票", facts, reasons))
    return counted, silent


def under_number(dataset: str, row: Record, inputs: Inputs) -> list[Record]:
    """The deliveries or payments that name the number of a row, by its code too."""
    is_named = (pl.col("invoice_code").fill_null("") == row["invoice_code"]) & (pl.col("invoice_no") == row["invoice_no"])
    return records_of(inputs, dataset, is_named)


def delivery_line(record: Record, reasons: Iterable[str] = ()) -> Line:
    """A delivery that names an invoice."""
    facts = {
        "医疗机构": record["institution_code"],
        "产品": record["product_code"],
        "验收日期": record["accepted_on"],
        "验收盒数": plain(units(record["received_quantity"]), PACKS),
    }
    return line_of("deliveries", record, "赠品" if record["is_gift"] else "收货", facts, reasons)


def payment_line(record: Record, reasons: Iterable[str] = ()) -> Line:
    """A payment line, or what takes one back."""
    facts: dict[str, Any] = {
        "付款机构": record["institution_code"],
        "收款方": record["payee_code"],
        "付款日期": record["paid_on"],
        "金额（元）": yuan(record["amount_fen"]),
    }
    return line_of("payments", record, "付款" if record["amount_fen"] > 0 else "冲销", facts, reasons)
