"""Lines of which prices are compared, added up by what they are compared within (obligations §25)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of
from pipelines.engine.indicator import Changes, Frames, Inputs, Link, Links
from pipelines.engine.kept import as_text
from pipelines.lines.classes import with_use
from pipelines.lines.lines import lines_of
from pipelines.lines.products import GENERIC, products_of
from pipelines.lines.windows import Window, days_ending

UNIT = ("institution_code", "delivery_id")
OF_PROVINCE = ("province", *GENERIC)
SERIES = ("institution_code", "distributor_code", "product_code")
SHORT = ("shortage", "shortage_prone")
"""Lists that are asked on as_of."""

_CODES = ("institution_code", "product_code")
_LINE = (*SERIES, "ordered_on", "accepted_on", "unit_price", "is_emergency", "is_selected")
_MEASURES = ("packs", "value_fen", "rows")


def evidence(inputs: Inputs) -> Frames:
    """`lines` (lazy): every line with its packs (10⁻⁴), value in fen, and `is_selected`: whether any selection of its product
    holds where the institution is on the day it was ordered. `listed` (lazy): the same for readers, with the keys of the tables,
    packs as they are printed, file, sheet and line, and why it is left out of one of the tables.
    """
    found = with_use(lines_of(inputs), inputs, day="ordered_on")
    return {"lines": found.select("delivery_id", *_LINE, "packs", "value_fen"), "listed": _listed(found, inputs)}


def _listed(found: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    public, drug, value = pl.col("is_public"), pl.col("kind") == "drug", pl.col("value_fen")
    left_out = pl.when(~public).then(pl.lit("不是公立医疗机构"))
    in_window = pl.col("ordered_on").is_between("since", inputs.as_of)
    return found.join(inputs.once(places_of).lazy(), on="institution_code").select(
        *UNIT,
        *("product_code", "distributor_code", "province", "jurisdiction_code"),
        *("ordered_on", "accepted_on", "unit_price", "is_emergency"),
        month=pl.col("accepted_on").dt.strftime("%Y-%m"),
        packs=quotient_of("packs", pl.lit(10**4)),
        value_fen=value,
        purchase_fen=pl.when(drug & public).then(value),
        left_out_price_movements=pl.when(~in_window).then(pl.lit("下单日不在观察期内")),
        left_out_price_peers=left_out.when("is_emergency").then(pl.lit("应急采购")),
        left_out_price_index=left_out.when(~drug).then(pl.lit("不是药品")),
        _file="_file",
        _sheet="_sheet",
        _line="_line",
    )


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: a row each."""
    rows = pl.lit(1, pl.Int64)
    return {"lines": evidence["lines"].lazy().select(*UNIT, *_LINE[1:], "packs", "value_fen", rows=rows).collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """What lines come to: packs (10⁻⁴), fen and lines.

    `peers`: of public institutions without emergencies, by province, generic, route, month, product and institution, and how
    many of the lines were of a product selected; `makers`: of all institutions, by province, generic, route, month and
    manufacturer; `makers_of_year`: the same of as_of's year; `bought`: of public institutions and drugs, by division, product
    and month, and by which month of any year that is; `series`: ordered in the window of the institution, by province,
    generic, route, institution, supplier, product, day of the order and price.
    """
    lines = sums["lines"].lazy().with_columns(pl.col(SERIES).cast(pl.Categorical))
    places, goods = inputs.once(places_of).lazy(), inputs.once(goods_of).lazy()
    month = pl.col("accepted_on").dt.truncate("1mo")
    by_month = (
        lines.group_by(*_CODES, "is_emergency", month=month)
        .agg(pl.col(_MEASURES).sum(), selected=(pl.col("rows") * pl.col("is_selected")).sum())
        .join(places, on="institution_code")
        .join(goods, on="product_code")
        .collect()
        .lazy()
    )
    widest = pl.col("ordered_on").is_between(_first_day(inputs), inputs.as_of)
    rows, is_public, is_drug = pl.col("rows").sum(), pl.col("is_public"), pl.col("kind") == "drug"
    in_year = pl.col("month").dt.year() == inputs.as_of.year
    of_peers, of_makers = (*OF_PROVINCE, "month", "product_code", "institution_code"), (*OF_PROVINCE, "manufacturer_code")
    of_month = ("jurisdiction_code", "season", "month", "product_code")
    found = {
        "peers": by_month.filter(is_public & ~pl.col("is_emergency")).select(*of_peers, *_MEASURES, "selected"),
        "makers": by_month.group_by(*of_makers, "month").agg(rows),
        "makers_of_year": by_month.filter(in_year).group_by(of_makers).agg(rows),
        "bought": by_month.filter(is_public & is_drug)
        .with_columns(season=pl.col("month").dt.strftime("%m"))
        .group_by(of_month)
        .agg(pl.col(_MEASURES).sum()),
        "series": lines.filter(widest)
        .group_by(*SERIES, "ordered_on", "unit_price")
        .agg(rows)
        .join(places, on="institution_code")
        .filter(pl.col("ordered_on") >= pl.col("since"))
        .join(goods, on="product_code")
        .select(*OF_PROVINCE, *SERIES, "ordered_on", "unit_price", "rows"),
    }
    return dict(zip(found, pl.collect_all(map(as_text, found.values())), strict=True))


GRAINS = {
    "peers": ("province", "month", "product_code"),
    "makers": (*OF_PROVINCE, "month"),
    "makers_of_year": OF_PROVINCE,
    "series": SERIES,
    "bought": ("jurisdiction_code", "season"),
}
"""A month is measured by that of the year before: all years of it hold together."""
BESIDE = {"peers": "makers", "series": "makers_of_year"}
"""How many manufacturers there are stands in each row; lines that come hardly ever change it."""

LINKS: Links = {"deliveries": Link(day="accepted_on"), "returns": Link(day="returned_on")}


def places_of(inputs: Inputs) -> pl.DataFrame:
    """Every institution: `institution_code`, `jurisdiction_code`, `province` (categorical), `is_public`, and `since`: the first
    day of its window.
    """
    columns = ("institution_code", "jurisdiction_code", "since")
    code = pl.col("jurisdiction_code")
    public = inputs.scan("institutions").select("institution_code", code, is_public=pl.col("ownership") == "public")
    found = public.collect().join(_windows(inputs), on="jurisdiction_code").with_columns(province=code.str.head(2))
    return found.select(*columns, "province", "is_public").with_columns(pl.col(pl.String).cast(pl.Categorical))


def _windows(inputs: Inputs) -> pl.DataFrame:
    """The first day of the window of every division: `jurisdiction_code`, `since`."""
    divisions = inputs.scan("institutions").select("jurisdiction_code", today=pl.lit(inputs.as_of)).unique().collect()
    found = inputs.with_policy(divisions, "price_window_days", "today")
    return found.select("jurisdiction_code", since=pl.col("today") - pl.duration(days=pl.col("price_window_days") - 1))


def _first_day(inputs: Inputs) -> date:
    """The first day of the widest window of any institution."""
    first = inputs.once(places_of)["since"].min()
    return first if isinstance(first, date) else inputs.as_of


def goods_of(inputs: Inputs) -> pl.DataFrame:
    """Every product: `product_code`, `kind`, `generic_code`, `route`, `manufacturer_code` (categorical)."""
    makers = inputs.scan("products").select(pl.col("product_code", "manufacturer_code").cast(pl.Categorical)).collect()
    return inputs.once(products_of).select("product_code", "kind", *GENERIC).join(makers, on="product_code")


def wakes(changes: Changes) -> pl.DataFrame:
    """The lines whose order comes into the window of some place, or leaves it."""
    then, now = (_all_windows(inputs) for inputs in (changes.then, changes.now))
    day = pl.col("ordered_on")
    moved = pl.any_horizontal(day.is_between(*one) != day.is_between(*other) for one, other in zip(then, now, strict=True))
    return changes.now.scan("deliveries").filter(moved).select(UNIT).collect()


def _all_windows(inputs: Inputs) -> list[Window]:
    days = sorted((inputs.as_of - first).days + 1 for first in inputs.once(_windows)["since"].unique())
    return [days_ending(n, inputs.as_of) for n in days]


def aged(rows: pl.LazyFrame, changes: Changes) -> pl.LazyFrame:
    """The rows of what is listed as short, or prone to be, by an entry that begins or ends between two nights."""
    first, last = changes.days
    begins = (pl.col("valid_from") > first) & (pl.col("valid_from") <= last)
    ends = ((pl.col("valid_to") >= first) & (pl.col("valid_to") < last)).fill_null(False)
    entries = changes.now.scan("catalogue_entries").filter(pl.col("list").is_in(SHORT), begins | ends)
    codes = entries.select("code").collect()["code"].implode()
    return rows.filter(pl.any_horizontal(pl.col("product_code", "generic_code").is_in(codes)))
