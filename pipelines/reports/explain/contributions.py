"""The figures that a source line is part of, or is left out of: explanations of figures, turned round."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.database.tables import key_of
from pipelines.engine.explanation import PLACE, Explained, Line, Record
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.engine.links import moved_sums, run_once, without
from pipelines.indicators import all_indicators
from pipelines.lake.parts import AXES
from pipelines.lake.scan_records import meet
from pipelines.past.excerpt import excerpt, scope_of_record
from pipelines.past.past_run import PastRun
from pipelines.past.recompute import recompute
from pipelines.reports.explain.figure import find_explained
from pipelines.reports.explain.generic import of_dataset, rows_listing
from pipelines.store.local import Local

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


def contributions(
    run: PastRun, dataset: str, record: Record, say: Callable[[str], None] = lambda _: None
) -> list[Contribution] | None:
    """Every figure that lists the accepted record, found by explaining the figures that it can move; where none of an
    indicator's lists it, all of its scope, which say why. None where the record does not stand, because what it refers to was
    withdrawn.
    """
    made = run.made
    readers = [i for i in all_indicators().values() if dataset in i.reads and made.has_indicator(i.tables)]
    axes = {AXES.get(dataset), *(indicator.axis for indicator in readers)}
    with tempfile.TemporaryDirectory(prefix="vbp_explain_") as scratch:
        records = Local(Path(scratch))
        excerpt(run, scope_of_record(record, axes, run.versions), records)
        inputs = Inputs(records, run.as_of, run.policies)
        own = inputs.scan(dataset).filter(pl.col(c).eq_missing(pl.lit(record[c])) for c in PLACE).collect()
        if own.is_empty():
            return None
        others = without(dataset, own, inputs)
        found: list[Contribution] = []
        for number, indicator in enumerate(readers, start=1):
            say(f"查找本行所影响的数字 {number}/{len(readers)}：{indicator.title_zh}")
            found += _of_indicator(indicator, dataset, own, inputs, others)
        return _leave_out_once(found)


def _of_indicator(indicator: Indicator, dataset: str, own: pl.DataFrame, inputs: Inputs, others: Inputs) -> list[Contribution]:
    """The rows of its tables that list the one record; of a table of which none counts it, the rows that say why. `others` is
    what there is without the record.
    """
    tables = [e for e in map(find_explained, indicator.tables) if e.lists is None or dataset in e.lists]
    if not tables:
        return []
    by_way = [e for e in map(find_explained, indicator.tables) if e.through not in ("", dataset)]
    explain = cache(lambda table: find_explained(table).open(inputs))
    place = own.select(PLACE).row(0)
    moved = moved_sums(indicator, dataset, own, inputs, others)
    found: list[Contribution] = []
    for sums in (moved[0], None) if moved else (None,):
        if found or sums == {}:
            break
        sums = run_once(indicator, inputs)[1] if sums is None else sums
        keys = {e.table: may_list(e, dataset, own, _keys(e, sums, inputs), inputs) for e in tables}
        rows = [(e, key, told) for e in tables for key in keys[e.table].to_dicts() if (told := explain(e.table)(key))]
        through: dict[str, dict[Place, str]] = {}
        for e, key, told in rows:
            found += (met := _meet(e.table, key, dataset, told.lines, {place: ""}))
            for line in told.lines if met else ():
                through.setdefault(line.dataset, {})[line.place] = "|".join(map(str, line.key.values()))
        for e in by_way:
            places = through.get(e.through, {})
            for key in _keys_by_way(e, places, sums, inputs):
                if told := explain(e.table)(key):
                    found += _meet(e.table, key, e.through, told.lines, places)
        counted = {c.table for c in found if c.counts}
        for e, key, told in rows:
            if e.table not in counted:
                found += _meet(e.table, key, dataset, told.left_out, {place: ""}, counts=False)
    return found


def may_list(explained: Explained, dataset: str, records: pl.DataFrame, keys: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Of the keys of a table (text) those whose rows may list one of some records of a dataset, counted or left out."""
    found = [keys.clear()]
    for record in records.to_dicts():
        if explained.lists is None:
            evidence = run_once(all_indicators()[explained.indicator], inputs)[0]
            place = (record["_file"], record["_sheet"], record["_line"])
            found.append(rows_listing(place, keys, evidence))
        elif dataset in explained.lists:
            near = explained.lists[dataset]
            rows = pl.DataFrame({c: [record[c]] for c in near}) if isinstance(near, tuple) else near(record, inputs)
            shared = [c for c in keys.columns if c in rows.lazy().collect_schema()]
            own = rows.lazy().select(pl.col(shared).cast(pl.String)).unique()
            found.append(keys.lazy().join(own, on=shared, how="semi").collect() if shared else keys)
    return keys.join(pl.concat(found), on=keys.columns, how="semi", nulls_equal=True, maintain_order="left")


def _keys_by_way(explained: Explained, places: Collection[Place], sums: Frames, inputs: Inputs) -> list[dict[str, str]]:
    """The keys of the rows that may list one of the records at some places of the dataset by way of which others count."""
    if not places:
        return []
    at = pl.DataFrame(list(places), schema=PLACE, orient="row")
    records = meet(inputs.scan(explained.through), at).collect()
    return may_list(explained, explained.through, records, _keys(explained, sums, inputs), inputs).to_dicts()


def _keys(explained: Explained, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """The keys of the rows that a table would have of these sums, as text."""
    rows = recompute(all_indicators()[explained.indicator], explained.table, sums, inputs)
    return rows.select(pl.col(key_of(explained.table)).cast(pl.String))


def _leave_out_once(found: Sequence[Contribution]) -> list[Contribution]:
    """A line left out of a table says so once for each reason."""
    kept = [c for c in found if c.counts]
    left_out = {(c.table, tuple(c.reasons)): c for c in reversed(found) if not c.counts}
    return kept + list(reversed(left_out.values()))


def _meet(
    table: str, key: dict[str, str], dataset: str, lines: Iterable[Line], places: Mapping[Place, str], *, counts: bool = True
) -> list[Contribution]:
    """The lines of an explanation, of one dataset, that stand at one of the places."""
    return [
        Contribution(table, key, counts, met.role, met.facts, met.reasons, places[line.place])
        for line in lines
        if line.place in places
        for met in [of_dataset(line, dataset)]
    ]
