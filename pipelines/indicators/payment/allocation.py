"""First in, first out: which payment settles which payable."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import running_sum

ALLOCATION = {"pay": pl.UInt32(), "due": pl.UInt32(), "amount": pl.Int64()}


def allocate(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """Let the payments of each group settle its payables in order.

    In: payments `group`, `pay` (their order), `amount` > 0; payables `group`, `due` (their order), `amount` >
    0. Out: `pay`, `due`, `amount` in fen, one row per pair that met, in the order of group, pay, due. What
    one side of a group has more than the other is cut off its end. Then both sides, laid end to end, cover
    one and the same line of money, and each piece between two cuts belongs to one payment and one payable.
    """
    paid, owed = pl.collect_all([_cut_off(payments, payables, "pay"), _cut_off(payables, payments, "due")])
    paid_to, owed_to = paid["amount"].cum_sum(), owed["amount"].cum_sum()
    cuts = pl.concat([paid_to, owed_to]).sort()
    ends = cuts.filter(cuts != cuts.shift(1, fill_value=0))
    return pl.DataFrame(
        {
            "pay": paid["pay"].gather(paid_to.search_sorted(ends)),
            "due": owed["due"].gather(owed_to.search_sorted(ends)),
            "amount": ends - ends.shift(1, fill_value=0),
        },
        schema=ALLOCATION,
    )


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
        queue = sorted((item for h in holders.get(payer, ()) for item in open_by_holder.get(h, [])), key=lambda item: item[0])
        for item in queue:
            paid = min(amount, item[1])
            if paid:
                found.append((pay, item[0], paid))
                item[1] -= paid
                amount -= paid
    return pl.DataFrame(found, schema=ALLOCATION, orient="row")


def _cut_off(rows: pl.DataFrame, others: pl.DataFrame, order: str) -> pl.LazyFrame:
    """The rows in order of group and `order`, each group up to what the other side's group comes to."""
    room = others.lazy().group_by("group").agg(room=pl.col("amount").sum())
    before = pl.col("before")
    return (
        rows.lazy()
        .select("group", order, "amount")
        .join(room, on="group")
        .sort(pl.col("group").cast(pl.Int64) * 2**32 + pl.col(order).cast(pl.Int64))
        .with_columns(before=running_sum("amount", "group") - pl.col("amount"))
        .filter(before < pl.col("room"))
        .select(order, amount=pl.min_horizontal("amount", pl.col("room") - before))
    )
