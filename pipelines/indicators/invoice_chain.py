"""Chains of invoices: how many companies stand between a seller and the manufacturer (rulebook §6)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.indicators.indicator import Inputs

_NO_BATCH = [
    "",
    "无",
    "-",
    "--",
    "—",
    "——",
    "/",
    "\\",
    "N/A",
    "NA",
    "无批号",
    "NULL",
    "NONE",
    "空",
    "暂无",
    ".",
    "*",
]


def has_batch(column: str) -> pl.Expr:
    """True where the batch says something; an empty one, or 无, - and the like, matches nothing."""
    text = pl.col(column).fill_null("").str.normalize("NFKC").str.strip_chars().str.to_uppercase()
    return ~text.is_in(_NO_BATCH)


def with_hops(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add to each net line how far its seller stands from the manufacturer on the day of the line.

    In: `seller_code`, `buyer_code`, `product_code`, `batch_no`, `issued_on`, `is_company` (the buyer is no
    institution). Out: the same with `is_source` (the seller is the manufacturer, the holder, or deemed for
    either that day), `seller_node`, `buyer_node` (numbers of company × product × batch, null without a
    batch), and `hop` (0 for a source, else 1 + the least hop of the net company lines of this batch that
    reached the seller by then; null where there is no such chain).
    """
    lines = _with_nodes(_with_source(lines, inputs))
    hops = [lines.filter("is_source").select("line", hop=pl.lit(0, pl.Int32))]
    open_ones = lines.filter(~pl.col("is_source") & pl.col("seller_node").is_not_null()).select(
        "line", "seller_node", "issued_on"
    )
    company = lines.filter(pl.col("is_company") & pl.col("buyer_node").is_not_null()).select(
        "line", "buyer_node", "issued_on"
    )
    while not hops[-1].is_empty():
        reached = (
            company.join(hops[-1], on="line")
            .group_by(seller_node="buyer_node")
            .agg(since=pl.col("issued_on").min())
        )
        step = (
            open_ones.join(reached, on="seller_node")
            .filter(pl.col("since") <= pl.col("issued_on"))
            .select("line", hop=pl.lit(len(hops), pl.Int32))
        )
        open_ones = open_ones.join(step, on="line", how="anti")
        hops.append(step)
    return lines.join(pl.concat(hops), on="line", how="left", maintain_order="left")


def _with_source(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    makers = inputs.scan("products").select("product_code", "manufacturer_code", "mah_code").collect()
    lines = lines.join(makers, on="product_code", how="left", maintain_order="left")
    deemed = inputs.scan("deemed_manufacturers").collect()
    stands_for = pl.concat(
        lines.select("seller_code", "product_code", maker=pl.col(c)).unique().drop_nulls()
        for c in ("manufacturer_code", "mah_code")
    ).join(
        deemed.select("enterprise_code", "manufacturer_code", "valid_from", "valid_to", only="product_code"),
        left_on=["seller_code", "maker"], right_on=["enterprise_code", "manufacturer_code"],
    ).filter((pl.col("only") == "") | (pl.col("only") == pl.col("product_code")))  # fmt: skip
    by_deeming = (
        lines.select("line", "seller_code", "product_code", "issued_on")
        .join(stands_for, on=["seller_code", "product_code"])
        .filter(pl.col("issued_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))["line"]
        .unique()
    )
    itself = (pl.col("seller_code") == pl.col("manufacturer_code")) | (
        pl.col("seller_code") == pl.col("mah_code")
    ).fill_null(False)
    return lines.with_columns(is_source=itself | pl.col("line").is_in(by_deeming.implode())).drop(
        "manufacturer_code", "mah_code"
    )


def _with_nodes(lines: pl.DataFrame) -> pl.DataFrame:
    stocked = lines.filter(has_batch("batch_no"))
    nodes = (
        pl.concat(
            stocked.select("product_code", "batch_no", company=c) for c in ("seller_code", "buyer_code")
        )
        .unique()
        .sort("product_code", "batch_no", "company")
        .with_row_index("node")
    )
    for side in ("seller", "buyer"):
        lines = lines.join(
            nodes.rename({"node": f"{side}_node", "company": f"{side}_code"}),
            on=["product_code", "batch_no", f"{side}_code"], how="left", maintain_order="left",
        )  # fmt: skip
    return lines
