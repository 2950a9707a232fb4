"""Policy files as they were written: rows with the place they came from, and what is wrong with a file in words."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipelines.errors import UsageError, tell_faults
from schemas.declared import beside
from schemas.policies import PolicyRow

_NO_POLICIES = ("sources.toml",)
"""What lies in a site's policy folder for others."""

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "policies"


class PolicyError(UsageError):
    """Policy data that cannot be used, or none for a day; the message is for the operator."""


@dataclass(frozen=True)
class Placed:
    """A row with its layer (0 ours, 1 the site's) and the file it came from."""

    row: PolicyRow
    layer: int
    path: Path

    @property
    def tie_key(self) -> tuple[int, str, str, date]:
        """What no two rows may share."""
        return self.layer, self.row.parameter, self.row.jurisdiction, self.row.valid_from

    @property
    def rank(self) -> tuple[int, int, date]:
        """The higher wins: longer prefix, the site's layer, later beginning."""
        return len(self.row.jurisdiction), self.layer, self.row.valid_from

    def is_valid_on(self, day: date) -> bool:
        """First and last day included."""
        return self.row.valid_from <= day and (self.row.valid_to is None or day <= self.row.valid_to)


def our_files() -> dict[str, Path]:
    """Our policy files by the name under which a run keeps them: `policies.toml` of the indicators' folders, and `seeds/policies`
    with what belongs to none of them.
    """
    own = {f"indicators.{code}.toml": path for code, path in beside("policies.toml").items()}
    return {name: path for name, path in own.items() if path.is_file()} | _list_files(SEEDS)


def _list_files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise PolicyError(f"政策目录 {folder} 不存在；请核对路径")
    return {path.name: path for path in sorted(folder.glob("*.toml")) if path.name not in _NO_POLICIES}


def files_of(overlay: Path | None, seeds: Path | None = None) -> dict[str, dict[str, Path]]:
    """The policy files of each layer by name: `seeds` (all of ours, or a folder in their place) and `site`."""
    ours = our_files() if seeds is None else _list_files(seeds)
    return {"seeds": ours} | ({} if overlay is None else {"site": _list_files(overlay)})


def read_policy_files(overlay: Path | None, seeds: Path | None) -> list[Placed]:
    """Read our policy files (or those of the folder `seeds`) and, where given, those of a site's `overlay` directory, which may
    repeat our ids.

    PolicyError names file, row and remedy: unreadable file, unknown key or parameter, bad value, repeated id, tie.
    """
    layers = files_of(overlay, seeds).values()
    placed = [row for layer, files in enumerate(layers) for path in files.values() for row in _read_file(path, layer)]
    _refuse_repeats(placed)
    return placed


def _read_file(path: Path, layer: int) -> Iterator[Placed]:
    try:
        rows = _read_rows(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise PolicyError(f"政策文件 {path} 不是 UTF-8 编码；请另存为 UTF-8") from error
    except PolicyError as error:
        raise PolicyError(f"政策文件 {path}{error}") from error
    return (Placed(row, layer, path) for row in rows)


@lru_cache
def _read_rows(text: str) -> tuple[PolicyRow, ...]:
    """The rows of a file, kept: every step of a night asks for them. PolicyError says what stands after the file's name."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f" 不是合格的 TOML：{error}") from error
    tables = content.pop("policy", [])
    if content:
        raise PolicyError(f" 有未知的键 {'、'.join(content)}；每行政策写在 [[policy]] 之下")
    if not isinstance(tables, list):
        raise PolicyError("：请写 [[policy]]（双方括号），不是 [policy]")
    return tuple(_check_row(number, table) for number, table in enumerate(tables, start=1))


def _check_row(number: int, table: object) -> PolicyRow:
    try:
        return PolicyRow.model_validate(table)
    except ValidationError as error:
        name = table.get("id", "（无 id）") if isinstance(table, dict) else "（不是表）"
        raise PolicyError(f" 第 {number} 行政策 {name}：{tell_faults(error, PolicyRow, _remedy)}") from error


_REMEDIES = {
    "id": "应为加引号、不含空格的文字",
    "value": '应为整数、true/false、加引号的文字或文字列表；小数也要加引号，例如 "0.8"',
    "jurisdiction": "应为加引号的 2、4 或 6 位行政区划代码前缀，全国写空引号",
    "valid_from": "应为不加引号的日期，例如 2021-01-22",
    "valid_to": "应为不加引号的日期，例如 2021-01-22；长期有效则不写",
    "mark": "应为 S、N 或 D",
}


def _remedy(key: str, fault: ErrorDetails) -> str:
    return f"键 {key} 的值 {fault['input']!r} 不合格；{_REMEDIES.get(key, '应为加引号的非空文字')}"


def _refuse_repeats(placed: list[Placed]) -> None:
    """Raise for an id that stands twice in a layer, and for two rows that would tie."""
    by_id: dict[tuple[int, str], Placed] = {}
    by_tie: dict[tuple[int, str, str, date], Placed] = {}
    for p in placed:
        first = by_id.setdefault((p.layer, p.row.id), p)
        if first is not p:
            raise PolicyError(f"政策 id {p.row.id} 重复：{first.path} 和 {p.path}；请给其中一行改 id")
        first = by_tie.setdefault(p.tie_key, p)
        if first is not p:
            raise PolicyError(
                f"政策 {first.row.id}（{first.path}）与 {p.row.id}（{p.path}）并列："
                f"参数 {p.row.parameter}、区划「{p.row.jurisdiction or '全国'}」、"
                f"生效日期 {p.row.valid_from} 都相同；请删去一行或改其生效日期"
            )
