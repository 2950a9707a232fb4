"""Roll-up of commitments by institution, jurisdiction, lot, item and altogether (rulebook §4)."""

from __future__ import annotations

import polars as pl

from pipelines.indicators.figures import as_quantity, quotient_of

_LEVELS = {
    "institution": ["institution_code"],
    "jurisdiction": ["jurisdiction_code"],
    "lot": ["lot_code"],
    "item": ["lot_code", "item_code"],
    "all": [],
}
_SUMMED = ["agreed", "net", "capped", "agreed_fen", "net_fen", "capped_fen"]


def phase_and_duty() -> list[pl.Expr]:
    """What keeps commitments apart in every level: running or ended, mandatory (public) or voluntary."""
    public = pl.col("ownership").cast(pl.String) == "public"
    return [
        pl.when("has_ended").then(pl.lit("ended")).otherwise(pl.lit("running")).alias("phase"),
        pl.when(public).then(pl.lit("mandatory")).otherwise(pl.lit("voluntary")).alias("duty"),
    ]


def sum_levels(commitments: pl.LazyFrame) -> pl.DataFrame:
    """Sums by level, code, phase and duty over the sums of commitments.

    Out: `level`, `code`, `phase`, `duty`; `agreed`, `net`, `capped` (10⁻¹² minimum units) and the same in
    fen, `completed`, `rows` (the commitments). Those not started or cancelled are no part of any level.
    """
    rows = commitments.filter(~pl.col("status").is_in(["not_started", "cancelled"])).with_columns(
        capped=pl.min_horizontal("net", "agreed"), completed=(pl.col("status") == "completed").cast(pl.Int64)
    )
    totals = [
        rows.group_by(*columns, "phase", "duty")
        .agg(pl.col(*_SUMMED, "completed", "rows").sum())
        .select(
            pl.lit(level).alias("level"),
            pl.concat_str(columns, separator="/").alias("code")
            if columns
            else pl.lit("all").alias("code"),
            "phase", "duty", *_SUMMED, "completed", "rows",
        )
        for level, columns in _LEVELS.items()
    ]  # fmt: skip
    return pl.concat(pl.collect_all(totals))


def rollup(sums: pl.LazyFrame) -> pl.DataFrame:
    """Σnet/Σagreed and Σmin(net, agreed)/Σagreed side by side; quantities only where one item is summed, fen
    elsewhere.
    """
    is_item = pl.col("level") == "item"

    def per_agreed(name: str) -> pl.Expr:
        above, below = (pl.when(is_item).then(c).otherwise(f"{c}_fen") for c in (name, "agreed"))
        return quotient_of(above, below)

    return sums.with_columns(
        commitments="rows",
        execution_rate=per_agreed("net"),
        capped_rate=per_agreed("capped"),
        completed_share=quotient_of("completed", "rows"),
        **{f"{c}_quantity": pl.when(is_item).then(as_quantity(c)) for c in ("agreed", "net", "capped")},
    ).collect()
