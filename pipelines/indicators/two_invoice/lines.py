"""Net invoice lines: what is left of each line once void invoices are gone and red ones are taken off."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.order import in_order, look_up

LINE = ["invoice_code", "invoice_no", "line_no"]
READ = (
    *(*LINE, "status", "issued_on", "seller_code", "buyer_code", "product_code", "batch_no", "quantity", "amount_fen"),
    *("red_of_invoice_code", "red_of_invoice_no"),
)
"""What is read of an invoice."""
_ORDER = ["issued_on", *LINE]
_SAME = ["seller_code", "product_code", "batch"]
_IS_RED = pl.col("red_of_invoice_no").is_not_null() | (pl.col("packs") < 0) | (pl.col("amount_fen") < 0)


def net_lines(invoices: pl.LazyFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (net lines, red lines that took off less than they say).

    In: the records of invoices (`READ`). Out: `invoice_code`, `invoice_no`, `line_no`, `seller_code`, `buyer_code`,
    `product_code`, `batch_no` (these four categorical), `issued_on`, `net` (packs × 10⁴), `net_fen`, numbered
    by `line` in the order issued_on, code, number, line; and reds with `excess` (10⁻⁴ packs) and
    `excess_fen`. A red line takes its quantity and its amount, each on its own, off the lines of the invoice
    it names (same seller, product and batch as text) in that order, each down to zero. Void invoices, and
    those after as_of, do not exist.
    """
    rows = (
        invoices.filter((pl.col("status") == "normal") & (pl.col("issued_on") <= as_of))
        .select(
            *LINE,
            pl.col("seller_code", "buyer_code", "product_code", "batch_no").cast(pl.Categorical),
            "issued_on",
            "amount_fen",
            "red_of_invoice_code",
            "red_of_invoice_no",
            packs=scaled("quantity").cast(pl.Int64),
        )
        .collect()
        .pipe(in_order, _ORDER)
        .with_row_index("line")
    )
    taken, excess = _take_off(rows)
    off = look_up(rows.select("line"), taken, ["line"]).fill_null(0)
    net = rows.with_columns(net=pl.col("packs") - off["packs_off"], net_fen=pl.col("amount_fen") - off["fen_off"])
    left = (
        net.lazy()
        .filter(~_IS_RED & (pl.col("net") > 0))
        .drop("packs", "amount_fen", "red_of_invoice_code", "red_of_invoice_no")
    )
    return left.collect(), excess


def _take_off(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What comes off each line (`line`, `packs_off`, `fen_off`), and what each red line could not take off."""
    batch = pl.col("batch_no").cast(pl.String).fill_null("").alias("batch")
    red = rows.filter(_IS_RED).rename({"line": "red"})
    named = red.filter(pl.col("red_of_invoice_no").is_not_null()).with_columns(
        batch, code=pl.col("red_of_invoice_code").fill_null("")
    )
    numbers = named["red_of_invoice_no"].unique()
    named_ones = rows.filter(~_IS_RED & pl.col("invoice_no").is_in(numbers.implode()))
    targets = named.join(
        named_ones.with_columns(batch).select(
            "line", *_SAME, "invoice_code", "invoice_no", blue_packs="packs", blue_fen="amount_fen"
        ),
        left_on=["red_of_invoice_no", *_SAME],
        right_on=["invoice_no", *_SAME],
    ).filter((pl.col("code") == "") | (pl.col("code") == pl.col("invoice_code_right")))
    packs = _take(targets, "packs", "blue_packs", "packs_off")
    fen = _take(targets, "amount_fen", "blue_fen", "fen_off")
    off = packs.join(fen, on=["red", "line"], how="full", coalesce=True)
    by_line = off.group_by("line").agg(pl.col("packs_off", "fen_off").sum())
    by_red = off.group_by("red").agg(pl.col("packs_off", "fen_off").sum())
    excess = (
        red.join(by_red, on="red", how="left")
        .with_columns(
            excess=-pl.col("packs") - pl.col("packs_off").fill_null(0),
            excess_fen=-pl.col("amount_fen") - pl.col("fen_off").fill_null(0),
        )
        .filter((pl.col("excess") > 0) | (pl.col("excess_fen") > 0))
        .select(
            *LINE, "seller_code", "product_code", "batch_no", "red_of_invoice_code", "red_of_invoice_no", "excess", "excess_fen"
        )
    )
    return by_line, excess


def _take(targets: pl.DataFrame, wanted: str, standing: str, name: str) -> pl.DataFrame:
    """Walk the red lines in order; they are few, and each meets the lines of one invoice only."""
    owed: dict[int, int] = {}
    left: dict[int, int] = {}
    found = []
    for red, line, amount, stands in targets.sort("red", "line").select("red", "line", wanted, standing).iter_rows():
        off = min(owed.setdefault(red, -amount), left.setdefault(line, stands))
        if off > 0:
            owed[red] -= off
            left[line] -= off
            found.append((red, line, off))
    return pl.DataFrame(found, schema={"red": pl.UInt32, "line": pl.UInt32, name: pl.Int64}, orient="row")
