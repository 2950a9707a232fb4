"""Purchases: the net lines between companies, and what verdicts on other lines must know of them (rulebook §6).

What a seller sold of a batch is one unit: its net lines follow from its own invoices alone, red ones too. All that other units
must know of it is who bought, when, how much and for how much; and of a product, since when somebody has bought it from a source.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Frames, Inputs, Link, Links, Stage
from pipelines.indicators.two_invoice.chain import with_source
from pipelines.indicators.two_invoice.lines import LINE, net_lines
from pipelines.indicators.two_invoice.scope import with_buyers

_BATCH = ["product_code", "batch_no"]
_SALES = ["product_code", "seller_code"]
_INVOICE = ["institution_code", "invoice_code", "invoice_no"]
UNIT = (*_BATCH, "seller_code")


def net(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`net_lines` with their buyers and whether the seller is a source, and the reds beside them."""
    lines, reds = net_lines(inputs.scan("invoices"), inputs.as_of)
    return with_source(with_buyers(lines, inputs), inputs), reds


def with_purchases(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add the lines between companies of the same batches that are not among these.

    In and out: net lines with buyers and sources (`net`), numbered by `line`.
    """
    own = lines.lazy().filter("is_company").select(pl.col(LINE[:2]).cast(pl.String), LINE[2])
    others = (
        inputs.scan("purchases")
        .drop("rows")
        .with_columns(pl.col(LINE[2]).cast(lines.schema[LINE[2]]))
        .join(own, on=LINE, how="anti")
        .with_columns(pl.col(*UNIT, "buyer_code").cast(pl.Categorical), is_company=True)
        .collect()
        .with_row_index("line", offset=lines.height and lines["line"].item(-1) + 1)
    )
    columns = [pl.col(c).cast(t) for c, t in lines.schema.items() if c in others.columns]
    return pl.concat([lines, others.select(columns)], how="diagonal")


def _evidence(inputs: Inputs) -> Frames:
    """`purchases`: the net lines between companies; `reds`: what red lines could not take off."""
    lines, reds = inputs.once(net)
    return {"purchases": lines.filter("is_company"), "reds": reds}


def _sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """One for each row of the evidence."""
    line: list[str | pl.Expr] = ["invoice_code", "invoice_no", pl.col("line_no").cast(pl.Int32)]
    columns = {"purchases": ["buyer_code", "issued_on", "is_source", "net", "net_fen"], "reds": ["excess", "excess_fen"]}
    texts = pl.col(pl.Categorical).cast(pl.String)
    found = {
        name: evidence[name].lazy().select(*line, *UNIT, *more, rows=pl.lit(1, pl.Int64)) for name, more in columns.items()
    }
    return {name: rows.with_columns(texts).collect() for name, rows in found.items()}


def _first_from_source(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`firsts`: since when a company (`seller_code`) has bought a product from a source, of whatever batch."""
    bought = inputs.scan("purchases").filter("is_source")
    first = bought.group_by("product_code", seller_code="buyer_code").agg(source_since=pl.col("issued_on").min())
    return {"firsts": first.with_columns(rows=pl.lit(1, pl.Int64)).collect()}


EARLIER = (
    Stage(unit=UNIT, yields=("purchases", "reds"), evidence=_evidence, sums=_sums, links={"invoices": Link(day="issued_on")}),
    Stage(
        unit=("product_code", "seller_code"),
        yields=("firsts",),
        evidence=lambda inputs: {},
        sums=_first_from_source,
        links={"purchases": Link({"product_code": "product_code", "seller_code": "buyer_code"}, where=pl.col("is_source"))},
    ),
)
LINKS: Links = {
    "invoices": Link(day="issued_on"),
    "purchases": Link({column: column for column in _BATCH}, to="lines"),
    "firsts": Link({column: column for column in _SALES}, to="lines"),
    "excuses": Link(
        {column: column for column in _INVOICE}, to="lines", day="valid_from", where=pl.col("kind") == "two_invoice"
    ),
}
