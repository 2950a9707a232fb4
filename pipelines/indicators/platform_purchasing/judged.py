"""Which lines have to be bought on the platform, and how they were (obligations §20)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.lines.lines import lines_of
from pipelines.lines.listed import with_lists

PARTS = ("exempt", "emergency", "platform", "offline")
IS_BOUND = (pl.col("ownership") == "public") | pl.col("level").is_in(["primary", "village"]).fill_null(False)
"""Of whom findings are raised: public institutions, and those of level primary or village whatever their ownership."""
_CASE = ["jurisdiction_code", "accepted_on", "kind", "special_category"]


def judged_lines(inputs: Inputs) -> pl.DataFrame:
    """The lines of kinds that have to be bought on the platform, and of products listed for it, as policy and lists are on
    their day where the institution is.

    Out: `institution_code`, `delivery_id`, `distributor_code`, `product_code`, `accepted_on`, `month`, `kind`, `units` (10⁻⁸),
    `value_fen`, the `part` that the line belongs to (the first of PARTS that holds), and `is_raised`: whether one bought off
    the platform is a finding: of an institution that is bound, as far back as findings are raised.
    """
    places = _places(inputs).lazy()
    columns = ("institution_code", "delivery_id", "distributor_code", "product_code", "channel", "is_emergency")
    lines = lines_of(inputs).select(*columns, *_CASE[1:], "units", "value_fen").join(places, on="institution_code").collect()
    lines = look_up(lines, _cases(lines, inputs), _CASE)
    listed = with_lists(lines.lazy().filter(~pl.col("is_kind")), inputs, "platform_consumable").filter("is_platform_consumable")
    found = pl.concat([lines.lazy().filter("is_kind"), listed.select(lines.columns)])
    part = (
        pl.when("is_exempt")
        .then(pl.lit("exempt"))
        .when("is_emergency")
        .then(pl.lit("emergency"))
        .otherwise(pl.col("channel").cast(pl.String))
    )
    is_raised = pl.col("is_bound") & (pl.col("accepted_on") >= pl.col("raised_from"))
    return found.select(
        *columns[:4], "accepted_on", "month", "kind", "units", "value_fen", part=part.cast(pl.Enum(PARTS)), is_raised=is_raised
    ).collect()


def _places(inputs: Inputs) -> pl.DataFrame:
    """Every institution, its division, whether it is bound, and the first day of which findings are still raised."""
    places = inputs.scan("institutions").select(
        "institution_code", "jurisdiction_code", is_bound=IS_BOUND, today=pl.lit(inputs.as_of)
    )
    found = inputs.with_policy(places.collect(), "findings_from", "today")
    return found.select(
        pl.col("institution_code", "jurisdiction_code").cast(pl.Categorical),
        "is_bound",
        raised_from=pl.date(inputs.as_of.year - pl.col("findings_from"), 1, 1),
    )


def _cases(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What policy says of a kind and special category in a division on a day, and the month of the day."""
    cases = lines.select(_CASE).unique().with_columns(pl.col("jurisdiction_code").cast(pl.String))
    for parameter in ("platform_kinds", "platform_exempt_categories"):
        cases = inputs.with_policy(cases, parameter, "accepted_on")
    return cases.select(
        pl.col("jurisdiction_code").cast(pl.Categorical),
        *_CASE[1:],
        is_kind=pl.col("kind").cast(pl.String).is_in(pl.col("platform_kinds")),
        is_exempt=pl.col("special_category").cast(pl.String).is_in(pl.col("platform_exempt_categories")),
        month=pl.col("accepted_on").dt.strftime("%Y-%m").cast(pl.Categorical),
    )
