"""The sums of a run as they are kept: of every unit, and added up."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from polars import DataFrame, LazyFrame

from pipelines.engine.indicator import Indicator
from pipelines.engine.kept import Kept
from pipelines.store import keys
from pipelines.store.runs import code_version
from pipelines.store.store import Store


@dataclass(frozen=True)
class Sums:
    """The sums of one indicator among the objects of a run, in a place that nobody else writes below:
    `sums/<indicator>/<place>/<name>/` by unit, `totals/<indicator>/<place>/<name>/` added up. `totals/<indicator>/whole.json`
    names the place once all of them are there, the program that computed them, and in how many parts along the axis.

    So two processes that compute the same, however long one of them slept, never write into one another's, and whoever reads
    finds all or nothing. Of parts that were computed by themselves, `shares/<indicator>/` holds the same, a place each, and
    `<part>.json` what is left to be added up.
    """

    store: Store
    indicator: Indicator
    place: str
    parts: int = 0

    @classmethod
    def new(cls, store: Store, indicator: Indicator) -> Sums:
        """A place to write into."""
        return cls(store, indicator, token_hex(4))

    @classmethod
    def standing(cls, store: Store, indicator: Indicator) -> Sums | None:
        """Those that were finished; None where none were."""
        said = _said(store, indicator)
        return cls(store, indicator, said["place"], said["parts"]) if said else None

    @classmethod
    def of_part(cls, store: Store, indicator: Indicator) -> Sums:
        """A place to write into for a part that is computed by itself."""
        return cls.new(store.below(keys.shares(indicator.code)), indicator)

    def whole(self) -> dict[str, LazyFrame]:
        """All of them, part after part."""
        return {name: kept.scan() for name, kept in {**self.units, **self.totals}.items()}

    def consolidate(self, store: Store) -> Sums:
        """The same in another store, where nothing stands beside the parts."""
        target = Sums.new(store, self.indicator)
        for name, kept in self.units.items():
            kept.consolidate(target.unit(name))
        for name, kept in self.totals.items():
            kept.consolidate(target.total(name))
        return target

    def finish(self, parts: int) -> None:
        """Say that they are whole, and the run's, in `parts` along the axis, or 0 where they were carried on; where this program
        had them computed meanwhile, those stay.
        """
        if is_computed(self.store, self.indicator):
            self._units.drop()
            self._totals.drop()
            return
        self.store.put_json(_whole(self.indicator), {"place": self.place, "program": code_version(), "parts": parts})

    def finish_part(self, part: int, totals: dict[str, DataFrame], policy_rows: set[str]) -> None:
        """Keep what a part has to be added up, and the policy rows that it may have used; its own sums stand."""
        for name, rows in totals.items():
            self.store.write(f"{self.place}/{name}.parquet", rows)
        said = {"place": self.place, "program": code_version(), "totals": list(totals), "policy_rows": sorted(policy_rows)}
        self.store.put_json(f"{part}.json", said)

    def take_part(self, part: int) -> tuple[dict[str, DataFrame], set[str]] | None:
        """Copy the own sums of a part that was computed by itself; return what it has to be added up, and its policy rows. None
        where this program did not compute it.
        """
        shares = self.store.below(keys.shares(self.indicator.code))
        said = shares.read_json(f"{part}.json") if shares.has(f"{part}.json") else {}
        if said.get("program") != code_version():
            return None
        of_part = Sums(shares, self.indicator, said["place"])
        for own, target in ((of_part._units, self._units), (of_part._totals, self._totals)):
            for key in own.list():
                own.copy(key, key, target)
        totals = {name: shares.scan(f"{of_part.place}/{name}.parquet").collect() for name in said["totals"]}
        return totals, set(said["policy_rows"])

    @property
    def units(self) -> dict[str, Kept]:
        """The frames by unit."""
        return {name: self.unit(name) for name in _frames(self._units)}

    @property
    def totals(self) -> dict[str, Kept]:
        """The frames of what is added up."""
        return {name: self.total(name) for name in _frames(self._totals)}

    def unit(self, name: str) -> Kept:
        """The frame of that name by unit."""
        return Kept(self._units.below(name), self.indicator.stage_of(name).unit)

    def total(self, name: str) -> Kept:
        """The frame of that name of what is added up."""
        return Kept(self._totals.below(name), self.indicator.grains[name])

    @property
    def _units(self) -> Store:
        return self.store.below(f"{keys.sums(self.indicator.code)}/{self.place}")

    @property
    def _totals(self) -> Store:
        return self.store.below(f"{keys.totals(self.indicator.code)}/{self.place}")


def is_computed(store: Store, indicator: Indicator) -> bool:
    """Whether this program has computed an indicator among the objects of a run to its end."""
    return _said(store, indicator).get("program") == code_version()


def _whole(indicator: Indicator) -> str:
    return f"{keys.totals(indicator.code)}/whole.json"


def _said(store: Store, indicator: Indicator) -> dict[str, Any]:
    """What is said of the sums that were finished; nothing where none were."""
    return dict(store.read_json(key)) if store.has(key := _whole(indicator)) else {}


def _frames(store: Store) -> list[str]:
    return sorted({name for name, slash, _ in (key.partition("/") for key in store.list()) if slash})
