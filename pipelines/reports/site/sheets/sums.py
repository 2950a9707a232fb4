"""Sums of report rows, and rates as quotients of the sums: Σ numerator ÷ Σ denominator, never a mean of rates."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.reports import REPORTS

TIME_PROGRESS = "time_progress"
_ADDED = {"agreed_volume_rollup": ("expected_fen",)}
_QUOTIENTS: dict[str, dict[str, tuple[pl.Expr, pl.Expr]]] = {
    "agreed_volume_rollup": {
        "execution_rate": (pl.col("net_fen"), pl.col("agreed_fen")),
        "capped_rate": (pl.col("capped_fen"), pl.col("agreed_fen")),
        "completed_share": (pl.col("completed"), pl.col("commitments")),
        TIME_PROGRESS: (pl.col("expected_fen"), pl.col("agreed_fen")),
    },
    "payment_timeliness": {
        "on_time_rate_amount": (pl.col("on_time_fen"), pl.col("matured_fen")),
        "on_time_rate_count": (pl.col("on_time_count"), pl.col("matured_count")),
        "on_time_rate_amount_excused": (pl.col("on_time_fen"), pl.col("matured_fen") - pl.col("excused_fen")),
        "weighted_days": (pl.col("paid_fen_days"), pl.col("paid_fen")),
    },
    "two_invoice_compliance": {
        f"{rate}_rate_{name}": (above, below)
        for name, unit in (("amount", "fen"), ("count", "count"))
        for judged in [pl.col(f"compliant_{unit}") + pl.col(f"violation_{unit}")]
        for rate, above, below in (
            ("compliance", pl.col(f"compliant_{unit}"), judged),
            ("verified", judged, pl.col(f"scope_{unit}")),
        )
    },
}


def sum_rows(table: str, frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Rows of a report table summed by some of its columns: its fen and counts, and the rates of the sums.

    A rate whose denominator is 0 is null.
    """
    summed = [c.name for c in REPORTS[table].columns if c.type in ("fen", "count")]
    summed += _ADDED.get(table, ())
    sums = frame.group_by(by).agg(pl.col(summed).sum())
    return sums.with_columns(quotient(table, rate) for rate in _QUOTIENTS[table])


def quotient(table: str, rate: str) -> pl.Expr:
    """A rate of a report table from its sums; null where the denominator is 0."""
    above, below = _QUOTIENTS[table][rate]
    return pl.when(below != 0).then(above / below).alias(rate)
