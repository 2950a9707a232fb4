"""What was written, so that a page is written again only when what it says has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from pipelines.reports.pages.frame import write_whole
from pipelines.reports.site.page import Page
from pipelines.store.shown import MANIFEST
from pipelines.store.store import Store

_PAGE = "index.html"


class Manifest:
    """The digest of every page of a site: of what it says, and of the program that wrote it. What is `shown` is read; what is
    new goes below the folder `site`.

    A page is a folder below the site with an `index.html` and files beside it, and goes by the folder's name.
    """

    def __init__(self, site: Path, shown: Store, program: str) -> None:
        self._site, self._shown, self._program = site, shown, program
        self._written: dict[str, str] = shown.read_json(MANIFEST) if shown.has(MANIFEST) else {}
        self._there = {key.removesuffix(_PAGE).rstrip("/") for key in shown.list() if key.endswith(_PAGE)}
        self._standing: dict[str, str] = {}

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._standing)

    def is_new(self, page: Page) -> bool:
        """Whether a page, one of all that there should be, is to be written."""
        text = "\x1d".join((self._program, *page.contents()))
        digest = self._standing[page.path] = hashlib.sha256(text.encode()).hexdigest()
        return self._written.get(page.path) != digest or page.path not in self._there

    def finish(self) -> set[str]:
        """All pages are written: those that are gone are removed and returned."""
        gone = self._written.keys() - self._standing.keys()
        for page in gone:
            shutil.rmtree(self._site / page, ignore_errors=True)
        text = json.dumps(self._standing, indent=0, sort_keys=True, ensure_ascii=False)
        write_whole(self._site / MANIFEST, text)
        return gone
