"""The indicators: a folder each, or a file for a small one. Dropping one here adds it; nothing else is edited."""

from __future__ import annotations

import importlib.util
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, cast

from pipelines.errors import VbpError
from schemas.declared import beside

if TYPE_CHECKING:  # the definitions of report tables are gathered from here, and the engine reads those
    from pipelines.engine.explanation import Explained
    from pipelines.engine.indicator import Indicator


def _modules(part: str) -> Iterator[ModuleType]:
    """The module `part` of every indicator and those below it, or the only file of a small one."""
    for found in pkgutil.iter_modules(__path__, f"{__name__}."):
        name = f"{found.name}.{part}" if found.ispkg else found.name
        if importlib.util.find_spec(name) is None:
            continue
        yield (module := importlib.import_module(name))
        for below in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
            yield importlib.import_module(below.name)


@cache
def all_indicators() -> dict[str, Indicator]:
    """Every indicator (`INDICATOR` of `indicator.py` of a folder, or of the only file of a small one) by its code, those that
    rest on others after these. ValueError where two have the same code, or one rests on one that rests on others.
    """
    found: dict[str, Indicator] = {}
    for module in _modules("indicator"):
        indicator = cast("Indicator | None", vars(module).get("INDICATOR"))
        if indicator and found.setdefault(indicator.code, indicator) is not indicator:
            raise ValueError(f"two indicators are called {indicator.code}")
    for indicator in found.values():
        if any(other.rests_on for other in indicator.rests_on):
            raise ValueError(f"{indicator.code} rests on an indicator that rests on others")
    return dict(sorted(found.items(), key=lambda item: bool(item[1].rests_on)))


@cache
def all_explained() -> dict[str, Explained]:
    """How the rows of a report table are explained (`EXPLAINED` of `explain`, a file or a folder of files, or of the only file
    of a small indicator), by the table's name.
    """
    return {explained.table: explained for explained in _explained() if not explained.rule}


@cache
def all_explained_findings() -> dict[str, Explained]:
    """How findings made of several rows of their table are explained (`EXPLAINED` with a `rule`), by that rule."""
    return {explained.rule: explained for explained in _explained() if explained.rule}


def _explained() -> Iterator[Explained]:
    found = (cast("Explained | None", vars(module).get("EXPLAINED")) for module in _modules("explain"))
    return (explained for explained in found if explained)


def read_card(code: str) -> dict[str, str]:
    """The card of an indicator, Markdown by language: `en`, and `zh` where it is written. VbpError where there is none."""
    english, chinese = (beside(name)[code] for name in ("card.md", "card.zh-CN.md"))
    if not english.is_file():
        raise VbpError(f"缺少指标 {code} 的说明卡 {english}；请补写，或重新完整安装程序")
    found = {"zh": chinese, "en": english}
    return {language: path.read_text(encoding="utf-8") for language, path in found.items() if path.is_file()}
