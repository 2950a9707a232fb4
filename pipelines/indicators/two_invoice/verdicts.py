"""Verdicts of the two-invoice system: the first that applies to a hospital line (rulebook §6)."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.engine.explained_rows import records_of
from pipelines.engine.finding import excused_thing
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.engine.published import Published
from pipelines.indicators.two_invoice.declaration import LINE
from schemas.rule import Rule

COMPLIANT = ("direct", "two_invoice", "group_transfer", "remote_extra")
VIOLATION = ("too_many_invoices",)
UNVERIFIABLE = ("no_batch", "oversold", "upstream_after_sale", "batch_mismatch", "missing_upstream")
EXEMPT = ("exempt",)


def with_verdict(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `verdict` and `excuse_id`, the approved excuses that exempt a line.

    In: lines in scope (`in_scope`) with the stock of their batch (`with_stock`).
    """
    lines = look_up(lines, _excused(lines, inputs), ["line"])
    day, hop = pl.col("issued_on"), pl.col("hop")
    is_exempt = pl.col("is_exempt_category") | pl.col("excuse_id").is_not_null()
    transfer = (hop == 2) & (pl.col("transfer_since") <= day).fill_null(False) & pl.col("two_invoice_group_transfer")
    remote = (hop == 2) & pl.col("is_remote") & pl.col("two_invoice_remote_extra")
    available = pl.when(hop == 1).then("bought_from_source").otherwise("bought_within_one")
    oversold = ((hop == 1) | transfer | remote) & (pl.col("sold_through") > available)
    only_outside = (pl.col("bought_since") <= day).fill_null(False) & ~(pl.col("in_group_since") <= day).fill_null(False)
    third_unseen = hop.is_null() & only_outside & ~(pl.col("is_remote") & pl.col("two_invoice_remote_extra"))
    mismatch = pl.col("bought_since").is_null() & (pl.col("source_since") <= day)
    verdicts = pl.Enum([*COMPLIANT, *VIOLATION, *UNVERIFIABLE, *EXEMPT])

    def is_(verdict: str) -> pl.Expr:
        return pl.lit(verdict, verdicts)

    verdict = (
        pl.when(is_exempt)
        .then(is_("exempt"))
        .when(hop == 0)
        .then(is_("direct"))
        .when(pl.col("seller_node").is_null())
        .then(is_("no_batch"))
        .when(oversold)
        .then(is_("oversold"))
        .when(hop == 1)
        .then(is_("two_invoice"))
        .when(transfer)
        .then(is_("group_transfer"))
        .when(remote)
        .then(is_("remote_extra"))
        .when((hop >= 2) | third_unseen)
        .then(is_("too_many_invoices"))
        .when(pl.col("reached_since").is_not_null())
        .then(is_("upstream_after_sale"))
        .when(mismatch)
        .then(is_("batch_mismatch"))
        .otherwise(is_("missing_upstream"))
    )
    return lines.with_columns(verdict=verdict)


def _excused(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The lines of invoices that a `two_invoice` excuse of the institution names, by code and number."""
    invoice = ["institution_code", "invoice_code", "invoice_no"]
    excuses = (
        inputs.scan("excuses")
        .filter((pl.col("kind") == "two_invoice") & (pl.col("valid_from") <= inputs.as_of))
        .select(*invoice, "excuse_id", "valid_to")
        .collect()
    )
    numbers = excuses["invoice_no"].unique()
    named = lines.filter(pl.col("invoice_no").is_in(numbers.implode()))
    return (
        named.select("line", *invoice, "issued_on")
        .with_columns(pl.col("institution_code").cast(pl.String))
        .join(excuses, on=invoice)
        .filter(pl.col("valid_to").is_null() | (pl.col("issued_on") <= pl.col("valid_to")))
        .group_by("line")
        .agg(pl.col("excuse_id").sort().str.join(","))
    )


def excused(published: Published, rule: Rule) -> list[dict[str, Any]]:
    """Exempt lines as published whose invoice an approved excuse names: no finding can be raised for them."""
    rows = published.rows(LINE.name, "verdict = 'exempt'")
    if not rows:
        return []
    inputs = published.records(frozenset())
    excuses = dict(_excused(pl.DataFrame(rows).with_row_index("line"), inputs).iter_rows())
    divisions = {i["institution_code"]: i["jurisdiction_code"] for i in records_of(inputs, "institutions")}
    found = []
    for number, row in enumerate(rows):
        if number in excuses:
            line = row | {"jurisdiction_code": divisions.get(row["institution_code"], "")}
            invoice = "-".join(filter(None, (line["invoice_code"], line["invoice_no"])))
            found.append(
                excused_thing(
                    published,
                    rule,
                    line,
                    line["issued_on"],
                    f"发票 {invoice} 第 {line['line_no']} 行有两票制备案，不判定票数",
                    excuse_id=excuses[number],
                    amount_fen=line["net_fen"],
                    counterparty_code=line["seller_code"],
                )
            )
    return found
