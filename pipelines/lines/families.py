"""Families of institutions, and who heads them (obligations §12)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lake.parts import find_families


def families_of(inputs: Inputs) -> pl.DataFrame:
    """The head of every institution: of those joined by parents over any number of steps the lowest code without a parent, or the
    lowest where all have one; a parent that is none counts as no parent. Out: `institution_code`, `head_code`.
    """
    institutions = inputs.scan("institutions").select("institution_code", "parent_institution_code").collect()
    codes = institutions["institution_code"].implode()
    is_known = pl.col("parent_institution_code").is_in(codes).fill_null(False)
    parents = institutions.with_columns(pl.when(is_known).then("parent_institution_code").alias("parent_institution_code"))
    families = find_families(parents).join(parents, on="institution_code")
    order = [pl.col("parent_institution_code").is_not_null(), "institution_code"]
    return families.select("institution_code", head_code=pl.col("institution_code").sort_by(order).first().over("family"))


def counted_for(inputs: Inputs) -> pl.DataFrame:
    """For which institutions a commitment of `committed_code` counts: itself, and those that it heads. Out: `committed_code`,
    `institution_code` (categorical).
    """
    families = families_of(inputs).with_columns(pl.all().cast(pl.Categorical))
    own = families.select(committed_code="institution_code", institution_code="institution_code")
    return pl.concat([own, families.select(committed_code="head_code", institution_code="institution_code")]).unique()
