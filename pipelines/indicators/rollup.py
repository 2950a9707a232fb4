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


def sum_levels(commitments: pl.DataFrame) -> pl.DataFrame:
    """Sums by level, code, phase and duty over judged commitments (`judge`).

    Out: `level`, `code`, `phase`, `duty`; `agreed`, `net`, `capped` (10⁻¹² minimum units) and the same in
    fen, `completed`, `rows` (the commitments). Those not started or cancelled are no part of any level.
    """
    ended, public = pl.col("has_ended"), pl.col("ownership").cast(pl.String) == "public"
    rows = commitments.lazy().filter(~pl.col("status").is_in(["not_started", "cancelled"])).select(
        "institution_code", "jurisdiction_code", "lot_code", "item_code", "agreed", "net", "agreed_fen", "net_fen",
        "capped_fen",
        phase=pl.when(ended).then(pl.lit("ended")).otherwise(pl.lit("running")),
        duty=pl.when(public).then(pl.lit("mandatory")).otherwise(pl.lit("voluntary")),
        capped=pl.min_horizontal("net", "agreed"),
        completed=(pl.col("status") == "completed").cast(pl.Int64),
        rows=pl.lit(1, pl.Int64),
    )  # fmt: skip
    totals = [
        rows.group_by(*columns, "phase", "duty")
        .agg(pl.col(*_SUMMED, "completed", "rows").sum())
        .select(
            pl.lit(level).alias("level"),
            pl.concat_str(pl.col(columns).cast(pl.String), separator="/").alias("code")
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
