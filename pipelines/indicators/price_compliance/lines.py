"""What each line was paid and charged beside what it should have been (obligations §25)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.lines.expected import with_expected
from pipelines.lines.lines import lines_of

METHOD, TOLERANCE = "pack_price_method", "price_tolerance"
KINDS, EXEMPT = "markup_kinds", "markup_exempt_categories"
SIDES = ("over", "below", "within")
CHARGES = ("free", "as_paid", "marked_up")
LINE = ["institution_code", "delivery_id"]
_ORDERED = ["jurisdiction_code", "ordered_on"]
_CHARGED = ["jurisdiction_code", "accepted_on", "kind", "special_category"]


def priced_lines(inputs: Inputs) -> pl.DataFrame:
    """Every line by LINE, `product_code`, `distributor_code`, `jurisdiction_code` (categorical), `ordered_on`, `accepted_on` and
    `month` of acceptance, with `packs` (10⁻⁴), `units` (10⁻⁸), `value_fen`, and

    `basis` (of BASES) of what a pack should have cost, `expected` and `paid` (10⁻⁴ yuan), and `side` (of SIDES): whether the
    difference is beyond the tolerance, `gap_fen` the difference × packs where it is; all but `paid` null without a basis.
    `charge`: whether what was charged may not be more than what was paid (else `free`, as where nothing says what was charged),
    and whether it was more, `markup_fen` by how much for all packs.
    """
    places = inputs.scan("institutions").select(pl.col("institution_code", "jurisdiction_code").cast(pl.Categorical))
    columns = (*LINE, "product_code", "distributor_code", "ordered_on", "accepted_on", "packs", "units", "value_fen")
    prices = {"paid": scaled("unit_price").cast(pl.Int64), "charged": scaled("charge_price").cast(pl.Int64)}
    units_per_pack = pl.col("units_per_pack").cast(pl.Int64)
    read = lines_of(inputs).select(*columns, *_CHARGED[2:], units_per_pack=units_per_pack, **prices)
    lines = read.join(places, on="institution_code").collect()
    lines = look_up(lines, _of_order(lines, inputs), _ORDERED)
    lines = look_up(with_expected(lines, inputs), _of_charge(lines, inputs), _CHARGED)
    return lines.lazy().with_columns(**_sides(), **_charges()).select(*columns, "jurisdiction_code", "paid", *_ADDED).collect()


_ADDED = ("month", "basis", "expected", "side", "gap_fen", "charge", "markup_fen")


def _sides() -> dict[str, pl.Expr]:
    """The tolerance is 10⁻⁶ yuan."""
    gap, allowed = pl.col("paid") - pl.col("expected"), pl.col("tolerance")
    over, below = gap * 100 > allowed, -gap * 100 > allowed
    side = pl.when(over).then(pl.lit("over")).when(below).then(pl.lit("below")).otherwise(pl.lit("within"))
    fen = round_half_up(gap.cast(pl.Int128) * pl.col("packs"), 10**6)
    return {
        "side": pl.when(pl.col("basis").is_not_null()).then(side.cast(pl.Enum(SIDES))),
        "gap_fen": pl.when(over | below).then(fen),
    }


def _charges() -> dict[str, pl.Expr]:
    """The tolerance is one of a minimum unit, of a pack where it holds less than one."""
    more = pl.col("charged") - pl.col("paid")
    is_bound = pl.col("is_bound") & pl.col("charged").is_not_null()
    allowed = pl.col("tolerance").cast(pl.Int128) * pl.max_horizontal("units_per_pack", pl.lit(10**4))
    is_more = is_bound & (more.cast(pl.Int128) * 10**6 > allowed)
    charge = pl.when(is_more).then(pl.lit("marked_up")).when(is_bound).then(pl.lit("as_paid")).otherwise(pl.lit("free"))
    return {
        "charge": charge.cast(pl.Enum(CHARGES)),
        "markup_fen": pl.when(is_more).then(round_half_up(more.cast(pl.Int128) * pl.col("packs"), 10**6)),
    }


def _of_order(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What policy says of a division on the day of an order: the method of estimates, and the `tolerance` (10⁻⁶ yuan)."""
    days = lines.select(_ORDERED).unique().with_columns(pl.col("jurisdiction_code").cast(pl.String))
    for parameter in (METHOD, TOLERANCE):
        days = inputs.with_policy(days, parameter, "ordered_on")
    codes = pl.col("jurisdiction_code", METHOD).cast(pl.Categorical)
    return days.select(codes, "ordered_on", tolerance=pl.col(TOLERANCE).to_physical().cast(pl.Int64))


def _of_charge(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What policy says of a kind and special category in a division on a day, and the month of the day."""
    cases = lines.select(_CHARGED).unique().with_columns(pl.col("jurisdiction_code").cast(pl.String))
    for parameter in (KINDS, EXEMPT):
        cases = inputs.with_policy(cases, parameter, "accepted_on")
    is_kind = pl.col("kind").cast(pl.String).is_in(pl.col(KINDS)).fill_null(False)
    is_exempt = pl.col("special_category").cast(pl.String).is_in(pl.col(EXEMPT)).fill_null(False)
    return cases.select(
        pl.col("jurisdiction_code").cast(pl.Categorical),
        *_CHARGED[1:],
        is_bound=is_kind & ~is_exempt,
        month=pl.col("accepted_on").dt.strftime("%Y-%m").cast(pl.Categorical),
    )
