"""The institutions and products whose figures moved records may concern."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.causes.moved import Moved
from pipelines.lake.parts import AXES, find_families
from pipelines.lake.scan_records import scan_records
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset

_BROAD = {"jurisdiction_code", "generic_code", "agency_code"}
"""Codes that say where or what in general, and name no record that figures are made of."""


def concerned(moved: Mapping[str, Moved], records: Store) -> dict[str, pl.DataFrame]:
    """Axis → the units along it (one column, `institution_code` or `product_code`) that `moved` may concern.

    A record of a divided dataset concerns its own unit, that before and that after; any other one every unit with a
    record that shares a code with it. Institutions bring their heads and branches, those of before and those of now.
    More units than need be do no harm, they only cost time.
    """
    codes = pl.concat([_codes(m, RECORDS[d]) for d, m in moved.items() if d not in AXES] or [_CODES.clear()])
    return {axis: _units(axis, moved, codes.unique(), records) for axis in sorted(set(AXES.values()))}


_CODES = pl.DataFrame(schema={"code": pl.String})


def _units(axis: str, moved: Mapping[str, Moved], codes: pl.DataFrame, records: Store) -> pl.DataFrame:
    unit = f"{axis}_code"
    found = [pl.DataFrame(schema={unit: pl.String})]
    for name in (name for name, divided_by in AXES.items() if divided_by == axis):
        if name in moved:
            found += [moved[name].was.select(unit), moved[name].now.select(unit)]
        if not codes.is_empty():
            shares = pl.any_horizontal(pl.col(c).is_in(codes["code"].implode()) for c in _code_columns(RECORDS[name]))
            rows = [scan_records(records, name)]
            rows += [moved[name].was.drop("_kind").lazy()] if name in moved else []
            found += pl.collect_all([r.filter(shares).select(unit).unique() for r in rows])
    units = pl.concat(found).drop_nulls().unique()
    return _with_families(units, moved, records) if axis == "institution" else units


def _with_families(units: pl.DataFrame, moved: Mapping[str, Moved], records: Store) -> pl.DataFrame:
    columns = ["institution_code", "parent_institution_code"]
    institutions = scan_records(records, "institutions").select(columns).collect()
    if "institutions" in moved:
        institutions = pl.concat([institutions, moved["institutions"].was.select(columns)])
    families = find_families(institutions).unique()
    own = families.join(units, on="institution_code", how="semi").select("family").unique()
    return families.join(own, on="family", how="semi").select("institution_code").unique()


def _codes(moved: Moved, dataset: Dataset) -> pl.DataFrame:
    columns = _code_columns(dataset)
    texts = [rows[c].alias("code") for rows in (moved.was, moved.now) for c in columns]
    return pl.concat([_CODES, *(t.to_frame() for t in texts)]).filter(pl.col("code") != "").unique()


def _code_columns(dataset: Dataset) -> list[str]:
    """The columns that name records. A lot names too many where the item is named as well."""
    names = [c.name for c in dataset.columns if c.kind == "code" and c.name not in _BROAD]
    return [n for n in names if n != "lot_code"] if "item_code" in names else names
