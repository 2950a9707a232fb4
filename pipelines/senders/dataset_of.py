"""Which dataset a file is of: somebody says it, the folder in which it lies is called so, or its headers tell."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipelines.errors import FileRefusedError, UsageError
from pipelines.ingest.content import recognize
from pipelines.ingest.headers import SEARCHED_ROWS
from pipelines.ingest.readers.bounded import read_grids
from pipelines.ingest.sheet import Sheet
from pipelines.ingest.take_in import read_sheets
from pipelines.ingest.workbook import find_sheets
from schemas.records import RECORDS, Dataset

_HEAD = 2**20
_MOST_BYTES = 16 * 2**20
_NAME_IT = "请用 --dataset 写明是哪个数据集"


def dataset_of(file: Path, given: str = "") -> tuple[str, str]:
    """The name of the dataset of a file and where it is known from (Chinese): `given`, else the folder above it that is
    called like a dataset (`folder_of`), else the one dataset whose required columns are all there and that knows every
    header which another one knows, and more. UsageError where none of it tells.
    """
    if given:
        if given not in RECORDS:
            raise UsageError(f"没有数据集“{given}”；应为 {'、'.join(RECORDS)} 之一")
        return given, "由 --dataset 指定"
    if folder := folder_of(file):
        return folder, f"所在目录名为 {folder}"
    return _by_headers(file), "按表头识别"


def folder_of(file: Path) -> str:
    """The outermost folder above a file that is called like a dataset, as in the landing zone; of the path as it is given if it
    has one, else of the whole. Empty where there is none.
    """
    paths = (file.parts[:-1], file.absolute().parts[:-1])
    return next((part for parts in paths for part in parts if part in RECORDS), "")


def _by_headers(file: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="vbp_headers_") as folder:
        try:
            read = _begin(file, Path(folder))
            known = {name: found for name, dataset in RECORDS.items() if (found := _known(read, dataset))}
        except FileRefusedError as error:
            raise UsageError(f"{error}；因此也无法按表头识别数据集，{_NAME_IT}") from error
    if not known:
        raise UsageError(f"{file}：没有一个数据集的必填列在表头中齐全，无法识别；{_NAME_IT}，再次检查会指出缺少哪些列")
    widest = [name for name, found in known.items() if all(found > other for n, other in known.items() if n != name)]
    if not widest:
        may_be = "、".join(f"{name}（{RECORDS[name].title}）" for name in known)
        raise UsageError(f"{file}：表头同时符合 {may_be}，无法判断；{_NAME_IT}")
    return widest[0]


def _begin(file: Path, folder: Path) -> Callable[[Dataset], list[Sheet]]:
    """How the top of the file is read for a dataset; what is dear is done once."""
    kind = recognize(file)
    if kind not in ("text", "json", "zip"):
        grids = [replace(g, cells=g.cells.head(SEARCHED_ROWS + 1), numbers=None, merged=[]) for g in read_grids(file, kind)]
        return lambda dataset: find_sheets(grids, dataset, file.name)[0]
    head = file
    if kind == "text":
        with file.open("rb") as whole:
            start, is_more = whole.read(_HEAD), bool(whole.read(1))
        head = folder / file.name
        head.write_bytes(start[: start.rfind(b"\n")] if is_more and b"\n" in start else start)
    elif file.stat().st_size > _MOST_BYTES:
        raise FileRefusedError("too_large", f"{file}：{kind} 文件超过 {_MOST_BYTES >> 20} MB")
    return lambda dataset: read_sheets(head, dataset)[0]


def _known(read: Callable[[Dataset], list[Sheet]], dataset: Dataset) -> set[tuple[str, str]]:
    """Sheet and header of all that the dataset knows; nothing where no sheet has its required columns."""
    try:
        sheets = read(dataset)
    except FileRefusedError:
        return set()
    return {(s.name, s.header.names[p]) for s in sheets for at in s.header.positions.values() for p in at}
