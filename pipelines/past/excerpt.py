"""The records that a figure hangs on, as they stood in a past run: a small part of its snapshot."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from pipelines.engine.explanation import Key, Record, Scope, Versions
from pipelines.engine.indicator import Axis
from pipelines.lake.current import current, current_and_lost
from pipelines.lake.parts import AXES, order_of, places_of
from pipelines.past.past_run import PastRun
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset

_APART = 2**31 - 1  # more parts than there can be families: each has its own


def scope_of_row(key: Key, axis: Axis, versions: Versions) -> Scope:
    """Which records a row of an indicator hangs on, that are divided along its axis: those of the institution or product that
    its key names, itself or by the whole key of one of them (of any version); all where it names none. Along the trace those of
    a code are divided by who scanned it, those of a company by who received from it and what it invoiced.
    """
    if axis == "trace" and "trace_code" in key:
        return Scope(institutions=_who_scanned(key["trace_code"], versions))
    if axis == "trace" and "enterprise_code" in key:
        return _of_company(key, versions)
    code = f"{axis}_code"
    found: frozenset[str] | None = frozenset({key[code]}) if code in key else None
    for name in (name for name, by in AXES.items() if by == axis and found is None):
        if set(RECORDS[name].key) <= key.keys():
            rows = versions(name).filter(pl.col(c).cast(pl.String) == key[c] for c in RECORDS[name].key)
            found = frozenset(rows.select(code).collect().to_series())
    return Scope(institutions=found) if axis == "institution" else Scope(products=found)


def scope_of_record(record: Record, axes: Collection[str | None], versions: Versions) -> Scope:
    """Which records hang together with one along some axes: those of its own institution or product; where it has none, of those
    that any version of a record has with all codes that both have.
    """

    def along(axis: str) -> frozenset[str]:
        code, found = f"{axis}_code", set[str]()
        if axis not in axes or record.get(code):
            return frozenset({record[code]} if axis in axes else ())
        for name in (f"{axis}s", *(name for name, by in AXES.items() if by == axis)):
            if shared := [c.name for c in RECORDS[name].columns if c.kind == "code" and record.get(c.name)]:
                rows = versions(name).filter(pl.col(c) == record[c] for c in shared)
                found |= set(rows.select(pl.col(code).unique()).collect().to_series())
        return frozenset(found)

    institutions = along("institution")
    if "trace" in axes and record.get("trace_code"):
        institutions |= _who_scanned(record["trace_code"], versions)
    return Scope(institutions, along("product"))


def _who_scanned(trace_code: str, versions: Versions) -> frozenset[str]:
    """The institutions that scanned a code, in any version of a scan."""
    own = versions("trace_scans").filter(pl.col("trace_code") == trace_code)
    return frozenset(own.select(pl.col("institution_code").unique()).collect().to_series())


def _of_company(key: Key, versions: Versions) -> Scope:
    """The institution of the key, else all that received from the company, or what it makes or holds; and the products that it
    invoiced, in any version of these.
    """
    company = key["enterprise_code"]
    makers = versions("products").filter(pl.any_horizontal(pl.col("manufacturer_code", "mah_code") == company))
    made = makers.select("product_code").collect()["product_code"].unique().implode()
    is_of = (pl.col("distributor_code") == company) | pl.col("product_code").is_in(made)
    received = versions("deliveries").filter(is_of).select(pl.col("institution_code").unique())
    sold = versions("invoices").filter(pl.col("seller_code") == company).select(pl.col("product_code").unique())
    institutions = {key["institution_code"]} if "institution_code" in key else received.collect().to_series()
    return Scope(frozenset(institutions), frozenset(sold.collect().to_series()))


def excerpt(run: PastRun, scope: Scope, target: Store) -> None:
    """Write the records to `target`: small datasets whole, of the large ones the records of the scope.

    Institutions bring the heads and branches they are tied to. A record counts by its last version, wherever its
    earlier ones belonged.
    """
    has_withdrawn = any(b.changes["withdrawn"] for b in run.batches())
    lost: dict[str, pl.DataFrame] = {}
    codes: dict[str, frozenset[str] | None] = {"product": scope.products}
    for dataset in RECORDS.values():
        axis = AXES.get(dataset.name)
        if axis == "institution" and "institution" not in codes:
            codes["institution"] = _with_family(scope.institutions, target)
        own = codes[axis] if axis is not None else None
        versions = run.versions(dataset.name)
        if has_withdrawn:  # what fell takes others with it, whoever they belong to
            rows, lost[dataset.name] = current_and_lost(versions, dataset, lost)
        else:
            rows = current(_of_keys(versions, dataset, axis, own), dataset)
        if axis is not None and own is not None:
            rows = rows.filter(pl.col(f"{axis}_code").is_in(sorted(own)))
        target.write(keys.whole(dataset.name), rows.collect().sort(order_of(dataset)))


def _with_family(institutions: frozenset[str] | None, records: Store) -> frozenset[str] | None:
    if institutions is None:
        return None
    families = places_of("institution", records, _APART)
    own = families.filter(pl.col("institution_code").is_in(sorted(institutions))).select("part").unique()
    return institutions | set(families.join(own, on="part", how="semi")["institution_code"].to_list())


def _of_keys(versions: pl.LazyFrame, dataset: Dataset, axis: str | None, own: frozenset[str] | None) -> pl.LazyFrame:
    """All versions of the keys that any version gives to the scope."""
    if axis is None or own is None:
        return versions
    if not own:
        return versions.clear()
    key = list(dataset.key)
    named = versions.filter(pl.col(f"{axis}_code").is_in(sorted(own))).select(key).unique()
    return versions.join(named.collect().lazy(), on=key, how="semi")
