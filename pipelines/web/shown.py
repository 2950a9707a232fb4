"""Which files of a home a browser may have: pages, correction workbooks, and the keys of failed checks. Nothing else."""

from __future__ import annotations

from pipelines.store.local import Local
from pipelines.store.store import Object, Store

_SHOWN = ("site", "returns")
_FAILING = ("audit", "failing")


def find_shown(home: Store, asked: str) -> Object | None:
    """The object behind a path below the home, None where there is none to be shown; of a folder its `index.html`.

    Shown are `site/…`, `returns/…` and `runs/<run>/audit/failing/…`, laid out as on the disk, so that links of pages lead on.
    Hidden files, unfinished ones and links that lead out are not shown.
    """
    parts = asked.split("/")
    if parts and parts[-1] == "":
        parts[-1] = "index.html"
    if not _is_shown(parts) or any(_is_odd(part) for part in parts):
        return None
    key = "/".join(parts)
    return home.at(key) if home.has(key) and _is_inside(home, key) else None


def _is_inside(home: Store, key: str) -> bool:
    """Whether no link leads out of what may be shown."""
    if not isinstance(home, Local):
        return True
    root = home.folder / key.split("/")[0]
    return (home.folder / key).resolve().is_relative_to(root.resolve())


def is_folder(home: Store, asked: str) -> bool:
    """Whether a path without a slash at its end is that of a folder with pages: its links need the slash."""
    return find_shown(home, f"{asked}/") is not None


def _is_shown(parts: list[str]) -> bool:
    return parts[0] in _SHOWN or (parts[0] == "runs" and tuple(parts[2:4]) == _FAILING and len(parts) > 4)


def _is_odd(part: str) -> bool:
    return part.startswith(".") or part == "" or part.endswith(".part") or "\\" in part or "\0" in part
