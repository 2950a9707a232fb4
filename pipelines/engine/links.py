"""Links followed: which units a record can move, and which records some units need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import polars.selectors as cs

from pipelines.engine.indicator import Frame, Indicator, Inputs, Link, Stage
from pipelines.engine.kept import as_text
from pipelines.lake.scan_records import meet
from schemas.records import RECORDS

LinksOf = Mapping[str, tuple[Link, ...]]
"""Dataset or frame → its links to the units of a stage."""

Sums = dict[str, pl.DataFrame]


def links_of(indicator: Indicator, stage: Stage) -> dict[str, tuple[Link, ...]]:
    """The links of a stage by dataset or frame, those among them that go without saying."""
    found = {name: link if isinstance(link, tuple) else (link,) for name, link in stage.links.items()}
    if not indicator.earlier:
        for name in indicator.reads:
            types = RECORDS[name].schema()
            if name not in found and set(stage.unit) <= types.keys():
                dates = tuple(column for column, dtype in types.items() if dtype == pl.Date)
                found[name] = (Link(day=dates or None),)
    return found


def follow(
    link: Link, rows: pl.LazyFrame, stage: Stage, links: LinksOf, nights: Sequence[Inputs], kept: Mapping[str, pl.LazyFrame]
) -> Iterator[pl.LazyFrame]:
    """The units of a stage that rows can move by a link, under each of the nights; `kept` are the sums of the stage."""
    if link.where is not None:
        rows = rows.filter(link.where)
    if link.of is not None:
        key = link.by or {column: column for column in RECORDS[link.of].key}
        named = rows.select(pl.col(column).alias(name) for name, column in key.items()).drop_nulls().unique()
        meant = nights[-1].only_where(link.of, named.collect()).scan(link.of).collect().lazy()
        for other in links[link.of]:
            yield from follow(other, meant, stage, links, nights, kept)
        return
    values = rows.select(pl.col(column).alias(name) for name, column in _by(link, stage).items()).unique()
    if link.to is None:
        yield _units(values, stage)
        return
    met = values.collect()
    if isinstance(link.to, str):
        yield _units(meet(kept[link.to], met), stage)
        return
    for inputs in nights:
        yield _units(_led(link, met.lazy(), inputs), stage)


def no_units(stage: Stage, kept: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """None of a stage, in the types of its sums."""
    schemas = (rows.collect_schema() for rows in kept.values())
    types = next((schema for schema in schemas if set(stage.unit) <= schema.keys()), pl.Schema())
    rows = pl.DataFrame(schema={name: types.get(name, pl.String) for name in stage.unit})
    return _units(rows.lazy(), stage).collect()


def needed(stage: Stage, links: LinksOf, units: pl.DataFrame, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """For what is not needed whole: the values that a record must have to move one of the units."""
    only = {}
    for name, some in links.items():
        values = [_values(link, stage, units, inputs) for link in some]
        found = [rows for rows in values if rows is not None]
        if len(found) == len(some) and len({tuple(rows.columns) for rows in found}) == 1:
            only[name] = pl.concat(found).unique()
    return only


@dataclass(frozen=True)
class _Run:
    code: str
    indicator: Indicator = field(compare=False)

    def __call__(self, inputs: Inputs) -> tuple[dict[str, Frame], dict[str, pl.DataFrame]]:
        others = inputs
        for other in self.indicator.rests_on:
            if not any(name.startswith(f"{other.code}.") for name in inputs.frames):
                others = others.with_frames(self.indicator.linked_of(other, run_once(other, inputs)[1]))
        return self.indicator.run(others)


def run_once(indicator: Indicator, inputs: Inputs) -> tuple[dict[str, Frame], dict[str, pl.DataFrame]]:
    """The same as `Indicator.run`, done by the first who asks it of these inputs: explaining asks many times."""
    return inputs.once(_Run(indicator.code, indicator))


def without(dataset: str, records: pl.DataFrame, inputs: Inputs) -> Inputs:
    """The same as if some records of a dataset had not come."""
    key = list(RECORDS[dataset].key)
    return inputs.only_where(
        dataset, inputs.scan(dataset).select(key).join(records.lazy().select(key), on=key, how="anti").collect()
    )


def moved_sums(
    indicator: Indicator, dataset: str, records: pl.DataFrame, inputs: Inputs, others: Inputs | None = None
) -> Sequence[Sums] | None:
    """The sums of the units that records of a dataset can move, of all stages, in memory: with the records, and without them
    (`others`, where several ask).

    None of them where the records do not matter at all. None where no link says which units they are: then it may be all.
    """
    both = [inputs, others or without(dataset, records, inputs)]
    nights = both
    moved = {dataset: records}
    for other in indicator.rests_on:
        if dataset in other.reads:
            of_other = moved_sums(other, dataset, records, *both)
            if of_other is None:
                return None
            moved |= indicator.linked_of(other, _both(of_other))
        ran = [run_once(other, night)[1] for night in both]
        nights = [night.with_frames(indicator.linked_of(other, found)) for night, found in zip(nights, ran, strict=True)]
    links = [links_of(indicator, stage) for stage in indicator.stages]
    if not all(any(name in some for some in links) for name, rows in moved.items() if not rows.is_empty()):
        return None
    wanted = [link.where for some in links for link in some.get(dataset, ())]
    if len(moved) == 1 and all(where is not None and records.filter(where).is_empty() for where in wanted):
        return {}, {}
    sums = [{name: as_text(rows).collect() for name, rows in run_once(indicator, night)[1].items()} for night in both]
    of_earlier = [{name: rows for name, rows in found.items() if indicator.stage_of(name) is not indicator} for found in sums]
    nights = [night.with_frames(found) for night, found in zip(nights, of_earlier, strict=True)]
    sides: tuple[Sums, ...] = ({}, {})
    for stage, some in zip(indicator.stages, links, strict=True):
        own = {name: rows.lazy() for name, rows in _both(sums).items() if indicator.stage_of(name) is stage}
        units = [no_units(stage, own).lazy()]
        for name in moved.keys() & some.keys():
            for link in some[name]:
                units += follow(link, moved[name].lazy(), stage, some, nights, own)
        met = pl.concat(units[1:] or units).unique().collect()
        for side, found in zip(sides, sums, strict=True):
            side |= {name: meet(found[name].lazy(), met).collect() for name in own}
        moved |= _both([{name: side[name] for name in own} for side in sides])
    return sides


def _both(sides: Sequence[Sums]) -> Sums:
    return {name: pl.concat([side[name] for side in sides]) for name in sides[0]}


def _values(link: Link, stage: Stage, units: pl.DataFrame, inputs: Inputs) -> pl.DataFrame | None:
    by = _by(link, stage)
    if link.of is not None or link.is_whole:
        return None
    if link.to is not None and not isinstance(link.to, str):
        units = _led(link, units.lazy(), inputs).collect()
    elif not by.keys() <= set(units.columns):
        return None
    return units.select(pl.col(name).alias(column) for name, column in by.items()).unique()


def _led(link: Link, rows: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """Rows (columns of `by`, or units) with what the tables of a link know of them, from records to units or back."""
    for find in link.to if isinstance(link.to, tuple) else (link.to,):
        assert callable(find)
        table = inputs.once(find).lazy()
        types = table.collect_schema()
        shared = [name for name in rows.collect_schema().names() if name in types]
        rows = table.join(rows.cast({name: types[name] for name in shared}), on=shared, nulls_equal=True)
    return rows


def _by(link: Link, stage: Stage) -> Mapping[str, str]:
    return link.by or {column: column for column in stage.unit}


def _units(rows: pl.LazyFrame, stage: Stage) -> pl.LazyFrame:
    """The units of rows; a line number is shorter in sums than in records."""
    return rows.select(stage.unit).with_columns(cs.integer().as_expr().cast(pl.Int64))
