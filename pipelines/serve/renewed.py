"""Pages over a copy that is made anew when the database has something new, while the former goes on answering."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.errors import describe
from pipelines.serve.copied import Mark, copy_database, read_mark
from pipelines.serve.plain_csv import Application
from pipelines.store.clock import SHANGHAI

_NAME = "compliance.db"


class Renewed:
    """An ASGI application over copies of a PostgreSQL database below a folder of its own.

    `make` gives the pages of a file. `look` asks whether the database says something new, and lets a new copy answer then: a
    question that is being answered has its own to the end, and at most two copies lie there beside the one that is made.
    """

    def __init__(self, url: str, folder: Path, make: Callable[[Path, str], Application], say: Callable[[str], None]) -> None:
        self._url, self._folder, self._make, self._say = url, folder, make, say
        self._number = 0
        self._mark: Mark = ()
        self._pages = self._copy()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer from the copy of the moment."""
        await self._pages(scope, receive, send)

    def look(self) -> bool:
        """Copy anew where there is something new; a database that is away is told, and the former copy goes on answering."""
        try:
            if read_mark(self._url) == self._mark:
                return False
            self._pages = self._copy()
        except Exception as error:  # the night goes on, and so do the readers
            self._say(f"暂时无法更新副本，继续显示上一份：{describe(error)}")
            return False
        return True

    def follow(self, seconds: float, is_over: threading.Event) -> None:
        """Look again and again until it is over."""
        while not is_over.wait(seconds):
            self.look()

    def _copy(self) -> Application:
        self._number += 1
        place = self._folder / str(self._number) / _NAME
        began = datetime.now(SHANGHAI)
        try:
            self._mark = copy_database(self._url, place)
        except BaseException:
            self._drop(self._number)
            raise
        self._drop(self._number - 2)
        seconds = (datetime.now(SHANGHAI) - began).total_seconds()
        size = place.stat().st_size / (1 << 20)
        self._say(f"已从 PostgreSQL 结果库复制 {began:%Y-%m-%d %H:%M:%S} 的内容（{size:,.0f} MiB，{seconds:.0f} 秒）")
        return self._make(place, f"PostgreSQL 结果库 {began:%Y-%m-%d %H:%M:%S} 的只读副本，发布后自动更新。")

    def _drop(self, number: int) -> None:
        for file in (self._folder / str(number)).glob("*"):
            file.unlink()
