"""What listed companies invoiced to institutions: net invoice lines as the two-invoice system counts them (rulebook §6)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Frames, Inputs, Link, Stage
from pipelines.indicators.listed_company_trade.listings import companies_of, while_listed
from pipelines.indicators.two_invoice.lines import LINE, net_lines
from pipelines.indicators.two_invoice.scope import with_buyers

_UNIT = ("product_code", "batch_no", "seller_code")


def evidence(inputs: Inputs) -> Frames:
    """`invoiced` (lazy): a row per net invoice line of a listed company to an institution, issued while it was listed, with
    file, sheet and line.
    """
    return {"invoiced": inputs.with_place(_invoiced(inputs), "invoices")}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`sold`: one per row of the evidence."""
    rows = evidence["invoiced"].lazy()
    key = (*_UNIT, *LINE[:2], "enterprise_code", "institution_code", "role")
    line_no = pl.col(LINE[2]).cast(pl.Int32)
    found = rows.select(*key, line_no, "amount_fen", "here_lines", traded_on="issued_on", rows=pl.lit(1, pl.Int64))
    return {"sold": found.with_columns(pl.col(pl.Categorical).cast(pl.String)).collect()}


def _invoiced(inputs: Inputs) -> pl.LazyFrame:
    codes = companies_of(inputs)["enterprise_code"]
    invoices = inputs.scan("invoices").filter(pl.col("seller_code").is_in(codes.implode()))
    lines = with_buyers(net_lines(invoices, inputs.as_of)[0], inputs).lazy().filter(~pl.col("is_company"))
    rows = lines.select(
        *_UNIT,
        *LINE,
        "institution_code",
        "issued_on",
        enterprise_code="seller_code",
        role=pl.lit("seller"),
        lines=pl.lit(1, pl.Int64),
        amount_fen="net_fen",
    )
    return while_listed(rows, inputs, day="issued_on")


SOLD = Stage(
    unit=_UNIT, yields=("sold",), anew=("sold",), evidence=evidence, sums=sums, links={"invoices": Link(day="issued_on")}
)
