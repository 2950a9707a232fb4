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


def side_by_side(first: str, second: str) -> pl.Expr:
    """Two categories as one number, by which rows meet in half the time; null where one of them is."""
    high, low = (pl.col(name).to_physical().cast(pl.Int64) for name in (first, second))
    return high * 2**32 + low


SALE = side_by_side("product_code", "seller_code").alias("sale")
"""What a company sells of a product, of whatever batch."""


def with_hops(lines: pl.DataFrame) -> pl.DataFrame:
    """Add to each net line how far its seller stands from the manufacturer on the day of the line.

    In: `line` in rising order, `seller_code`, `buyer_code`, `product_code`, `batch_no` (categorical),
    `issued_on`, `is_company` (the buyer is no institution), `is_source` (`with_source`). Out: the same with
    `seller_node`, `buyer_node` (numbers of company × product × batch, null without a batch, and of buyers that are no
    company), and `hop` (0 for a source, else 1 + the least hop of the net company lines of this batch that reached the
    seller by then; null where there is no such chain).
    """
    lines = _with_nodes(lines)
    hops: list[pl.DataFrame] = []
    open_ones, is_reached = lines.select("line", "seller_node", "buyer_node", "issued_on"), lines["is_source"]
    while not hops or is_reached.any():
        reaching, open_ones = open_ones.filter(is_reached), open_ones.filter(~is_reached)
        hops.append(reaching.select("line", hop=pl.lit(len(hops), pl.Int32)))
        bought = reaching.lazy().filter(pl.col("buyer_node").is_not_null()).group_by(seller_node="buyer_node")
        since = bought.agg(since=pl.col("issued_on").min())
        met = open_ones.lazy().join(since, on="seller_node", how="left", maintain_order="left")
        is_reached = met.select((pl.col("since") <= pl.col("issued_on")).fill_null(False)).collect().to_series()
    return look_up(lines, pl.concat(hops), ["line"])


def with_source(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `is_source`: the seller is the manufacturer, the holder, or deemed for either that day."""
    products = inputs.scan("products").select("product_code", "manufacturer_code", "mah_code")
    makers = pl.concat(products.select("product_code", maker=c) for c in ("manufacturer_code", "mah_code")).drop_nulls()
    deemed = (
        inputs.scan("deemed_manufacturers")
        .select("enterprise_code", "valid_from", "valid_to", maker="manufacturer_code", only="product_code")
        .join(makers, on="maker")
        .filter((pl.col("only") == "") | (pl.col("only") == pl.col("product_code")))
    )
    own = _sales(makers, "maker")["sale"].unique()
    by_day = _sales(deemed, "enterprise_code")
    deemed_lines = (
        lines.select("line", "issued_on", SALE)
        .join(by_day, on="sale")
        .filter(pl.col("issued_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))["line"]
        .unique()
    )
    return lines.with_columns(is_source=SALE.is_in(own.implode()) | pl.col("line").is_in(deemed_lines.implode()))


def _sales(rows: pl.LazyFrame, seller: str) -> pl.DataFrame:
    """The rows with their `sale`."""
    codes = rows.with_columns(pl.col("product_code").cast(pl.Categorical), seller_code=pl.col(seller).cast(pl.Categorical))
    return codes.with_columns(SALE).collect()


def _with_nodes(lines: pl.DataFrame) -> pl.DataFrame:
    """Number product × batch; this number and that of the company side by side are the node."""
    keyed = lines.select("batch_no", batch=side_by_side("product_code", "batch_no"))
    stocks = keyed.unique("batch").filter(has_batch(pl.col("batch_no").cast(pl.String))).select("batch").with_row_index("stock")
    stock = look_up(keyed, stocks, ["batch"])["stock"].cast(pl.Int64) * 2**32
    seller, buyer = (stock + pl.col(f"{side}_code").to_physical().cast(pl.Int64) for side in ("seller", "buyer"))
    return lines.with_columns(seller_node=seller, buyer_node=pl.when("is_company").then(buyer))
