"""Roll-up of commitments by institution, jurisdiction, lot, item and altogether (rulebook §4)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import as_quantity, quotient_of

_SUMMED = ["agreed", "net", "capped", "agreed_fen", "net_fen", "capped_fen", "completed", "rows"]
_APART = ["phase", "duty"]


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
    by_institution = _sum(rows, ["institution_code", "jurisdiction_code"])
    by_item = _sum(rows, ["lot_code", "item_code"])
    levels = [
        _sum_level("institution", by_institution, ["institution_code"]),
        _sum_level("jurisdiction", by_institution, ["jurisdiction_code"]),
        _sum_level("lot", by_item, ["lot_code"]),
        _sum_level("item", by_item, ["lot_code", "item_code"]),
        _sum_level("all", by_institution, []),
    ]
    return pl.concat(pl.collect_all(levels))


def _sum(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    return rows.group_by(*columns, *_APART).agg(pl.col(_SUMMED).sum())


def _sum_level(level: str, rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    code = pl.concat_str(columns, separator="/") if columns else pl.lit("all")
    return _sum(rows, columns).select(pl.lit(level).alias("level"), code.alias("code"), *_APART, *_SUMMED)


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
