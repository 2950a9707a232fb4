"""The figures that a source line is part of, or is left out of: explanations of figures, turned round."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.database.tables import key_of
from pipelines.engine.explanation import PLACE, Explained, Line, Record, Scope
from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_indicators
from pipelines.past.excerpt import excerpt
from pipelines.past.past_run import PastRun
from pipelines.past.recompute import recompute
from pipelines.reports.explain.figure import find_explained
from pipelines.reports.explain.generic import of_dataset
from pipelines.store.store import Store

Place = tuple[int, str, int]


@dataclass(frozen=True)
class Contribution:
    """A row of a report table that the line is part of (`counts`), or left out of for `reasons`; `via` is the key of
    the record through which it gets there, where it does not stand there itself.
    """

    table: str
    key: Mapping[str, str]
    counts: bool
    role: str
    facts: Mapping[str, Any]
    reasons: Sequence[str]
    via: str = ""


def contributions(run: PastRun, dataset: str, record: Record) -> list[Contribution] | None:
    """Every figure that lists the accepted record, found by explaining the figures that it may have to do with; None
    where the record does not stand, because what it refers to was withdrawn.
    """
    place = (record["_file"], record["_sheet"], record["_line"])
    with tempfile.TemporaryDirectory(prefix="vbp_explain_") as scratch:
        scope = _scope_of(run, record)
        records = Store(Path(scratch))
        excerpt(run, scope, records)
        inputs = Inputs(records, run.as_of, run.policies)
        standing = inputs.scan(dataset).select(PLACE).collect()
        if place not in standing.filter(pl.col("_file") == record["_file"]).rows():
            return None
        found: list[Contribution] = []
        tables = [find_explained(table) for i in all_indicators().values() for table in i.tables]
        through: dict[str, dict[Place, str]] = {e.through: {} for e in tables if e.through not in ("", dataset)}
        for explained in tables:
            for key, explanation in _explain_all(explained, inputs, dataset, record):
                met = _meet(explained.table, key, dataset, explanation.lines, explanation.left_out, {place: ""})
                found += met
                for line in explanation.lines if any(c.counts for c in met) else ():
                    if line.dataset in through:
                        through[line.dataset][line.place] = "|".join(map(str, line.key.values()))
        for explained in tables:
            if places := through.get(explained.through):
                for key, explanation in _explain_all(explained, inputs, explained.through, record):
                    found += _meet(explained.table, key, explained.through, explanation.lines, (), places)
    return _leave_out_once(found)


def _leave_out_once(found: Sequence[Contribution]) -> list[Contribution]:
    """A line left out of a table says so once for each reason, and not where it counts in another row of it."""
    counted = {c.table for c in found if c.counts}
    kept = [c for c in found if c.counts]
    left_out = {(c.table, tuple(c.reasons)): c for c in reversed(found) if not c.counts and c.table not in counted}
    return kept + list(reversed(left_out.values()))


def _scope_of(run: PastRun, record: Record) -> Scope:
    """The institutions and products that the record names; a product or an item brings those that agreed on it."""
    institutions = {v for c in ("institution_code",) if (v := record.get(c))}
    products = {v for v in (record.get("product_code"),) if v and "seller_code" in record}
    commitments = run.versions("commitments")
    if not institutions and record.get("commitment_id"):
        meant = commitments.filter(pl.col("commitment_id") == record["commitment_id"])
        institutions |= _codes(meant)
    if not institutions and "seller_code" not in record:
        if product := record.get("product_code"):
            products.add(product)
            institutions |= _codes(run.versions("deliveries").filter(pl.col("product_code") == product))
        if "item_code" in record:
            item = (pl.col("lot_code") == record["lot_code"]) & (pl.col("item_code") == record["item_code"])
            institutions |= _codes(commitments.filter(item))
        makers = {v for c in ("manufacturer_code", "enterprise_code") if (v := record.get(c))}
        if makers and "product_code" in record and not record["product_code"]:
            made = run.versions("products").filter(pl.col("manufacturer_code").is_in(sorted(makers)))
            products |= set(made.select("product_code").collect().to_series().to_list())
    return Scope(institutions=frozenset(institutions), products=frozenset(products))


def _codes(rows: pl.LazyFrame) -> set[str]:
    return set(rows.select("institution_code").unique().collect().to_series().to_list())


def _explain_all(explained: Explained, inputs: Inputs, dataset: str, record: Record) -> Iterable[tuple[dict[str, str], Any]]:
    """Every row of the table that the excerpt yields and the record may have to do with, explained."""
    indicator = all_indicators()[explained.indicator]
    rows = recompute(indicator, explained.table, indicator.run(inputs)[1], inputs)
    keys = rows.filter(explained.touched(dataset, record)).select(key_of(explained.table)).to_dicts()
    explain = explained.open(inputs) if keys else None
    for row in keys:
        key = {c: str(v) for c, v in row.items()}
        explanation = explain(key) if explain else None
        if explanation is not None:
            yield key, explanation


def _meet(
    table: str, key: dict[str, str], dataset: str, lines: Iterable[Line], left_out: Iterable[Line], places: Mapping[Place, str]
) -> list[Contribution]:
    """The lines of an explanation, of one dataset, that stand at one of the places."""
    return [
        Contribution(table, key, counts, met.role, met.facts, met.reasons, places[line.place])
        for counts, some in ((True, lines), (False, left_out))
        for line in some
        if line.place in places
        for met in [of_dataset(line, dataset)]
    ]
