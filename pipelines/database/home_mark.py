"""Which home a database belongs to: marks that both know, so that two homes are told apart even where one is a copy.

A home keeps every mark that it ever left in `<home>/identity.txt`, the first from its birth; the database keeps the last one
that was left in it. A home that does not know that one is another home, a copy from before it was left, or a copy beside
which the original went on. A home that was moved knows it, and so does one that is newer than its database. A copy knows it
until the original goes on: where that one still stands where it left its mark, the copy is refused all the same.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from pipelines.database.ledger import last_published
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.store.dossier import has_dossier
from pipelines.store.runs import objects_of

_MARK = METADATA.tables["home_mark"]
_FILE = "identity.txt"


def claim(engine: sa.Engine, home: Path, and_then: Callable[[sa.Connection], object] = lambda _: None) -> None:
    """Leave a new mark in the home and in the database, which hold together from then on; a database and a home of before
    there were marks adopt each other.

    UsageError, and nothing is written, where the database belongs to another home, or to this one as it was later. What
    `and_then` does belongs to the same transaction, and nothing is written where it fails.
    """
    with engine.begin() as connection:
        last = connection.execute(sa.select(_MARK)).first()
        is_within = engine.url.database is not None and Path(engine.url.database).is_relative_to(home)
        # A database within the home was copied with it.
        if last and not is_within and (original := _find_original(last.place, last.mark, home)):
            raise UsageError(
                f"{home} 是数据目录 {original} 的副本，结果库由后者使用：请用 --home {original}，或给副本另指 --database；"
                f"确要改用副本，请先移走 {original}"
            )
        if last.mark not in _marks(home) if last else not _has_published(connection, home):
            raise UsageError(_explain(home, f"（上次使用它的是 {last.place}，{last.left_at[:19]}）" if last else ""))
        and_then(connection)
        mark = token_hex(16)
        _append(home, mark)  # first: a kill in between leaves a mark that nobody asks for
        place = f"{socket.gethostname()}:{home}"
        at = datetime.now(ZoneInfo("Asia/Shanghai")).isoformat(timespec="seconds")
        values = {"only": 1, "mark": mark, "place": place, "left_at": at}
        if last is None:
            connection.execute(sa.insert(_MARK), [values])
        elif connection.execute(sa.update(_MARK).where(_MARK.c.mark == last.mark).values(values)).rowcount != 1:
            raise UsageError(_explain(home, "（正有另一个数据目录在使用它）"))


def _marks(home: Path) -> set[str]:
    path = home / _FILE
    return set(path.read_text(encoding="ascii").split()) if path.exists() else set()


def _find_original(place: str, mark: str, home: Path) -> Path | None:
    """The home that left the last mark, if it stands on this machine and is not `home` under another name."""
    host, _, path = place.partition(":")
    original = Path(path)
    with suppress(OSError):  # nobody's to read is nobody's to go on with
        if host == socket.gethostname() and mark in _marks(original) and not original.samefile(home):
            return original
    return None


def _append(home: Path, mark: str) -> None:
    with (home / _FILE).open("a", encoding="ascii") as file:
        file.write(f"{mark}\n")
        file.flush()
        os.fsync(file.fileno())


def _has_published(connection: sa.Connection, home: Path) -> bool:
    """Whether the last run that a database of before marks knows as published was this home's; so if there is none."""
    run_id = last_published(connection)
    return run_id is None or has_dossier(objects_of(home, run_id))


def _explain(home: Path, who: str) -> str:
    return (
        f"结果库不属于数据目录 {home}{who}：该目录是另一个数据目录、较早的备份，或复制后原目录又运行过的副本。"
        "请用 --home 指定与结果库配套的数据目录，或恢复与结果库同时的数据目录，或用 --database 另指一个结果库"
        "（见 docs/runbook.md）"
    )
