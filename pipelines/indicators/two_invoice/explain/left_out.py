"""Invoice lines of a seller and product that say nothing of a line, and why (rulebook §6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.engine.explained_rows import after_as_of, line_of, plain, units, yuan
from pipelines.engine.explanation import Line, Record
from pipelines.indicators.two_invoice.explain.take_off import Net, is_red, key_of


def invoice_facts(record: Record) -> Record:
    """What an invoice line says, for a reader."""
    return {
        "开票日期": record["issued_on"],
        "销方": record["seller_code"],
        "购方": record["buyer_code"],
        "品种": record["product_code"],
        "批号": record["batch_no"],
        "盒数": plain(units(record["quantity"]), 10**4),
        "价税合计（元）": yuan(record["amount_fen"]),
    }


def unused_reds(record: Record, reds: Sequence[Record], net: Net) -> list[Line]:
    """Red lines that name the invoice and took nothing off this line."""
    used = {key_of(red) for red, _, _ in net.taken}
    same = ("seller_code", "product_code", "batch_no")
    found = []
    for red in reds:
        if key_of(red) not in used:
            is_other = any((red[c] or "") != (record[c] or "") for c in same)
            reason = "红字发票的销方、品种或批号与本行不同" if is_other else "红字额度已冲减同一发票的其他行或本行已冲完"
            found.append(line_of("invoices", red, "红字发票", invoice_facts(red), [reason]))
    return found


def silent_lines(own: Record, invoices: pl.DataFrame, as_of: date) -> list[Line]:
    """Lines of the seller and product that say nothing: void, dated later, fully taken off, or of another batch."""
    seller, product = pl.col("seller_code"), pl.col("product_code") == own["product_code"]
    touching = invoices.filter(product & ((seller == own["seller_code"]) | (pl.col("buyer_code") == own["seller_code"])))
    found = []
    for r in touching.to_dicts():
        reasons = ["发票已作废"] if r["status"] == "void" else []
        reasons += after_as_of(r["issued_on"], as_of, "开票日期")
        is_upstream = r["buyer_code"] == own["seller_code"]
        if not reasons and is_upstream and not is_red(r) and (r["batch_no"] or "") != (own["batch_no"] or ""):
            reasons = [f"上游发票的批号 {r['batch_no'] or '（空）'} 与本行批号 {own['batch_no'] or '（空）'} 不同"]
        if reasons:
            found.append(line_of("invoices", r, "发票", invoice_facts(r), reasons))
    return found
