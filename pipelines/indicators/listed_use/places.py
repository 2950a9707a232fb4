"""Where negotiated drugs should be had, and who belongs to whom (obligations §17)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Frames, Inputs, Stage
from pipelines.lines.families import families_of

_HOSPITAL = (pl.col("ownership") == "public") & pl.col("level").is_in(["tertiary", "secondary"])
_PHARMACY = pl.col("ownership") == "retail"


def places_of(inputs: Inputs) -> pl.DataFrame:
    """Every institution: `institution_code`, `member_of`: the head of its family, null where it is alone; `counted_in`: its
    division, where its purchases of negotiated drugs count, else null (all categorical).
    """
    families = families_of(inputs)
    shared = families.select("institution_code", member_of=pl.when(pl.len().over("head_code") > 1).then("head_code"))
    counts = (_HOSPITAL | _PHARMACY).fill_null(False)
    division = pl.when(counts).then("jurisdiction_code").alias("counted_in")
    places = inputs.scan("institutions").select("institution_code", division).collect()
    return places.join(shared, on="institution_code").with_columns(pl.all().cast(pl.Categorical))


def negotiable(inputs: Inputs) -> pl.DataFrame:
    """The products that some entry lists as negotiated, anywhere and whenever: `product_code` (categorical)."""
    entries = inputs.scan("catalogue_entries").filter(pl.col("list") == "negotiated").select("code").collect()
    named = pl.any_horizontal(pl.col("product_code", "generic_code").is_in(entries["code"].implode()))
    return inputs.scan("products").filter(named).select(pl.col("product_code").cast(pl.Categorical)).collect()


def evidence(inputs: Inputs) -> Frames:
    """`members`: public tertiary and secondary institutions (`institutions` 1) and pharmacies (`pharmacies` 1), with file, sheet
    and line.
    """
    ones = {"institutions": _HOSPITAL, "pharmacies": _PHARMACY}
    flags = {name: flag.fill_null(False).cast(pl.Int64) for name, flag in ones.items()}
    columns = ("institution_code", "jurisdiction_code", "_file", "_sheet", "_line")
    members = inputs.own(inputs.scan("institutions")).select(*columns, **flags)
    return {"members": members.filter(pl.any_horizontal(pl.col(*ones) > 0))}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`members`: the same, one row each."""
    columns = ("institution_code", "jurisdiction_code", "institutions", "pharmacies")
    return {"members": evidence["members"].lazy().select(*columns, rows=pl.lit(1, pl.Int64)).collect()}


MEMBERS = Stage(unit=("institution_code",), evidence=evidence, sums=sums, yields=("members",))
"""It stands as long as the institutions do: where one of these changes, all is computed."""
