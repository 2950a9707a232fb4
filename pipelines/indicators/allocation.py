"""First in, first out: which payment settles which payable."""

from __future__ import annotations

import polars as pl

ALLOCATION = {"pay": pl.UInt32(), "due": pl.UInt32(), "amount": pl.Int64()}


def allocate(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """Let the payments of each group settle its payables in order.

    In: payments `group`, `pay` (their order), `amount` > 0; payables `group`, `due` (their order), `amount` >
    0. Out: `pay`, `due`, `amount` in fen, one row per pair that met. Laid end to end, both sides of a group
    cut one line of money; each piece of it belongs to one payment and one payable.
    """
    cuts = pl.concat(
        [
            _lay_end_to_end(payments, "pay").with_columns(due=pl.lit(None, pl.UInt32)),
            _lay_end_to_end(payables, "due")
            .with_columns(pay=pl.lit(None, pl.UInt32))
            .select("group", "end", "pay", "due"),
        ]
    )
    pieces = (
        cuts.group_by("group", "end")
        .agg(pl.col("pay", "due").max())
        .sort("group", "end")
        .with_columns(
            pl.col("pay", "due").backward_fill().over("group"),
            amount=pl.col("end") - pl.col("end").shift(1, fill_value=0).over("group"),
        )
    )
    return pieces.filter(pl.col("pay").is_not_null() & pl.col("due").is_not_null()).select(*ALLOCATION)


def allocate_shared(payments: pl.DataFrame, payables: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The same where payers share payables in part (a head institution pays for itself and a branch, the
    branch for itself).

    In: payments `payer`, `pay`, `amount`; payables `holder`, `due`, `amount`; `links`: which `payer` may
    settle which `holder`. Such invoices are few, so they are walked one payment at a time.
    """
    holders = {payer: set(held) for payer, held in links.group_by("payer").agg("holder").iter_rows()}
    open_by_holder: dict[int, list[list[int]]] = {}
    for holder, due, amount in payables.sort("due").select("holder", "due", "amount").iter_rows():
        open_by_holder.setdefault(holder, []).append([due, amount])
    found = []
    for payer, pay, amount in payments.sort("pay").select("payer", "pay", "amount").iter_rows():
        queue = sorted(
            (item for h in holders.get(payer, ()) for item in open_by_holder.get(h, [])),
            key=lambda item: item[0],
        )
        for item in queue:
            paid = min(amount, item[1])
            if paid:
                found.append((pay, item[0], paid))
                item[1] -= paid
                amount -= paid
    return pl.DataFrame(found, schema=ALLOCATION, orient="row")


def _lay_end_to_end(rows: pl.DataFrame, order: str) -> pl.DataFrame:
    return rows.sort("group", order).select(
        "group", pl.col("amount").cum_sum().over("group").alias("end"), order
    )
