"""The sums of a run as they lie on disk: of every unit, and added up."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.engine.indicator import Indicator
from pipelines.engine.kept import Kept


@dataclass(frozen=True)
class Sums:
    """The sums of one indicator below the folder of a run: `sums/<indicator>/<name>/` by unit, `totals/<indicator>/<name>/`
    added up, and `totals/<indicator>/whole` once all of them are there.
    """

    folder: Path
    indicator: Indicator

    def exist(self) -> bool:
        """Whether the run has written them to their end."""
        return self._whole.exists()

    def clear(self) -> None:
        """Remove what an earlier attempt left."""
        for kind in ("sums", "totals"):
            shutil.rmtree(self.folder / kind / self.indicator.code, ignore_errors=True)

    def whole(self) -> dict[str, pl.LazyFrame]:
        """All of them, part after part."""
        return {name: kept.scan() for name, kept in {**self.units, **self.totals}.items()}

    def consolidate(self, folder: Path) -> Sums:
        """The same below another folder, where nothing stands beside the parts."""
        target = Sums(folder, self.indicator)
        target.clear()
        for name, kept in self.units.items():
            kept.consolidate(target.unit(name))
        for name, kept in self.totals.items():
            kept.consolidate(target.total(name))
        target.finish()
        return target

    def finish(self) -> None:
        """Say that they are whole."""
        self._whole.parent.mkdir(parents=True, exist_ok=True)  # there may be no totals
        self._whole.touch()

    @property
    def units(self) -> dict[str, Kept]:
        """The frames by unit."""
        return {name: self.unit(name) for name in self._names("sums")}

    @property
    def totals(self) -> dict[str, Kept]:
        """The frames of what is added up."""
        return {name: self.total(name) for name in self._names("totals")}

    def unit(self, name: str) -> Kept:
        """The frame of that name by unit."""
        return Kept(self.folder / "sums" / self.indicator.code / name, self.indicator.stage_of(name).unit)

    def total(self, name: str) -> Kept:
        """The frame of that name of what is added up."""
        return Kept(self.folder / "totals" / self.indicator.code / name, self.indicator.grains[name])

    def _names(self, kind: str) -> list[str]:
        folder = self.folder / kind / self.indicator.code
        return sorted(path.name for path in folder.glob("*/"))

    @property
    def _whole(self) -> Path:
        return self.folder / "totals" / self.indicator.code / "whole"
