"""Which policy row holds where and when (rulebook §1, last paragraph).

Of the rows of a parameter that are valid on the day and whose jurisdiction is a prefix of the division's
code, the one with the longest prefix wins, then a site's overlay before ours, then the latest `valid_from`.
Two rows equal in all of these are refused when they are loaded.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, overload

from pipelines.policy.files import Placed, PolicyError, read_policy_files
from schemas.policies import DECIMAL_PLACES, PARAMETERS, Kind, PolicyRow

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Policies", "PolicyError", "load_policies"]


@dataclass(frozen=True)
class _Grid:
    """The winners of one parameter: `held[prefix][n]` is the position of the row holding from the n-th cut.

    Stretch 0 lies before the first cut. The longest prefix comes first, the nation last.
    """

    cuts: tuple[date, ...]
    held: dict[str, tuple[int | None, ...]]


def load_policies(overlay: Path | None = None, seeds: Path | None = None) -> "Policies":
    """Read our policy files (or every `*.toml` of `seeds`) and, where given, those of a site's `overlay` directory.

    A file holds `[[policy]]` tables with the keys of `PolicyRow`. The overlay may repeat our ids.
    `PolicyError` names file, row and remedy: unreadable file, unknown key or parameter, bad value, repeated
    id, tie.
    """
    return Policies(read_policy_files(overlay, seeds))


class Policies:
    """All policy rows of a run: which one holds, which were used, and the digest of them all.

    `used` the ids resolved so far; `rows` every row, ours before the site's.
    """

    def __init__(self, placed: list[Placed]) -> None:
        self.used: set[str] = set()
        self.rows = [p.row for p in sorted(placed, key=lambda p: p.tie_key)]
        self._placed: dict[str, list[Placed]] = {parameter: [] for parameter in PARAMETERS}
        for p in placed:
            self._placed[p.row.parameter].append(p)
        self._grids: dict[str, _Grid] = {}
        self._values: dict[str, tuple[pl.Series, pl.Series]] = {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all rows, whatever the files' order and split."""
        return _digest_rows(p for placed in self._placed.values() for p in placed)

    def completed(self, present: "Policies") -> "Policies":
        """These rows, and of parameters that have none here, because code of later asks for them, those of `present`;
        `digest` and `rows` stay.
        """
        unknown = [parameter for parameter, placed in self._placed.items() if not placed]
        own = [p for placed in self._placed.values() for p in placed]
        both = Policies([*own, *(p for parameter in unknown for p in present._placed[parameter])])
        both.digest, both.rows = self.digest, self.rows
        return both

    def of(self, parameters: Collection[str]) -> "Policies":
        """The rows of some parameters alone; asked for another it raises PolicyError."""
        own = Policies([p for parameter in parameters for p in self._placed[parameter]])
        own._placed = {parameter: own._placed[parameter] for parameter in parameters}
        return own

    def digest_until(self, day: date, ahead: Collection[str] = ()) -> str:
        """SHA-256 (hex) of the rows as they hold up to a day: without those that begin later, and ends that come later. Of the
        parameters that are asked `ahead` of it all rows as they are.
        """
        rows = [p for placed in self._placed.values() for p in placed if p.row.parameter in ahead or p.row.valid_from <= day]
        return _digest_rows(
            replace(p, row=p.row.model_copy(update={"valid_to": None}))
            if p.row.parameter not in ahead and p.row.valid_to and p.row.valid_to >= day
            else p
            for p in rows
        )

    def moved_between(self, one: date, other: date) -> frozenset[str]:
        """The parameters of which a row begins or ends between two days, so that the later may be under another."""
        first, last = sorted((one, other))
        moved = (r for r in self.rows if first < r.valid_from <= last or (r.valid_to and first <= r.valid_to < last))
        return frozenset(row.parameter for row in moved)

    def resolve(self, parameter: str, jurisdiction: str, day: date) -> PolicyRow:
        """Return the row holding for a division ('' = the nation) on a day; `PolicyError` when none does."""
        grid = self._tabulate(parameter)
        prefix = next(p for p in grid.held if jurisdiction.startswith(p))
        position = grid.held[prefix][bisect_right(grid.cuts, day)]
        if position is None:
            raise _make_gap_error(parameter, jurisdiction, day)
        row = self._placed[parameter][position].row
        self.used.add(row.id)
        return row

    @overload
    def resolve_frame(self, frame: "pl.DataFrame", parameter: str, *, day: str, jurisdiction: str | None) -> "pl.DataFrame": ...
    @overload
    def resolve_frame(self, frame: "pl.LazyFrame", parameter: str, *, day: str, jurisdiction: str | None) -> "pl.LazyFrame": ...
    def resolve_frame(
        self, frame: "pl.DataFrame | pl.LazyFrame", parameter: str, *, day: str, jurisdiction: str | None
    ) -> "pl.DataFrame | pl.LazyFrame":
        """Add `<parameter>` and `<parameter>_policy_id` to each row, for its date and its division.

        `day` names a Date column, `jurisdiction` a column of 6-digit codes (None = the nation for every
        row). The value is Int64, String, Boolean, List(String) or, for a decimal, Decimal(18, 6). A null
        day gets nulls. All rows and their order are kept. A lazy frame is run once here, for these two
        columns only, to note the rows used and to raise `PolicyError` for a date without a policy row (unless the
        parameter may be absent: nulls) or without a division.
        """
        import polars as pl

        grid, rows = self._tabulate(parameter), [p.row for p in self._placed[parameter]]
        if parameter not in self._values:
            self._values[parameter] = _values_of(rows, PARAMETERS[parameter].kind)
        named = dict(zip((parameter, f"{parameter}_policy_id"), self._values[parameter], strict=True))
        if isinstance(frame, pl.DataFrame) and frame.is_empty():
            return frame.with_columns(pl.lit(None, values.dtype).alias(name) for name, values in named.items())
        held = _express_position(grid.cuts, tuple(grid.held.items()), day, jurisdiction)
        place = pl.lit("") if jurisdiction is None else pl.col(jurisdiction)
        if isinstance(frame, pl.DataFrame):
            position = frame.select(position=held).to_series()
            self.used.update(rows[n].id for n in position.unique() if n is not None)
            if position.null_count() > frame[day].null_count():
                without = frame.filter(position.is_null() & frame[day].is_not_null())
                _check_gap(parameter, *without.head(1).select(jurisdiction=place, day=day).row(0))
            at = pl.lit(position)
            return frame.with_columns(pl.lit(values).gather(at).alias(name) for name, values in named.items())
        seen = (
            frame.select(position=held, jurisdiction=place, day=day)
            .filter(pl.col("day").is_not_null())
            .group_by("position")
            .agg(pl.col("jurisdiction", "day").first())
            .collect()
        )
        for n, found_jurisdiction, found_day in seen.iter_rows():
            if n is None:
                _check_gap(parameter, found_jurisdiction, found_day)
            else:
                self.used.add(rows[n].id)
        return frame.with_columns(pl.lit(values).gather(held).alias(name) for name, values in named.items())

    def _tabulate(self, parameter: str) -> _Grid:
        """Cut time wherever the winner may change and note the winner of each stretch for each prefix."""
        if parameter not in self._placed:
            raise PolicyError(f"参数 {parameter} 未登记；已登记的参数：{'、'.join(self._placed)}")
        if parameter not in self._grids:
            placed = self._placed[parameter]
            ends = [p.row.valid_to for p in placed if p.row.valid_to is not None]
            cuts = {p.row.valid_from for p in placed} | {e + timedelta(days=1) for e in ends if e < date.max}
            grid = _Grid(tuple(sorted(cuts)), {})
            prefixes = {p.row.jurisdiction for p in placed} | {""}
            for prefix in sorted(prefixes, key=len, reverse=True):
                rivals = [(p.rank, n, p) for n, p in enumerate(placed) if prefix.startswith(p.row.jurisdiction)]
                winners: list[int | None] = [None]
                for cut in grid.cuts:
                    valid = [(rank, n) for rank, n, p in rivals if p.is_valid_on(cut)]
                    winners.append(max(valid)[1] if valid else None)
                grid.held[prefix] = tuple(winners)
            self._grids[parameter] = grid
        return self._grids[parameter]


def _digest_rows(placed: Iterable[Placed]) -> str:
    lines = sorted(json.dumps([p.layer, p.row.model_dump(mode="json")], ensure_ascii=False, sort_keys=True) for p in placed)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@lru_cache(maxsize=1024)
def _express_position(
    cuts: tuple[date, ...], held: tuple[tuple[str, tuple[int | None, ...]], ...], day: str, jurisdiction: str | None
) -> "pl.Expr":
    """Write the rule as one expression row by row: which prefix, which stretch of time, hence which row; kept, for every rule of
    an indicator asks for its clause.
    """
    import polars as pl

    winners = dict(held) if jurisdiction is not None else {"": dict(held)[""]}
    prefixes = list(winners)
    stretch = pl.sum_horizontal(pl.lit(0), *(pl.col(day) >= cut for cut in cuts))
    which = pl.lit(prefixes.index(""))
    if jurisdiction is not None:
        for length in sorted({len(prefix) for prefix in prefixes} - {0}):
            alike = {prefix: n for n, prefix in enumerate(prefixes) if len(prefix) == length}
            found = pl.col(jurisdiction).str.head(length).replace_strict(alike, default=None)
            which = pl.coalesce(found, which)
        which = pl.when(pl.col(jurisdiction).is_not_null()).then(which)
    key = pl.when(pl.col(day).is_not_null()).then(which * (len(cuts) + 1) + stretch)
    positions = [position for prefix in prefixes for position in winners[prefix]]
    return key.replace_strict(range(len(positions)), positions, default=None, return_dtype=pl.Int32)


def _check_gap(parameter: str, jurisdiction: str | None, day: date) -> None:
    """PolicyError for a row for which no policy row holds, unless there need not be one."""
    if jurisdiction is None or not PARAMETERS[parameter].may_be_absent:
        raise _make_gap_error(parameter, jurisdiction, day)


def _make_gap_error(parameter: str, jurisdiction: str | None, day: date) -> PolicyError:
    if jurisdiction is None:
        return PolicyError(f"参数 {parameter}：{day} 的一行没有行政区划代码，无法确定适用政策；请补全机构的区划代码")
    where = jurisdiction or "全国"
    return PolicyError(f"参数 {parameter} 在 {where} {day} 没有有效的政策行；请在政策目录中补一行，使 valid_from 不晚于该日")


def _values_of(rows: list[PolicyRow], kind: Kind) -> tuple["pl.Series", "pl.Series"]:
    """The values of policy rows in their type, and their ids."""
    import polars as pl

    dtype = {
        "int": pl.Int64(),
        "str": pl.String(),
        "bool": pl.Boolean(),
        "decimal": pl.Decimal(18, DECIMAL_PLACES),
        "list": pl.List(pl.String()),
    }[kind]
    return pl.Series([_read_value(row) for row in rows], dtype=dtype), pl.Series([row.id for row in rows], dtype=pl.String)


def _read_value(row: PolicyRow) -> object:
    return Decimal(str(row.value)) if PARAMETERS[row.parameter].kind == "decimal" else row.value
