"""Chains of invoices: how many companies stand between a seller and the manufacturer (rulebook §6)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up

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
    "NAN",
    "\\N",
    "空",
    "暂无",
    ".",
    "*",
]


def has_batch(batch: pl.Expr) -> pl.Expr:
    """True where the batch says something; an empty one, or 无, - and the like, matches nothing."""
    text = batch.fill_null("").str.normalize("NFKC").str.strip_chars().str.to_uppercase()
    return ~text.is_in(_NO_BATCH)


def with_hops(lines: pl.DataFrame) -> pl.DataFrame:
    """Add to each net line how far its seller stands from the manufacturer on the day of the line.

    In: `line` in rising order, `seller_code`, `buyer_code`, `product_code`, `batch_no` (categorical),
    `issued_on`, `is_company` (the buyer is no institution), `is_source` (`with_source`). Out: the same with
    `seller_node`, `buyer_node` (numbers of company × product × batch, null without a batch), and `hop` (0 for a
    source, else 1 + the least hop of the net company lines of this batch that reached the seller by then; null where
    there is no such chain).
    """
    lines = _with_nodes(lines)
    reaching = lines.filter("is_source").select("line", hop=pl.lit(0, pl.Int32))
    hops = [reaching]
    open_ones = lines.filter(~pl.col("is_source") & pl.col("seller_node").is_not_null()).select(
        "line", "seller_node", "issued_on"
    )
    company = lines.filter(pl.col("is_company") & pl.col("buyer_node").is_not_null()).select("line", "buyer_node", "issued_on")
    while not reaching.is_empty():
        since = (
            company.lazy()
            .join(reaching.lazy(), on="line")
            .group_by(seller_node="buyer_node")
            .agg(since=pl.col("issued_on").min())
        )
        met = open_ones.lazy().join(since, on="seller_node", how="left", maintain_order="left").collect()
        is_reached = (met["since"] <= met["issued_on"]).fill_null(False)
        reaching = met.filter(is_reached).select("line", hop=pl.lit(len(hops), pl.Int32))
        open_ones = open_ones.filter(~is_reached)
        hops.append(reaching)
    return look_up(lines, pl.concat(hops), ["line"])


def with_source(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `is_source`: the seller is the manufacturer, the holder, or deemed for either that day.

    What does not hang on the day is found once for each seller and product.
    """
    sold = ["seller_code", "product_code"]
    makers = inputs.scan("products").select("product_code", "manufacturer_code", "mah_code").collect()
    pairs = lines.select(sold).unique().with_row_index("pair")
    named = pairs.with_columns(pl.col(sold).cast(pl.String)).join(makers, on="product_code", how="left")
    itself = pl.any_horizontal((pl.col("seller_code") == pl.col(c)).fill_null(False) for c in ("manufacturer_code", "mah_code"))
    deemed = inputs.scan("deemed_manufacturers").collect()
    stands_for = (
        pl.concat(named.select("pair", *sold, maker=pl.col(c)).drop_nulls() for c in ("manufacturer_code", "mah_code"))
        .join(
            deemed.select("enterprise_code", "manufacturer_code", "valid_from", "valid_to", only="product_code"),
            left_on=["seller_code", "maker"],
            right_on=["enterprise_code", "manufacturer_code"],
        )
        .filter((pl.col("only") == "") | (pl.col("only") == pl.col("product_code")))
    )
    own = named.filter(itself).select("pair", itself=True)
    pair = look_up(lines.select("line", "issued_on", *sold), pairs, sold).drop(sold)
    by_deeming = (
        pair.join(stands_for, on="pair")
        .filter(pl.col("issued_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .select("line", deemed=True)
        .unique()
    )
    found = look_up(look_up(pair, own, ["pair"]), by_deeming, ["line"])
    return lines.with_columns(is_source=found["itself"].fill_null(False) | found["deemed"].fill_null(False))


def _with_nodes(lines: pl.DataFrame) -> pl.DataFrame:
    """Number product × batch; this number and that of the company side by side are the node."""
    batch = ["product_code", "batch_no"]
    stocks = lines.select(batch).unique().filter(has_batch(pl.col("batch_no").cast(pl.String))).with_row_index("stock")
    stock = look_up(lines.select(batch), stocks, batch)["stock"].cast(pl.Int64) * 2**32
    return lines.with_columns(
        (stock + pl.col(f"{side}_code").to_physical().cast(pl.Int64)).alias(f"{side}_node") for side in ("seller", "buyer")
    )
