"""The records that a figure hangs on, as they stood in a past run: a small part of its snapshot."""

from __future__ import annotations

import polars as pl

from pipelines.engine.explanation import Scope
from pipelines.lake.current import current, current_and_lost
from pipelines.lake.parts import AXES, order_of, places_of
from pipelines.past.past_run import PastRun
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset

_APART = 2**31 - 1  # more parts than there can be families: each has its own


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
