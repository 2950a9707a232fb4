"""Libraries that another one imports, and perhaps never uses, imported only when they are used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    """Stands for a module until something is asked of it."""

    def __getattr__(self, name: str) -> Any:
        _withdraw(self)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def put_off(*names: str) -> Iterator[None]:
    """Let what is imported within take stand-ins for modules that are not imported yet.

    A stand-in imports its module when an attribute of it is first used, within or later. Afterwards only those hold
    it who took it: others import the module itself. The package that a module is in is imported at once.
    (`importlib.util.LazyLoader` would import the module with the first `import` of it.)
    """
    stand_ins = [_StandIn(name) for name in names if name not in sys.modules]
    for stand_in in stand_ins:
        package, _, own = stand_in.__name__.rpartition(".")
        if package:
            setattr(importlib.import_module(package), own, stand_in)
        sys.modules[stand_in.__name__] = stand_in
    try:
        yield
    finally:
        for stand_in in stand_ins:
            _withdraw(stand_in)


def _withdraw(stand_in: ModuleType) -> None:
    """Let an import find the module again."""
    name = stand_in.__name__
    if sys.modules.get(name) is stand_in:
        del sys.modules[name]
        package, _, own = name.rpartition(".")
        if package:
            delattr(sys.modules[package], own)
