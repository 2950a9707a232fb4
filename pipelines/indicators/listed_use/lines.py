"""What institutions bought, line by line: on which lists it was, and what it was beside what was selected (obligations §17)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Changes, Frames, Inputs, Link, Links
from pipelines.indicators.listed_use.places import negotiable, places_of
from pipelines.indicators.listed_use.windows import moved_between, windows_of
from pipelines.lines.classes import with_use
from pipelines.lines.lines import lines_of
from pipelines.lines.listed import with_lists
from pipelines.lines.products import drug_codes_of

UNIT = ("institution_code", "delivery_id")
_GROUPS = ("generic_code", "head_code", "drug_code", "jurisdiction_code")
_FLAGS = ("is_essential", "is_insured", "is_other")


def evidence(inputs: Inputs) -> Frames:
    """`lines`: the lines of all windows with minimum units (10⁻⁸) and value in fen; on their day `is_essential`, `is_insured`,
    and `is_other` (a drug's, of none of W, N and S of §16). What else one counts for: `generic_code`, where it is of a
    drug that was not selected, recent or usual; `head_code` and `drug_code`, where it is of a drug that a family bought
    this year; `jurisdiction_code`, where it is of a product that may be negotiated, bought this year by one that should
    have it; each null where it does not. With file, sheet and line. `past` (lazy): the lines before all windows.
    """
    windows = windows_of(inputs.as_of)
    lines = lines_of(inputs)
    within = lines.filter(pl.col("accepted_on") >= windows.first)
    listed = with_lists(with_use(within, inputs), inputs, "essential", "insured")
    day, is_drug = pl.col("accepted_on"), pl.col("kind") == "drug"
    is_watched = is_drug & ~pl.col("is_selected") & (day.is_between(*windows.recent) | day.is_between(*windows.usual))
    this_year = day.is_between(*windows.year)
    found = (
        listed.join(places_of(inputs).lazy(), on="institution_code")
        .join(drug_codes_of(inputs).lazy(), on="product_code")
        .join(negotiable(inputs).lazy().with_columns(is_negotiable=True), on="product_code", how="left")
        .with_columns(
            is_other=is_drug & pl.col("use").is_null() & ~pl.col("is_substitute"),
            generic_code=pl.when(is_watched).then("generic_code"),
            head_code=pl.when(is_drug & this_year).then("member_of"),
            jurisdiction_code=pl.when(this_year & pl.col("is_negotiable")).then("counted_in"),
        )
    )
    columns = (*UNIT, "product_code", "accepted_on", "units", "value_fen", *_FLAGS, *_GROUPS, "_file", "_sheet", "_line")
    return {"lines": found.select(columns), "past": lines.filter(day < windows.first).select(UNIT)}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines` and `past`: the same, a row each."""
    rows = pl.lit(1, pl.Int64)
    lines = (
        evidence["lines"]
        .lazy()
        .select(*UNIT, "product_code", "accepted_on", "units", "value_fen", *_FLAGS, *_GROUPS, rows=rows)
    )
    found = pl.collect_all([lines, evidence["past"].lazy().select(*UNIT, rows=rows)])
    return dict(zip(("lines", "past"), found, strict=True))


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """What lines come to in the windows.

    `bought`: by institution and product, lines, fen, and of these what was essential, insured, other; and of the year before;
    `watched`: by institution and generic, units (10⁻⁸) and fen of the last 90 days, units of the 360 before;
    `of_families`: by head, institution and drug code, lines, and of these essential ones;
    `of_negotiable`: by division, institution and product, lines and fen;
    `long_known`: by institution, lines by the last day on which it must have bought; `divisions`: by division, who should
    have negotiated drugs there.
    """
    windows, lines = windows_of(inputs.as_of), sums["lines"].lazy()
    day, fen, rows = pl.col("accepted_on"), pl.col("value_fen"), pl.col("rows")
    year, before = (day.is_between(*window) for window in (windows.year, windows.before))
    recent, usual = (day.is_between(*window) for window in (windows.recent, windows.usual))
    of_year = {
        "lines": rows,
        "fen": fen,
        **{f"{what}_lines": rows * pl.col(f"is_{what}") for what in ("essential", "insured")},
        **{f"{what}_fen": fen * pl.col(f"is_{what}") for what in ("essential", "insured", "other")},
    }
    frames = {
        "bought": lines.filter(year | before)
        .group_by("institution_code", "product_code")
        .agg(
            rows.sum(),
            **{name: _sum_where(year, value) for name, value in of_year.items()},
            lines_before=_sum_where(before, rows),
            fen_before=_sum_where(before, fen),
        ),
        "watched": lines.filter(pl.col("generic_code").is_not_null())
        .group_by("institution_code", "generic_code")
        .agg(
            rows.sum(),
            recent_units=_sum_where(recent, pl.col("units")),
            recent_fen=_sum_where(recent, fen),
            usual_units=_sum_where(usual, pl.col("units")),
        ),
        "of_families": lines.filter(pl.col("head_code").is_not_null())
        .group_by("head_code", "institution_code", "drug_code")
        .agg(rows.sum(), essential_lines=(rows * pl.col("is_essential")).sum()),
        "of_negotiable": lines.filter(pl.col("jurisdiction_code").is_not_null())
        .group_by("jurisdiction_code", "institution_code", "product_code")
        .agg(rows.sum(), fen=fen.sum()),
        "long_known": pl.concat(
            [
                sums["past"].lazy().select("institution_code", "rows"),
                lines.filter(day.is_between(*windows.past)).select("institution_code", "rows"),
            ]
        )
        .group_by("institution_code")
        .agg(rows.sum()),
        "divisions": sums["members"]
        .lazy()
        .group_by("jurisdiction_code")
        .agg(pl.col("institutions", "pharmacies", "rows").sum()),
    }
    return dict(zip(frames, pl.collect_all(frames.values()), strict=True))


def _sum_where(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(value).otherwise(0).sum()


GRAINS = {
    "bought": ("institution_code",),
    "watched": ("institution_code",),
    "long_known": ("institution_code",),
    "of_families": ("head_code",),
    "of_negotiable": ("jurisdiction_code",),
    "divisions": ("jurisdiction_code",),
}

LINKS: Links = {"deliveries": Link(), "returns": Link(day="returned_on")}


def wakes(changes: Changes) -> pl.DataFrame:
    """The lines that come into a window, or leave one: one that is accepted comes into those that end with as_of."""
    moved = changes.now.scan("deliveries").filter(moved_between(*changes.days))
    return moved.select(UNIT).collect()
