"""What indicators declare, gathered from where it stands: `TABLES`, `RULES`, `MEASURES`, `LAWS`, `COMPONENTS`, `ADDED`,
`JUDGED`, `EXCUSED` and `PARAMETERS` of `pipelines/indicators/<code>/declaration.py`, or of the only file of a small one,
and `SHOWN` of its `shown.py`.

Nothing outside an indicator names it: whoever speaks of all tables, rules or measures asks here. Gathered when first asked
for, never on import: an indicator may itself import what asks.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator, Mapping, ValuesView
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:  # which themselves ask here for their Chinese
    from schemas.component import Component
    from schemas.law import Law
    from schemas.measure import Measure
    from schemas.rule import Rule
    from schemas.shown import Shown

Kind = Literal["TABLES", "RULES", "MEASURES", "LAWS", "COMPONENTS", "ADDED", "JUDGED", "EXCUSED", "PARAMETERS"]
T = TypeVar("T")


_PACKAGE = "pipelines.indicators"


def _found() -> tuple[pkgutil.ModuleInfo, ...]:
    return _list(tuple(importlib.import_module(_PACKAGE).__path__))


@cache
def _list(path: tuple[str, ...]) -> tuple[pkgutil.ModuleInfo, ...]:
    return tuple(pkgutil.iter_modules(path))


def beside(name: str) -> dict[str, Path]:
    """Where the file `name` of every indicator belongs, by the name of its folder (`card.md` → `<code>/card.md`); that of a
    small indicator lies beside its only file (`<code>.md`). Whether it is there, the caller sees.
    """
    suffix, paths = name.partition(".")[2], {}
    for found in _found():
        folder = Path(getattr(found.module_finder, "path"))  # noqa: B009
        paths[found.name] = folder / (f"{found.name}/{name}" if found.ispkg else f"{found.name}.{suffix}")
    return paths


def declared(kind: Kind, by: str = "") -> Iterator[Any]:
    """What the indicators, or the one of that code, declare of a kind, in the order of their codes; of `PARAMETERS` the pairs of
    name and parameter.
    """
    for code, module in _declarations():
        if by and code != by:
            continue
        own = getattr(module, kind, ())
        yield from own.items() if isinstance(own, dict) else own


def _declarations() -> Iterator[tuple[str, ModuleType]]:
    """Code and module of each indicator, in the order of their codes: where a folder declares itself, or the only file."""
    for found in _found():
        module = f"{_PACKAGE}.{found.name}{'.declaration' if found.ispkg else ''}"
        yield found.name, importlib.import_module(module)


def _all_shown() -> dict[str, Shown]:
    from schemas.shown import Shown, check_codes
    from schemas.shown_by_default import filled_in

    found: dict[str, Shown] = {}
    for code, module in _declarations():
        apart = f"{_PACKAGE}.{code}.shown"
        is_apart = module.__name__.endswith(".declaration") and importlib.util.find_spec(apart)
        own = getattr(importlib.import_module(apart) if is_apart else module, "SHOWN", Shown())
        found[code] = filled_in(code, own, getattr(module, "TABLES", ()), getattr(module, "MEASURES", ()))
    check_codes(found)
    return found


class Gathered(Mapping[str, T]):
    """A mapping that is made when it is first read."""

    def __init__(self, make: Callable[[], dict[str, T]]) -> None:
        self._make = make

    @cached_property
    def _found(self) -> dict[str, T]:
        return self._make()

    def __getitem__(self, key: str) -> T:
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def values(self) -> ValuesView[T]:
        """As they stand: pages go through all of them a hundred thousand times."""
        return self._found.values()

    def __repr__(self) -> str:
        return repr(self._found)  # what it holds, in every process alike: pages are known by it


def _by_code(kind: Kind) -> Callable[[], dict[str, Any]]:
    def make() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in declared(kind):
            if found.setdefault(one.code, one) is not one:
                raise ValueError(f"two of the {kind} of indicators are called {one.code}")
        return found

    return make


RULES: Mapping[str, Rule] = Gathered(_by_code("RULES"))
"""Every kind of finding, by its code."""
MEASURES: Mapping[str, Measure] = Gathered(_by_code("MEASURES"))
"""Every rate that people follow, by its code."""
LAWS: Mapping[str, Law] = Gathered(_by_code("LAWS"))
"""Everything that must add up in what an indicator reports, by its code."""
COMPONENTS: Mapping[str, Component] = Gathered(_by_code("COMPONENTS"))
"""Every part of the yearly assessment score, by its code."""
SHOWN: Mapping[str, Shown] = Gathered(_all_shown)
"""How people are shown each indicator, by its code: what it says itself, else what follows from its tables and measures."""
