"""A frame of sums as it lies on disk, carried from run to run by what changed in it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl
import polars.selectors as cs

from pipelines.lake.scan_records import meet

_GROUP = 100_000
_SHARE = 0.2


@dataclass(frozen=True)
class Kept:
    """A frame below `folder`, whose rows are replaced by their values in some columns (`by`).

    `part-NNN.parquet`: the rows; `changed.parquet`: the values that were replaced since these were written, and
    `changes.parquet` what stands of them.
    """

    folder: Path
    by: tuple[str, ...]

    def write(self, part: int, rows: pl.DataFrame) -> None:
        """Write the rows of a part."""
        write(rows, self._part(part))

    def scan(self) -> pl.LazyFrame:
        """All rows, part after part."""
        return self._scan(None, "semi")

    def of(self, values: pl.DataFrame) -> pl.DataFrame:
        """The rows with these values."""
        return self._scan(values, "semi").collect()

    def without(self, values: pl.DataFrame) -> pl.LazyFrame:
        """All rows but those with these values."""
        return self._scan(values, "anti")

    def carry_on(self, target: Kept, values: pl.DataFrame, rows: pl.DataFrame) -> None:
        """Write the same frame to `target`, but of `values` what stands now.

        Files are linked, and what changed stands beside them; where that is much, they are written anew.
        """
        changed, changes = values, rows
        if self._changed.exists():
            changed = pl.concat([pl.read_parquet(self._changed, glob=False), values]).unique()
            changes = pl.concat([self._meet(pl.scan_parquet(self._changes, glob=False), values, "anti").collect(), rows])
        write(changed, target._changed)
        write(changes, target._changes)
        for path in self._parts:
            link(path, target.folder / path.name)
        if changes.height > _SHARE * pl.scan_parquet(self._parts, glob=False).select(pl.len()).collect().item():
            target._consolidate()

    def consolidate(self, target: Kept) -> None:
        """Write the same rows to `target` as parts alone: a slice of these can be read without reading all."""
        for path in self.folder.glob("*.parquet"):
            link(path, target.folder / path.name)
        if target._changed.exists():
            target._consolidate()

    def _consolidate(self) -> None:
        """Let the parts hold what stands, and what stood beside them become a part."""
        paths, changed = self._parts, pl.read_parquet(self._changed, glob=False)
        for path in paths:
            kept = self._meet(pl.scan_parquet(path, glob=False), changed, "anti").collect()
            path.unlink()  # a second name of another run's file: it must not be written through
            write(kept, path)
        self._changes.rename(self._part(len(paths)))
        self._changed.unlink()

    def _scan(self, values: pl.DataFrame | None, how: Literal["semi", "anti"]) -> pl.LazyFrame:
        rows = self._meet(pl.scan_parquet(self._parts, glob=False), values, how)
        if not self._changed.exists():
            return rows
        stays = self._meet(rows, pl.read_parquet(self._changed, glob=False), "anti")
        return pl.concat([stays, self._meet(pl.scan_parquet(self._changes, glob=False), values, how)])

    def _meet(self, rows: pl.LazyFrame, values: pl.DataFrame | None, how: Literal["semi", "anti"]) -> pl.LazyFrame:
        return meet(rows, values if values is None else values.select(self.by), how)

    @property
    def _changed(self) -> Path:
        return self.folder / "changed.parquet"

    @property
    def _changes(self) -> Path:
        return self.folder / "changes.parquet"

    @property
    def _parts(self) -> list[Path]:
        return sorted(self.folder.glob("part-*.parquet"))

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:03d}.parquet"


def as_text(rows: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """The rows with codes as they are kept: categories are numbers that no other night knows."""
    return rows.lazy().with_columns((cs.categorical() | cs.enum()).cast(pl.String))


def write(rows: pl.DataFrame, path: Path) -> None:
    """Write sums, to be read again by us alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    as_text(rows).collect().write_parquet(path, compression="lz4", statistics=False, row_group_size=_GROUP)


def link(path: Path, place: Path) -> None:
    """Give a file a second name: it must not be written through."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        os.link(path, place)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, place)
