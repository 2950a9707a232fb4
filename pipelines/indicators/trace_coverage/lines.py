"""Lines whose packs are to be traced, and the codes that were scanned when they came (obligations §18)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs
from pipelines.lines.classes import with_use
from pipelines.lines.lines import lines_of
from pipelines.lines.listed import with_lists
from pipelines.lines.returned import DELIVERY

_LINE = [*DELIVERY, "product_code"]
_DAY = ["jurisdiction_code", "accepted_on"]


def lines_in_scope(inputs: Inputs) -> pl.DataFrame:
    """The lines up to as_of of a kind that is to be traced where and when they came, by key, product (categorical) and division:
    `accepted_on`, `packs` (10⁻⁴), `trace_codes_count`, place, and `left_out` (Chinese) where the product is exempt.
    """
    places = inputs.scan("institutions").select(pl.col("institution_code").cast(pl.Categorical), "jurisdiction_code")
    read = [*_LINE, "accepted_on", "packs", "trace_codes_count", "_file", "_sheet", "_line"]
    lines = lines_of(inputs).select(*read, "kind", "special_category").join(places, on="institution_code").collect()
    days = lines.select(_DAY).unique()
    scopes = inputs.with_policy(days, "trace_scope", "accepted_on").filter(pl.col("trace_scope").list.len() > 0)
    is_drug = pl.col("kind") == "drug"
    meant = {
        "vaccine": pl.col("special_category") == "vaccine",
        "selected": is_drug & pl.col("is_selected"),
        "drug": is_drug,
        "consumable": pl.col("kind") == "consumable",
    }
    has = scopes.select(*_DAY, *(pl.col("trace_scope").list.contains(kind).alias(f"has_{kind}") for kind in meant))
    is_meant = pl.any_horizontal(pl.col(f"has_{kind}") & is_in for kind, is_in in meant.items())
    found = with_use(lines.lazy().join(has.lazy(), on=_DAY), inputs).filter(is_meant)
    exempt = pl.when("is_trace_exempt").then(pl.lit("在追溯豁免目录内"))
    return with_lists(found, inputs, "trace_exempt").select(*read, "jurisdiction_code", left_out=exempt).collect()


def received_scans(inputs: Inputs) -> pl.LazyFrame:
    """The received scans up to as_of that name a delivery: its key and product (`_LINE`), the code, and packs under it (10⁻⁴)."""
    return (
        inputs.scan("trace_scans")
        .filter((pl.col("event") == "received") & (pl.col("scanned_on") <= inputs.as_of) & pl.col("delivery_id").is_not_null())
        .with_columns(pl.col("institution_code", "product_code").cast(pl.Categorical))
        .with_columns(packs_per_code=scaled("packs_per_code").cast(pl.Int64))
    )


def with_codes(lines: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    """Add `codes` (10⁻⁴): the packs under the distinct codes scanned of each line, of a code the most that any scan says; of
    a line without scans the number of codes that its delivery says, or 0.
    """
    scans = received_scans(inputs).select(*_LINE, "trace_code", "packs_per_code")
    codes = (
        scans.join(lines.lazy().select(_LINE), on=_LINE, how="semi")
        .group_by(*_LINE, "trace_code")
        .agg(pl.col("packs_per_code").max())
        .group_by(_LINE)
        .agg(scanned=pl.col("packs_per_code").sum())
    )
    said = pl.col("trace_codes_count").cast(pl.Int64) * 10**4
    return (
        lines.lazy()
        .join(codes, on=_LINE, how="left")
        .with_columns(codes=pl.coalesce("scanned", said, pl.lit(0)))
        .drop("scanned")
    )
