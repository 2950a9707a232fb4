"""Read json and jsonl: flat objects, in an array or one a line, every value as the text that was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.encoding import decode
from pipelines.ingest.headers import known_names
from pipelines.ingest.readers.grid import Grid
from schemas.records import RECORDS, Dataset

_MOST_CELLS = 50_000_000
_WRAPPINGS = 3
_SHOWN = 20
_OF_ANSWERS = frozenset({"status", "name", "code", "kind"})
"""What the answer of a service says of itself may be called like a column of its records."""
_MAY_BE_UNREADABLE = re.compile("\ufffd|\0|\\\\u(?:0000|[dD][89a-fA-F]|[fF]{3}[dD])")
_UNREADABLE = re.compile("[\ufffd\0\ud800-\udfff]")


class _Object(dict[str, Any]):
    """An object; `twice` is a name to which it gives two values."""

    twice = ""


def read_json(path: Path, dataset: str) -> Iterator[Grid]:
    """The objects of a json or jsonl file as one grid, named by its encoding; line 0 has the names in all of them, in the
    order in which they come, `_line` is the number of the line, or in an array that of the object.

    An array may lie in an object that says nothing else of its records ({"data": […]}) by names of the `dataset`. What
    is no flat object becomes a row with `_raw` and `_problem`. Raises FileRefusedError for a file that is empty, a
    broken array, or too large.
    """
    text, encoding = decode(path.read_bytes())
    if not text.strip():
        raise FileRefusedError("empty_file", f"{path.name}：文件为空（{path.stat().st_size} 字节），请重新导出")
    records = list(_read_records(text, path.name, RECORDS[dataset]))
    if _MAY_BE_UNREADABLE.search(text):
        records = [(line, value, problem or _find_unreadable(value)) for line, value, problem in records]
    yield Grid(encoding, _make_cells(records, path.name))


def _read_records(text: str, where: str, dataset: Dataset) -> Iterator[tuple[int, Any, str]]:
    """(number, what stands there, what is wrong with it) of every record."""
    try:
        document = _load(text)
    except RecursionError:
        raise FileRefusedError("unreadable_file", f"{where}：JSON 嵌套层数过多，应为平铺的对象数组，请重新导出") from None
    except json.JSONDecodeError as error:
        if not _is_by_line(text):
            near = text[max(0, error.pos - _SHOWN) : error.pos + _SHOWN].replace("\n", " ")
            raise FileRefusedError(
                "unreadable_file",
                f"{where}：JSON 在第 {error.lineno} 行第 {error.colno} 个字符处有误或中断（附近为“{near}”），请重新导出",
            ) from None
        for line, written in enumerate(text.split("\n"), start=1):
            if written.strip():
                yield line, *_read_line(written)
        return
    for number, record in enumerate(_find_array(document, where, dataset), start=1):
        yield number, record, _find_nested(record)


def _load(text: str) -> Any:
    return json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_make_object)


def _make_object(pairs: Sequence[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        made.twice = next(name for name in names if names.count(name) > 1)
    return made


def _is_by_line(text: str) -> bool:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    whole = sum(line[0] == "{" and line[-1] == "}" for line in lines)
    return lines[0][0] == "{" and 0 < len(lines) <= whole * 2


def _read_line(written: str) -> tuple[Any, str]:
    try:
        value = _load(written)
    except json.JSONDecodeError as error:
        return written.strip(), f"该行不是完整的 JSON 对象：第 {error.colno} 个字符处有误或中断，请重新导出"
    except RecursionError:
        return written.strip(), "该行嵌套层数过多，应为平铺的对象，请重新导出"
    return value, _find_nested(value)


def _find_array(document: Any, where: str, dataset: Dataset) -> Sequence[Any]:
    """The objects of an array, or of the one array of objects that lies in an object; or an object itself."""
    if not isinstance(document, _Object):
        return document if isinstance(document, list) else [document]
    arrays: dict[str, Sequence[Any]] = {}
    beside: list[str] = []
    objects = [document]
    for _ in range(_WRAPPINGS):
        values = [item for each in objects for item in each.items()]
        for name, value in values:
            if isinstance(value, list) and any(isinstance(v, _Object) for v in value):
                arrays[name if name not in arrays else f"{name}（另一处）"] = value
            elif not isinstance(value, _Object | list):
                beside.append(name)
        objects = [value for _, value in values if isinstance(value, _Object)]
    if not arrays:
        return [document]
    lost = [name for name in known_names(beside, dataset) if name.casefold() not in _OF_ANSWERS]
    if len(arrays) > 1 or lost:
        why = f"“{'”“'.join(lost)}”写在数组之外" if lost else f"有几个数组（{'、'.join(arrays)}）"
        raise FileRefusedError("unreadable_file", f"{where}：JSON 中{why}，不能判断各条记录的内容；请只报送一个平铺的对象数组")
    return next(iter(arrays.values()))


def _find_nested(value: Any) -> str:
    if not isinstance(value, _Object):
        return "该条记录不是 JSON 对象，应写成 {列名: 值} 的形式"
    if value.twice:
        return f"该条记录中“{value.twice}”出现了不止一次，不能判断取哪个值，请只保留一个"
    nested = [name for name, cell in value.items() if isinstance(cell, list | dict)]
    return f"“{'”“'.join(nested)}”的值是数组或对象，请展开为平铺的列后重新报送" if nested else ""


def _find_unreadable(value: Any) -> str:
    cells = [*value, *value.values()] if isinstance(value, _Object) else [value]
    if any(isinstance(cell, str) and _UNREADABLE.search(cell) for cell in cells):
        return "该条记录含有无法解码的字符或 NUL 字符，请用 UTF-8 重新导出"
    return ""


def _make_cells(records: Sequence[tuple[int, Any, str]], where: str) -> pl.DataFrame:
    good = [value for _, value, problem in records if not problem]
    names = list(dict.fromkeys(name for value in good for name in value))
    if len(good) * len(names) > _MOST_CELLS:
        raise FileRefusedError(
            "too_large", f"{where}：{len(good)} 条记录共有 {len(names)} 个不同的列名，数据过大，请分成几份或改用 csv 报送"
        )
    places = dict(zip(names, (f"c{i}" for i in range(len(names))), strict=True))
    texts = [{n: n for n in names}, *({name: _as_text(cell) for name, cell in v.items()} for v in good)]
    lines = pl.Series("_line", [0, *(line for line, _, problem in records if not problem)], dtype=pl.Int64)
    if not names:
        return lines.head(1).to_frame()
    cells = pl.from_dicts(texts, schema=dict.fromkeys(names, pl.String)).rename(places)
    rows = [cells.insert_column(0, lines)]
    bad = [(line, _as_written(value), problem) for line, value, problem in records if problem]
    if bad:
        schema = {"_line": pl.Int64(), "_raw": pl.String(), "_problem": pl.String()}
        rows.append(pl.DataFrame(bad, schema=schema, orient="row"))
    return pl.concat(rows, how="diagonal").sort("_line")


def _as_text(cell: Any) -> str | None:
    return str(cell).lower() if isinstance(cell, bool) else cell


def _as_written(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode(errors="replace").decode()
