"""A site's own suites: `<policies>/expectations/*.json`, in the form in which Great Expectations writes a suite.

`name` is the report table whose staged rows are asked. Every expectation has a `description`, which people read, and a
`meta.check_id`; one whose `severity` is `warning` or `info` holds no night.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.audit.expectations import Check
from pipelines.database.tables import STAGED
from pipelines.store.store import Store


class _Meta(BaseModel):
    model_config = ConfigDict(extra="ignore")
    check_id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str
    kwargs: dict[str, Any]
    meta: _Meta
    description: Annotated[str, Field(min_length=1)]
    severity: Literal["critical", "warning", "info"] = "critical"


class _Suite(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str
    expectations: Annotated[list[_Entry], Field(min_length=1)]


@dataclass(frozen=True)
class Refused:
    """A file of a site that cannot be asked as it is written, and why: it holds the night, or nobody would miss it."""

    check_id: str
    message_zh: str
    scope: str = "expectations"


def read_suites(suites: Store) -> Iterator[list[tuple[Check, Any]] | Refused]:
    """Of each of the suites its checks with their expectations of the library, or why it is refused as a whole."""
    for name in suites.list():
        try:
            yield list(_read(name.removesuffix(".json"), suites.read(name)))
        except _FaultError as fault:
            message_zh = f"本地检查文件 expectations/{name} 无法使用：{fault}；请改正后重新运行，或将其移出"
            yield Refused(f"site.{name.removesuffix('.json')}", message_zh)


class _FaultError(Exception):
    """What is wrong with a file, in Chinese."""


def _read(name: str, content: bytes) -> Iterator[tuple[Check, Any]]:
    try:
        suite = _Suite.model_validate(json.loads(content.decode("utf-8-sig")))
    except ValidationError as error:
        places = ("".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in e["loc"]) for e in error.errors())
        raise _FaultError("、".join(f"{place.removeprefix('.')} 缺失或写法不对" for place in places)) from None
    except ValueError as error:
        raise _FaultError(f"不是可读的 UTF-8 JSON（{error}）") from None
    if suite.name not in STAGED:
        raise _FaultError(f"name 应为结果表名，没有 {suite.name}{_nearest(suite.name, STAGED)}")
    names = [entry.meta.check_id for entry in suite.expectations]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise _FaultError(f"check_id {'、'.join(repeated)} 出现不止一次")
    for number, entry in enumerate(suite.expectations):
        check_id = f"site.{name}.{entry.meta.check_id}"
        check = Check(check_id, suite.name, suite.name, "", entry.description)
        yield check, _build(entry, {"check_id": check_id, "number": number})


def _build(entry: _Entry, meta: dict[str, Any]) -> Any:
    from great_expectations.compatibility.pydantic import ValidationError as ArgumentError
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import get_expectation_impl, list_registered_expectation_implementations

    try:
        kind: Any = get_expectation_impl(entry.type)
        return kind(**entry.kwargs, description=entry.description, severity=entry.severity, meta=meta)
    except ExpectationNotFoundError:
        near = _nearest(entry.type, list_registered_expectation_implementations())
        raise _FaultError(f"{entry.meta.check_id} 的 type {entry.type} 不存在{near}") from None
    except (ArgumentError, TypeError, ValueError) as error:
        raise _FaultError(f"{entry.meta.check_id} 的 kwargs 不合 {entry.type}：{error}") from None


def _nearest(written: str, known: Any) -> str:
    near = difflib.get_close_matches(written, list(known), 1)
    return f"；是否应为 {near[0]}？" if near else ""
