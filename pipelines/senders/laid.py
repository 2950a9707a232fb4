"""Files on a sender's disk as they would lie in the landing zone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.ingest.discover import SUFFIXES, is_note
from pipelines.ingest.walk import walk
from pipelines.senders.dataset_of import dataset_of, folder_of


@dataclass(frozen=True)
class Laid:
    """A file: where it is, the dataset and where that is known from (Chinese), and its path below the landing zone."""

    file: Path
    dataset: str
    because: str
    path: str


def lay(files: Sequence[Path], dataset: str, landing: Path) -> list[Laid]:
    """Put links to files below `landing` as they would lie there, so that they are found as the night finds them.

    A folder stands for the files below it. What is below a folder called like its dataset keeps its path from there on, which
    decides which of two files is the later one. UsageError for what is not there, and where the dataset cannot be told.
    """
    laid: list[Laid] = []
    taken: set[str] = set()
    for file in _list(files):
        name, because = dataset_of(file, dataset)
        path = _find_free(_path_of(file, name), taken)
        taken.add(path)
        link = landing / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file.absolute())
        laid.append(Laid(file, name, because, path))
    return laid


def _list(files: Sequence[Path]) -> Iterator[Path]:
    for file in files:
        if file.is_dir():
            yield from (found.place for found in walk(file, (), (), SUFFIXES) if not is_note(found.place))
        elif os.path.lexists(file):
            yield file
        else:
            raise UsageError(f"找不到文件 {file}")


def _path_of(file: Path, dataset: str) -> str:
    if folder_of(file) != dataset:
        return f"{dataset}/{file.name}"
    parts = file.absolute().parts
    at = len(parts) - len(file.parts) if dataset in file.parts[:-1] else 0
    return "/".join(parts[parts.index(dataset, at) :])


def _find_free(path: str, taken: set[str]) -> str:
    """Two files of one name from different folders both lie there, in the order in which they are given."""
    start, name = path.rpartition("/")[0], Path(path)
    return next(p for n in count(1) if (p := path if n == 1 else f"{start}/{name.stem}~{n}{name.suffix}") not in taken)


def find_sender(path: str) -> str:
    """Whose file it is, as far as its path tells: the folders below the dataset, else what the file is called."""
    folder, name = path.rsplit("/", 1)
    return folder.partition("/")[2] or Path(name).stem
