"""What an indicator is, what it is given, and which of its units a record can move.

**An indicator that only adds up lines** writes nothing to be carried from night to night. Its unit is the key of the
line, its figures stand in `totals`, and the lines are found anew:

    unit=("institution_code", "delivery_id"),    # the key of what it adds up
    sums=sums,                                   # {"lines": a row per line: unit, what it is grouped by, measures, rows}
    anew=("lines",),                             # nothing is kept by unit: reports and findings read totals alone
    totals=totals, grains={"months": ("institution_code", "month")},    # {"months": lines grouped and added up}

Its night is the totals of the base run less those of the old versions of changed lines, plus those of the new. A line may
depend on its own record, on records that hold its key too (returns of a delivery), on others by a `Link`, and on whether
a date of these has come. Where anything else that it reads has changed (institutions, products, policy), all is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from itertools import pairwise
from typing import Literal, TypeVar, cast

import polars as pl

from pipelines.engine.kept import as_text
from pipelines.lake.parts import AXES, in_part
from pipelines.lake.scan_records import meet, parts_of, scan_records
from pipelines.policy.policies import Policies
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS

Axis = Literal["institution", "product", "trace"]
Frame = pl.DataFrame | pl.LazyFrame
Frames = Mapping[str, Frame]
Pieces = Mapping[str, Sequence[pl.LazyFrame]]
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Inputs:
    """What an indicator may see: the records of the run (all of them, one part along an axis, or those that
    some units need), the day it speaks of, and the policy rows.

    `only` names, for datasets of which not all is needed, the values of some columns that a record must have; `frames` are the
    sums of earlier stages, `pieces` the same in parts along the axis, where they lie so.
    """

    records: Store
    as_of: date
    policies: Policies
    part: int = 0
    parts: int = 1
    axis: Axis | None = None
    only: Mapping[str, tuple[pl.DataFrame, ...]] = field(default_factory=dict)
    frames: Mapping[str, pl.LazyFrame] = field(default_factory=dict)
    pieces: Pieces = field(default_factory=dict)
    _found: dict[object, object] = field(default_factory=dict, init=False, compare=False)

    def scan(self, dataset: str) -> pl.LazyFrame:
        """The current records of a dataset; columns as in `schemas/records`, with `_file`, `_sheet`, `_line`. Or the
        sums of an earlier stage by their name.

        Of a dataset that is divided along the axis of these inputs, only their part; any other one whole.
        """
        only = self.only.get(dataset, ())
        if dataset in self.frames:
            return reduce(meet, only, self.frames[dataset])
        parts = len(parts_of(self.records, dataset)) if self.parts > 1 and AXES.get(dataset) == self.axis else 0
        part = self.part % parts if 0 < parts <= self.parts else None
        rows = reduce(meet, only[1:], scan_records(self.records, dataset, part, only=only[0] if only else None))
        return rows if parts in (0, self.parts) else self.own(rows)

    def only_where(self, dataset: str, values: pl.DataFrame) -> Inputs:
        """The same, of one dataset only the records whose values in these columns occur here; what was left out stays out."""
        return replace(self, only={**self.only, dataset: (*self.only.get(dataset, ()), values)})

    def with_frames(self, frames: Frames, pieces: Pieces | None = None) -> Inputs:
        """The same, with the sums of an earlier stage, or of an indicator that another one rests on."""
        pieces = {name: parts for name, parts in self.pieces.items() if name not in frames} | dict(pieces or {})
        others = replace(self, frames={**self.frames, **{name: as_text(rows) for name, rows in frames.items()}}, pieces=pieces)
        others._found.update(self._found)
        return others

    def once(self, find: Callable[[Inputs], _Found]) -> _Found:
        """What several stages make of the same records, found by the first that asks."""
        return cast(_Found, self._found[find] if find in self._found else self._found.setdefault(find, find(self)))

    def with_place(self, rows: Frame, dataset: str) -> pl.LazyFrame:
        """Add `_file`, `_sheet`, `_line` of the record that a row speaks of; the row holds its natural key."""
        key = list(RECORDS[dataset].key)
        places = self.scan(dataset).select(*key, "_file", "_sheet", "_line")
        texts = pl.col(c for c in key if c != "line_no").cast(pl.String)
        return rows.lazy().with_columns(texts).join(places, on=key, how="left")

    def divided(self, axis: Axis, reads: Iterable[str]) -> list[Inputs]:
        """The same part by part along an axis, in as many as the largest of the datasets read has; one where nothing is divided
        along it, or the records lie whole. So are the sums that stand already, where they have its codes. ValueError where
        the records lie in parts that do not hold each other.
        """
        names = [name for name, divided_by in AXES.items() if divided_by == axis]
        counts = {name: len(parts_of(self.records, name)) for name in names if not self.records.has(keys.whole(name))}
        sizes = sorted(counts.values())
        if len(counts) not in (0, len(names)) or any(not few or more % few for few, more in pairwise([*sizes, *sizes[-1:]])):
            raise ValueError(f"records below {self.records} are not divided alike: {', '.join(names)}")
        parts = max((counts[name] for name in reads if name in counts), default=1)
        return [self._of_part(axis, part, parts) for part in range(parts)]

    def _of_part(self, axis: Axis, part: int, parts: int) -> Inputs:
        of_part, frames = replace(self, axis=axis, part=part, parts=parts), dict(self.frames)
        for name, whole in self.frames.items():
            if f"{axis}_code" in whole.collect_schema():
                pieces = self.pieces.get(name) or [whole]
                near = (rows for number, rows in enumerate(pieces) if number % parts == part % len(pieces))
                frames[name] = of_part.own(pl.concat(near))
        return replace(of_part, frames=frames)

    def own(self, rows: Frame) -> pl.LazyFrame:
        """Of rows that hold other parts as well, those of the institutions, or products, of this part."""
        if self.axis is None or self.parts == 1:
            return rows.lazy()
        places = self.records.scan(keys.places(self.axis)).filter(in_part(self.part, self.parts))
        return meet(rows.lazy(), places.select(f"{self.axis}_code"))

    def with_policy(self, rows: pl.DataFrame, parameter: str, day: str) -> pl.DataFrame:
        """Add `<parameter>` and `<parameter>_policy_id` as valid on `day` in the row's `jurisdiction_code`."""
        return self.policies.resolve_frame(rows, parameter, day=day, jurisdiction="jurisdiction_code")


@dataclass(frozen=True, eq=False)  # two of them are never the same; what was found of one can be remembered
class Changes:
    """What lies between the night whose figures stand and this one: the inputs of both, what records differ, the sums kept."""

    then: Inputs
    now: Inputs
    kept: Mapping[str, pl.LazyFrame]
    changed: Callable[[str], pl.DataFrame]

    @property
    def days(self) -> tuple[date, date]:
        """The two dates of the figures, the earlier first."""
        first, last = sorted((self.then.as_of, self.now.as_of))
        return first, last


@dataclass(frozen=True)
class Link:
    """Which units of a stage a record can move, or a row of an earlier stage.

    `by`: column of the unit → column of the record; the columns of the unit by their own names where it is empty.
    `to`: where a record does not hold all of the unit, the table that leads from the columns of `by` to units: a function of
    the inputs, or several, joined one after the other by the columns that they share with what is known so far (an institution
    leads to its head, a product to its group); or the name of a frame that this stage keeps, of which it moves the rows that
    there are: it must never be the first that a unit hangs on.
    `of`: the dataset of which a record names another by its key (`by`: column of the key → column of the record): then it
    moves what that one moves.
    `day`: the date from which a record counts, or dates from or until which it does; `span`: the dates between which it is
    worth another thing from day to day: a record wakes its units when as_of passes the one, or moves within the other.
    `where`: the records that matter at all. `is_whole`: units computed again read all records: to find theirs would cost more.

    Closedness is the law: whatever `to` joins must itself be linked to all units that its rows connect.
    """

    by: Mapping[str, str] = field(default_factory=dict)
    to: str | Callable[[Inputs], Frame] | tuple[Callable[[Inputs], Frame], ...] | None = None
    of: str | None = None
    day: str | tuple[str, ...] | None = None
    span: tuple[str, str] | None = None
    where: pl.Expr | None = None
    is_whole: bool = False


Links = Mapping[str, Link | tuple[Link, ...]]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A step of an indicator that computes units alone: `unit` names the columns of the smallest thing whose sums need no
    other one's (no two parts share one).

    `evidence(inputs)` yields row-level frames of one part (or of all records); those that only explain a figure are lazy, and
    nobody pays for them in the night. `sums(evidence, inputs)` adds them up: every frame has integer measures (Int64 or
    Int128), one of them `rows`, and all its other columns are its key, unique, with the unit among them.

    `links` says for each dataset or frame of an earlier stage which units a record can move; a night computes these and no
    others. A dataset that it does not name, and that holds the columns of the unit, moves the units that these say, on
    each of its dates too (an indicator of one stage alone); a change in any other one moves everything.
    `wakes(changes)`: units that move because as_of did, where no link's `day` or `span` says so. Where more than `share` of
    the rows move, all is computed.
    `yields` names the sums of an earlier stage. `anew` names those that need not be kept, since totals alone read them (and
    neither reports nor findings, later stages or links): of units that move they are computed as they were, too.
    """

    unit: tuple[str, ...]
    evidence: Callable[[Inputs], Frames]
    sums: Callable[[Frames, Inputs], dict[str, pl.DataFrame]]
    links: Links = field(default_factory=dict)
    wakes: Callable[[Changes], pl.DataFrame] | None = None
    share: float = 0.3
    yields: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Indicator(Stage):
    """An indicator: what it is called and rests on, which datasets it reads, along which axis they may be divided
    so that each part stands alone, and its steps. It is itself the last of its stages; `earlier` ones come before, and
    `inputs.scan` serves the sums of those by their names.

    `totals(sums, inputs)` adds up what is counted over units, again with measures and keys: linear, so that the totals of some
    units can be taken away and others added (`add_up`, `taken_away`); `grains` names, for each, the columns of its key whose
    rows belong together; `ages` names those of which reports make something else from day to day, and which of their rows, as
    they are kept, they do so of between two nights; `beside` names for some the one that reports read beside it, told by its
    grain: where a key of that comes or goes, they move. `alone` names sums by unit whose rows stand each for itself in totals
    and reports: what stays as it was tells nothing. `reports(sums, inputs)` makes report tables of sums that are kept and
    totals; only here do rates appear. The rows of a unit or of a grain give the same report rows and findings whatever others
    are there. `findings(reports, sums, inputs)` names what falls short; `notes(totals)` what was left out, by name. A figure
    can always be followed back to its rows, for every step sees only what the one before it made.

    `parameters` names what it asks of policy. Of these, `today` are asked at as_of by sums: where a row of one begins or ends,
    all is computed. The others are asked by sums on days that records name alone: a new day moves none. `dated` are asked on
    such days by reports and findings, too; where a row of any other one begins or ends, both are made anew. `ahead` are those
    asked on days that may lie after as_of (the end of its month): rows that begin later count as soon as they are laid down.
    A turn of the year is one of `findings_from`.

    `rests_on`: other indicators whose sums by unit (not those in `anew`) this one links like those of an earlier stage, and
    so may read: `inputs.scan("<code>.<name>")`. They rest on none themselves.
    """

    code: str
    title_zh: str
    clause: str
    version: int
    reviewed_on: date
    axis: Axis
    reads: tuple[str, ...]
    parameters: tuple[str, ...]
    today: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    tables: tuple[str, ...]
    reports: Callable[[Frames, Inputs], Frames]
    findings: Callable[[Frames, Frames, Inputs], pl.DataFrame]
    earlier: tuple[Stage, ...] = ()
    totals: Callable[[Frames, Inputs], dict[str, pl.DataFrame]] = lambda sums, inputs: {}
    grains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ages: Mapping[str, Callable[[pl.LazyFrame, Changes], pl.LazyFrame]] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    alone: tuple[str, ...] = ()
    notes: Callable[[Frames], dict[str, str]] = lambda _: {}
    rests_on: tuple[Indicator, ...] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All of them in their order."""
        return (*self.earlier, self)

    def run(self, inputs: Inputs) -> tuple[dict[str, Frame], dict[str, pl.DataFrame]]:
        """The evidence and the sums of all stages, in memory; what the indicator rests on comes first, where it does not
        stand among the inputs.
        """
        evidence: dict[str, Frame] = {}
        sums: dict[str, pl.DataFrame] = {}
        for other in self.rests_on:
            if not any(name.startswith(f"{other.code}.") for name in inputs.frames):
                inputs = inputs.with_frames(self.linked_of(other, other.run(inputs)[1]))
        for stage in self.stages:
            found = stage.evidence(inputs)
            added = stage.sums(found, inputs)
            evidence |= found
            sums |= added
            inputs = inputs.with_frames(added)
        return evidence, sums

    def stage_of(self, name: str) -> Stage:
        """The stage that yields the sums of that name."""
        return next((stage for stage in self.earlier if name in stage.yields), self)

    def keeps(self, name: str) -> bool:
        """Whether the sums of that name are kept by unit."""
        return name not in self.stage_of(name).anew

    def linked_of(self, other: Indicator, sums: Mapping[str, _Found]) -> dict[str, _Found]:
        """Those sums of one that this rests on which some link names, by the names under which they are read."""
        linked = {name for stage in self.stages for name in stage.links}
        names = {name: f"{other.code}.{name}" for name in sums if other.keeps(name)}
        return {names[name]: rows for name, rows in sums.items() if names.get(name) in linked}

    @property
    def divided_by(self) -> frozenset[str]:
        """The datasets that it reads, or what it rests on: the largest says in how many parts it is computed."""
        return frozenset(dataset for indicator in (self, *self.rests_on) for dataset in indicator.reads)

    @property
    def resolved(self) -> tuple[str, ...]:
        """The parameters that its figures hang on, those of what it rests on among them."""
        return tuple(dict.fromkeys(p for indicator in (self, *self.rests_on) for p in indicator.parameters))
