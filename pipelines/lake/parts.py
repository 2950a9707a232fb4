"""How records are divided into parts that can be computed alone, and in which order they lie."""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import Dataset

AXES: dict[str, str] = {
    "commitments": "institution",
    "deliveries": "institution",
    "returns": "institution",
    "payments": "institution",
    "usages": "institution",
    "trace_scans": "institution",
    "invoices": "product",
}
"""The large datasets, and what keeps their rows together: the institution with its head and branches, or the
product. The others are small and are read whole.
"""

_ORDER: dict[str, tuple[str, ...]] = {
    "deliveries": ("accepted_on", "delivery_id", "institution_code"),
    "payments": ("paid_on", "payment_id", "line_no", "institution_code"),
    "invoices": ("issued_on", "invoice_code", "invoice_no", "line_no"),
    "usages": ("used_on", "usage_id", "institution_code"),
    "trace_scans": ("scanned_on", "scan_id", "institution_code"),
}
_ROWS = 1_000_000
_LIGHT = {"trace_scans": 2}
"""Of which dataset so many rows weigh as one: whoever reads it reads few of its columns, and the fewer its parts, the fewer
times is what lies beside it in fewer parts read again.
"""


def order_of(dataset: Dataset) -> list[str]:
    """The columns by which the records of a dataset lie: as they are read where they are many, else by key."""
    return list(_ORDER.get(dataset.name, dataset.key))


def count_parts(rows: Mapping[str, int]) -> dict[str, int]:
    """Large dataset → number of its parts, of its rows: at most about a million in each, of light ones some million.

    All numbers are powers of two: what is one part of a dataset is some whole parts of a larger one.
    """
    most = {dataset: _ROWS * _LIGHT.get(dataset, 1) for dataset in AXES}
    return {dataset: 1 << (max(1, math.ceil(rows.get(dataset, 0) / most[dataset])) - 1).bit_length() for dataset in AXES}


def finest(axis: str, parts: Mapping[str, int]) -> int:
    """The number of parts of that dataset along an axis which has most (dataset → number)."""
    return max(parts[dataset] for dataset, divided_by in AXES.items() if divided_by == axis)


def in_part(part: int, parts: int) -> pl.Expr:
    """Whether an institution or product of some place (column `part`, see `places_of`) is in that one of so many parts."""
    return pl.col("part") % parts == part


def places_of(axis: str, records: Store, parts: int) -> pl.DataFrame:
    """The part of every institution or product: columns `institution_code` or `product_code`, and `part`, of as many `parts`
    as the largest dataset has; among fewer it is the rest of it (`in_part`).

    Institutions that are each other's head or branch, over any number of steps, have the same part.
    """
    if axis == "product":
        products = records.scan(keys.whole("products")).select("product_code").collect().sort("product_code")
        return products.with_columns(part=(pl.int_range(pl.len()) % parts).cast(pl.Int32))
    families = find_families(records.scan(keys.whole("institutions")).collect())
    number = pl.col("family").rank("dense").cast(pl.Int32) - 1
    return families.select("institution_code", part=number % parts)


def extend_places(axis: str, records: Store, parts: int) -> pl.DataFrame | None:
    """The places of the base (`<axis>.places.parquet`) with those of what came since; None where two families
    that stand in different parts have become one.
    """
    known = records.scan(keys.places(axis)).collect()
    code = f"{axis}_code"
    if axis == "product":
        now = records.scan(keys.whole("products")).select(code, family=code).collect()
    else:
        now = find_families(records.scan(keys.whole("institutions")).collect())
    now = now.join(known, on=code, how="left")
    families = now.group_by("family").agg(pl.col("part").min(), at_most=pl.col("part").max()).sort("family")
    if families.filter(pl.col("part") != pl.col("at_most")).height:
        return None
    families = families.with_columns(pl.col("part").fill_null((pl.int_range(pl.len()) % parts).cast(pl.Int32)))
    return now.select(code, "family").join(families, on="family").select(code, "part")


def find_families(institutions: pl.DataFrame) -> pl.DataFrame:
    """`institution_code`, `family`: the least code of those tied to it as head or branch, over any number of steps."""
    ties = institutions.select("institution_code", other="parent_institution_code").drop_nulls()
    ties = pl.concat([ties, ties.select(institution_code="other", other="institution_code")])
    families = institutions.select("institution_code", family="institution_code")
    while True:
        nearer = (
            ties.join(families.rename({"institution_code": "other"}), on="other")
            .group_by("institution_code")
            .agg(nearest=pl.col("family").min())
        )
        joined = families.join(nearer, on="institution_code", how="left", maintain_order="left").select(
            "institution_code", family=pl.min_horizontal("family", "nearest")
        )
        if joined.equals(families):
            return families
        families = joined
