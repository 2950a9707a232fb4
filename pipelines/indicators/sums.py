"""The sums of a run as they lie on disk: of every unit, and added up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

_GROUP = 100_000
_SHARE = 0.2


@dataclass(frozen=True)
class Sums:
    """The sums of one indicator below the folder of a run.

    `sums/<code>/<name>/part-NNN.parquet`: by unit; `sums/<code>/changed.parquet`: the units that were computed anew since
    these were written, and `sums/<code>/<name>/changes.parquet` what stands of them; `totals/<code>/<name>.parquet`: added up.
    """

    folder: Path
    code: str
    unit: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The frames by unit."""
        return sorted(path.name for path in self._units.iterdir() if path.is_dir())

    def exist(self) -> bool:
        """Whether the run has written them to their end."""
        return self._totals.is_dir()

    def write_part(self, part: int, frames: Mapping[str, pl.DataFrame]) -> None:
        """Write the sums of a part."""
        for name, rows in frames.items():
            _write(rows, self._part(name, part))

    def write_totals(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Write what is added up, last: with it the sums are whole."""
        partial = self._totals.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, rows in frames.items():
            _write(rows, partial / f"{name}.parquet")
        partial.rename(self._totals)

    def clear(self) -> None:
        """Remove what an earlier attempt left."""
        for folder in (self._totals, self._units):
            shutil.rmtree(folder, ignore_errors=True)

    def totals(self) -> dict[str, pl.DataFrame]:
        """What is added up."""
        return {path.stem: pl.read_parquet(path) for path in sorted(self._totals.iterdir())}

    def whole(self) -> dict[str, pl.LazyFrame]:
        """The sums of every unit, part after part."""
        return {name: self._scan(name, None, "semi") for name in self.names}

    def of(self, units: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """The sums of some units."""
        return {name: self._scan(name, units, "semi").collect() for name in self.names}

    def without(self, units: pl.DataFrame) -> dict[str, pl.LazyFrame]:
        """The sums of all units but some."""
        return {name: self._scan(name, units, "anti") for name in self.names}

    def carry_on(self, target: Sums, units: pl.DataFrame, computed: Mapping[str, pl.DataFrame]) -> None:
        """Write the same sums below `target`, but of `units` those that were computed anew.

        Files are linked, and what was computed stands beside them; where that is much, they are written anew.
        """
        changed = pl.concat([self._read_changed(units), units]).unique()
        rows, beside = 0, 0
        for name in self.names:
            found = [computed[name]]
            if (path := self._changes(name)).exists():
                found.append(self._meet(pl.scan_parquet(path), units, "anti").collect())
            _write(pl.concat(found), target._changes(name))
            beside += sum(f.height for f in found)
            for path in self._parts(name):
                rows += pl.scan_parquet(path).select(pl.len()).collect().item()
                link(path, target._units / name / path.name)
        _write(changed, target._changed)
        if beside > _SHARE * rows:
            target._consolidate()

    def _consolidate(self) -> None:
        """Let the parts hold what stands, and what stood beside them become a part."""
        for name in self.names:
            paths = self._parts(name)
            for path in paths:
                kept = self._meet(pl.scan_parquet(path), pl.scan_parquet(self._changed), "anti").collect()
                path.unlink()  # a second name of another run's file: it must not be written through
                _write(kept, path)
            self._changes(name).rename(self._part(name, len(paths)))
        self._changed.unlink()

    def _scan(self, name: str, units: pl.DataFrame | None, how: Literal["semi", "anti"]) -> pl.LazyFrame:
        rows = self._meet(pl.scan_parquet(self._parts(name)), units, how)
        if not self._changed.exists():
            return rows
        kept = self._meet(rows, pl.scan_parquet(self._changed), "anti")
        return pl.concat([kept, self._meet(pl.scan_parquet(self._changes(name)), units, how)])

    def _meet(
        self, rows: pl.LazyFrame, units: pl.DataFrame | pl.LazyFrame | None, how: Literal["semi", "anti"]
    ) -> pl.LazyFrame:
        if units is None:
            return rows
        return rows.join(units.lazy(), on=self.unit, how=how, nulls_equal=True, maintain_order="left")

    def _read_changed(self, units: pl.DataFrame) -> pl.DataFrame:
        return pl.read_parquet(self._changed) if self._changed.exists() else units.clear()

    @property
    def _units(self) -> Path:
        return self.folder / "sums" / self.code

    @property
    def _totals(self) -> Path:
        return self.folder / "totals" / self.code

    @property
    def _changed(self) -> Path:
        return self._units / "changed.parquet"

    def _changes(self, name: str) -> Path:
        return self._units / name / "changes.parquet"

    def _part(self, name: str, part: int) -> Path:
        return self._units / name / f"part-{part:03d}.parquet"

    def _parts(self, name: str) -> list[Path]:
        return sorted((self._units / name).glob("part-*.parquet"))


def _write(rows: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(path, compression="lz4", statistics=False, row_group_size=_GROUP)


def link(path: Path, place: Path) -> None:
    """Give a file a second name: it must not be written through."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        os.link(path, place)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, place)
