"""Lines of a generic and route that are selected, non-selected or substitutes, added up by month and year (obligations §16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import polars as pl

from pipelines.engine.indicator import Changes, Frames, Inputs
from pipelines.lines.classes import by_generic, classes_of
from pipelines.lines.lines import as_units, lines_of
from pipelines.lines.products import GENERIC
from pipelines.lines.windows import year_before, year_to_date

ROW = ["institution_code", *GENERIC]
_USES = ("selected", "non_selected", "substitute")
_LINE = ("institution_code", "delivery_id")
_OF = {"units": "units", "fen": "value_fen"}


def evidence(inputs: Inputs) -> Frames:
    """`lines` (lazy): every drug line, once for each generic and route that it is of a class of on its day, with its `use`,
    minimum units (10⁻⁸) and value in fen. `listed` (lazy): the same for readers, under the names of the report's columns, with
    file, sheet and line; what is of neither year's days is left out of the year.
    """
    own = inputs
    if "deliveries" not in inputs.only:
        own = inputs.only_where("deliveries", inputs.once(classes_of).select("product_code").unique())
    found = by_generic(lines_of(own), inputs)
    columns = (*_LINE, *GENERIC, "accepted_on")
    day, listed = pl.col("accepted_on"), ("product_code", "_file", "_sheet", "_line")
    counts = day.is_between(*year_to_date(inputs.as_of)) | day.is_between(*year_before(inputs.as_of))
    measures = {"units": as_units("units"), "fen": pl.col("value_fen")}
    return {
        "lines": found.select(*columns, "use", "evaluation", "units", "value_fen"),
        "listed": found.select(
            *columns,
            *listed,
            *(pl.when(pl.col("use") == use).then(m).alias(f"{use}_{name}") for use in _USES for name, m in measures.items()),
            month=day.dt.strftime("%Y-%m"),
            left_out_usage_mix_year=pl.when(~counts).then(pl.lit("不在本年和上年同期之内")),
        ),
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: by line, generic and route, units (10⁻⁸) and fen."""
    key = (*_LINE, *GENERIC, "accepted_on", "use", "evaluation")
    return {"lines": evidence["lines"].lazy().select(*key, "units", "value_fen", rows=pl.lit(1, pl.Int64)).collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months`: by institution, generic, route and month; `year`: by institution, generic and route, this year and in the same
    days of the year before: units (10⁻⁸) and fen of each class.
    """
    day = pl.col("accepted_on")
    windows = [day.is_between(*window(inputs.as_of)) for window in (year_to_date, year_before)]
    by_month = (
        sums["lines"]
        .lazy()
        .group_by(*ROW, "use", "evaluation", month=day.dt.truncate("1mo"), is_now=windows[0], is_before=windows[1])
        .agg(pl.col("units", "value_fen", "rows").sum())
        .collect()
    )
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    found = {
        "months": by_month.lazy().group_by(*ROW, "month").agg(*_by_use(_OF)),
        "year": by_month.lazy().filter(pl.col("is_now") | pl.col("is_before")).group_by(ROW).agg(*_of_year()),
    }
    rows = []
    for name, added in found.items():
        key = [*ROW, *(["month"] if name == "months" else ())]
        texts = added.with_columns(pl.col(ROW).cast(pl.String)).join(places, on="institution_code").sort(key)
        rows.append(texts.select(*key, "jurisdiction_code", pl.exclude(*key, "jurisdiction_code")))
    return dict(zip(found, pl.collect_all(rows), strict=True))


def _by_use(measures: Mapping[str, str], suffix: str = "", where: str = "") -> Iterator[pl.Expr]:
    """The sums of measures for each use, of rows where the flag `where` holds; without it of all, and their number."""
    counted = pl.col(where) if where else pl.lit(True)
    for name, measure in measures.items():
        for use in _USES:
            yield pl.col(measure).filter(counted & (pl.col("use") == use)).sum().alias(f"{use}_{name}{suffix}")
    if not where:
        yield pl.col("rows").sum()


def _of_year() -> Iterator[pl.Expr]:
    yield from _by_use(_OF, where="is_now")
    yield from _by_use(_OF, "_before", where="is_before")
    is_mixed = pl.col("is_now") & (pl.col("use") != "substitute")
    for evaluation in ("passed", "originator"):
        yield pl.col("units").filter(is_mixed & (pl.col("evaluation") == evaluation)).sum().alias(f"{evaluation}_units")
    yield pl.col("rows").sum()


def wakes(changes: Changes) -> pl.DataFrame:
    """The lines that come to the days of the year before, or leave them: as as_of moves a day, those of that day a year ago."""
    first, last = changes.days
    since, until = year_before(first)[1], year_before(last)[1]
    if first.year != last.year:
        since, until = year_before(first)[0] - timedelta(days=1), last
    days = (pl.col("accepted_on") > since) & (pl.col("accepted_on") <= until)
    return changes.now.scan("deliveries").filter(days).select(_LINE).collect()
