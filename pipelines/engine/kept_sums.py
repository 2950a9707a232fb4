"""The sums of a run as they are kept: of every unit, and added up."""

from __future__ import annotations

from dataclasses import dataclass

from polars import DataFrame, LazyFrame

from pipelines.engine.indicator import Indicator
from pipelines.engine.kept import Kept
from pipelines.store import keys
from pipelines.store.store import Store

_WHOLE_SHARE = "share.json"


@dataclass(frozen=True)
class Sums:
    """The sums of one indicator among the objects of a run: `sums/<indicator>/<name>/` by unit, `totals/<indicator>/<name>/`
    added up, and `totals/<indicator>/whole` once all of them are there. Of parts that were computed by themselves, in whatever
    process, `shares/<indicator>/<part>/` holds what is left to be added up.
    """

    store: Store
    indicator: Indicator

    def exist(self) -> bool:
        """Whether the run has written them to their end."""
        return self._totals.has("whole")

    def clear(self) -> None:
        """Remove what an earlier attempt left."""
        for prefix in (keys.totals, keys.sums, keys.shares):
            self.store.drop(prefix(self.indicator.code))

    def whole(self) -> dict[str, LazyFrame]:
        """All of them, part after part."""
        return {name: kept.scan() for name, kept in {**self.units, **self.totals}.items()}

    def consolidate(self, store: Store) -> Sums:
        """The same in another store, where nothing stands beside the parts."""
        target = Sums(store, self.indicator)
        target.clear()
        for name, kept in self.units.items():
            kept.consolidate(target.unit(name))
        for name, kept in self.totals.items():
            kept.consolidate(target.total(name))
        target.finish()
        return target

    def finish(self) -> None:
        """Say that they are whole."""
        self._totals.put("whole", b"")

    def put_share(self, part: int, totals: dict[str, DataFrame], policy_rows: set[str]) -> None:
        """Keep what a part has to be added up, and the policy rows that it may have used; its own sums stand."""
        share = self._shares.below(str(part))
        for name, rows in totals.items():
            share.write(f"{name}.parquet", rows)
        share.put_json(_WHOLE_SHARE, {"totals": list(totals), "policy_rows": sorted(policy_rows)})

    def share(self, part: int) -> tuple[dict[str, DataFrame], set[str]] | None:
        """What was kept of a part; None of one that was not computed by itself."""
        share = self._shares.below(str(part))
        if not share.has(_WHOLE_SHARE):
            return None
        noted = share.read_json(_WHOLE_SHARE)
        return {name: share.scan(f"{name}.parquet").collect() for name in noted["totals"]}, set(noted["policy_rows"])

    @property
    def has_shares(self) -> bool:
        """Whether any part was computed by itself."""
        return any(True for _ in self._shares.list())

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
        return self.store.below(keys.sums(self.indicator.code))

    @property
    def _shares(self) -> Store:
        return self.store.below(keys.shares(self.indicator.code))

    @property
    def _totals(self) -> Store:
        return self.store.below(keys.totals(self.indicator.code))


def _frames(store: Store) -> list[str]:
    return sorted({name for name, slash, _ in (key.partition("/") for key in store.list()) if slash})
