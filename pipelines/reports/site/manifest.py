"""What was written, so that a page is written again only when what it says has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from pipelines.reports.pages.frame import write_whole
from pipelines.store.store import Store

_FILE, _PAGE = "manifest.json", "index.html"


class Manifest:
    """The digest of every page of a site: of what it says, and of the program that wrote it. What is `shown` is read; what is
    new goes below the folder `site`.

    A page is a folder below the site with an `index.html` and files beside it, and goes by the folder's name.
    """

    def __init__(self, site: Path, shown: Store, program: str) -> None:
        self._site, self._shown, self._program = site, shown, program
        self._standing: dict[str, str] = {}

    def begin(self, pages: Iterable[tuple[str, Iterable[str]]]) -> tuple[set[str], set[str]]:
        """The pages to be written, of all that there should be, each with its contents, and those that are gone and removed."""
        written: dict[str, str] = self._shown.read_json(_FILE) if self._shown.has(_FILE) else {}
        self._standing = {page: self._digest(contents) for page, contents in pages}
        same = [page for page, digest in self._standing.items() if written.get(page) == digest]
        there = self._shown.sizes_of([f"{page}/{_PAGE}".lstrip("/") for page in same])
        stands = {page for page, size in zip(same, there, strict=True) if size is not None}
        gone = written.keys() - self._standing.keys()
        for page in gone:
            shutil.rmtree(self._site / page, ignore_errors=True)
        return self._standing.keys() - stands, gone

    def finish(self) -> None:
        """All pages are written."""
        text = json.dumps(self._standing, indent=0, sort_keys=True, ensure_ascii=False)
        write_whole(self._site / _FILE, text)

    def _digest(self, contents: Iterable[str]) -> str:
        return hashlib.sha256("\x1d".join((self._program, *contents)).encode()).hexdigest()
