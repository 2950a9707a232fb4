"""Which files of the landing zone are new."""

from __future__ import annotations

import time
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path

from pipelines.errors import printable, why
from pipelines.ingest.hashes import Hashes
from pipelines.ingest.walk import Found, walk
from pipelines.store.dossier import LandingFile
from pipelines.store.store import Object
from schemas.records import RECORDS

SUFFIXES = {
    ".csv",
    ".txt",
    ".tsv",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".xlsb",
    ".ods",
    ".html",
    ".htm",
    ".xml",
    ".json",
    ".jsonl",
    ".parquet",
    ".zip",
}
_NAMED = 5
_NOTES = {"", ".md", ".txt", ".html", ".htm", ".pdf", ".doc", ".docx"}


def discover(
    landing: Path,
    seen: Set[tuple[str, str]],
    settle_seconds: int = 0,
    *,
    kept: Object | None = None,
    roots: Sequence[Path] = (),
    whole: Set[str] = frozenset(),
) -> list[LandingFile]:
    """List the files below `landing/<dataset>/` in the order of their relative paths: a later one wins.

    `seen` holds (dataset, sha256) of what was taken in before. Files still being written (`*.part`, `~$*`, hidden ones
    that are to become data, those younger than `settle_seconds`) wait for the next night; notes called readme, and what
    programs hide in a folder, are not listed.
    Paths that are known to be `whole` wait for nothing. `kept` is where the hashes of files that do not change are
    remembered; below `roots` links may lead out of the landing zone. UsageError where a folder of a dataset cannot be
    read (see `walk`).
    """
    hashes = Hashes(kept)
    known = set(seen)
    listed = []
    for found in walk(landing, roots, RECORDS, SUFFIXES):
        settle = 0 if found.path in whole else settle_seconds
        if is_note(found.place) or _is_hidden_away(found.place) or (file := _look(found, hashes, settle)) is None:
            continue
        if file.status == "new" and (file.dataset, file.sha256) in known:
            file = replace(file, status="skipped")
        elif file.status == "new":
            known.add((file.dataset, file.sha256))
        listed.append(file)
    hashes.keep()
    return listed


def tell_waiting(paths: Sequence[str], settle_seconds: int = 0) -> str:
    """How many files wait, why, and the first of them by name."""
    young = f"，或放入不足 {settle_seconds} 秒" if settle_seconds else ""
    more = f" 等 {len(paths)} 个" if len(paths) > _NAMED else ""
    named = "、".join(paths[:_NAMED])
    return f"{len(paths)} 个文件本次不读取，留待下次：{named}{more}（尚在传输：*.part、~$*、隐藏文件{young}）"


def _look(found: Found, hashes: Hashes, settle_seconds: int) -> LandingFile | None:
    """What a file is, `new` where nothing speaks against it; None where it was taken away meanwhile."""
    folder, _, rest = found.path.partition("/")
    file = LandingFile(folder if rest else "", found.path, "", 0, "new")
    name, suffix = found.place.name, found.place.suffix.lower()
    if name.startswith((".", "~$")) or suffix == ".part":
        return replace(file, status="waiting")
    problem = found.problem
    try:
        if not problem:
            if settle_seconds > 0 and time.time() - found.place.stat().st_mtime < settle_seconds:
                return replace(file, status="waiting")
            digest, size = hashes.hash_file(found.place)
            file = replace(file, sha256=digest, bytes=size)
    except FileNotFoundError:  # it will be listed when it is back
        return None
    except OSError as error:
        problem = f"无法读取（{why(error)}）；请检查权限与磁盘"
    problem = problem or _find_problem(file.dataset, suffix)
    return replace(file, status="failed", message=f"{file.path}：{problem}") if problem else file


def _find_problem(dataset: str, suffix: str) -> str:
    """Why a file that could be read is nothing for us."""
    if dataset not in RECORDS:
        known = "、".join(RECORDS)
        where = f"目录“{dataset}”不是已知的数据集" if dataset else "没有放在数据集的目录中"
        return f"{where}，应为 {known} 之一"
    if suffix not in SUFFIXES:
        return f"不支持的文件类型“{printable(suffix)}”，请改用 csv、xlsx、xls、ods、json、parquet 或 zip"
    return ""


def _is_hidden_away(place: Path) -> bool:
    """What a desktop or a share keeps for itself (.DS_Store); an upload is hidden under the name of its file."""
    return place.name.startswith(".") and not {suffix.lower() for suffix in place.suffixes} & {*SUFFIXES, ".part"}


def is_note(place: Path) -> bool:
    """A readme lies there for people; one that has the name of a table is a table."""
    return place.name.lower().startswith("readme") and place.suffix.lower() in _NOTES
