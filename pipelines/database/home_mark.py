"""Which home a database belongs to: marks that both know, so that two homes are told apart even where one is a copy.

A home keeps every mark that it ever left in `<home>/identity.txt`, the first from its birth; the database keeps the last one
that was left in it. A home that does not know that one is another home, a copy from before it was left, or a copy beside
which the original went on. A home that was moved knows it, and so does one that is newer than its database. A copy knows it
until the original goes on: where that one still stands where it left its mark, the copy is refused all the same.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import sqlalchemy as sa

from pipelines.database.ledger import last_published
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError, VbpError
from pipelines.store.clock import SHANGHAI
from pipelines.store.dossier import has_dossier
from pipelines.store.local import Local
from pipelines.store.places import open_store
from pipelines.store.runs import objects_of
from pipelines.store.store import Store

_MARK = METADATA.tables["home_mark"]
_FILE = "identity.txt"


def claim(engine: sa.Engine, home: Store, and_then: Callable[[sa.Connection], object] = lambda _: None) -> None:
    """Leave a new mark in the home and in the database, which hold together from then on; a database and a home of before
    there were marks adopt each other.

    UsageError, and nothing is written, where the database belongs to another home, or to this one as it was later. What
    `and_then` does belongs to the same transaction, and nothing is written where it fails.
    """
    with engine.begin() as connection:
        last = connection.execute(sa.select(_MARK)).first()
        file = engine.url.database
        is_within = file is not None and isinstance(home, Local) and Path(file).is_relative_to(home.folder)
        # A database within the home was copied with it.
        if last and not is_within and (original := _find_original(last.place, last.mark, home)):
            raise UsageError(
                f"{home} 是数据目录 {original} 的副本，结果库由后者使用：请用 --home {original}，或给副本另指 --database；"
                f"确要改用副本，请先移走 {original}"
            )
        known = _marks(home)
        if last.mark not in known if last else not _has_published(connection, home):
            raise UsageError(_explain(home, f"（上次使用它的是 {last.place}，{last.left_at[:19]}）" if last else ""))
        and_then(connection)
        mark = token_hex(16)
        _write(home, [*known, mark])  # first: a kill in between leaves a mark that nobody asks for
        place = f"{socket.gethostname() if isinstance(home, Local) else ''}:{home}"
        at = datetime.now(SHANGHAI).isoformat(timespec="seconds")
        values = {"only": 1, "mark": mark, "place": place, "left_at": at}
        if last is None:
            connection.execute(sa.insert(_MARK), [values])
        elif connection.execute(sa.update(_MARK).where(_MARK.c.mark == last.mark).values(values)).rowcount != 1:
            raise UsageError(_explain(home, "（正有另一个数据目录在使用它）"))


def _marks(home: Store) -> list[str]:
    """Every mark that was left in a home, in order."""
    return home.read(_FILE).decode("ascii").split() if home.has(_FILE) else []


def _find_original(place: str, mark: str, home: Store) -> Store | None:
    """The home that left the last mark, if it stands where this machine sees it and is not `home` under another name."""
    host, _, address = place.partition(":")
    if isinstance(home, Local) and host != socket.gethostname():
        return None
    with suppress(OSError, VbpError):  # nobody's to read is nobody's to go on with
        original = open_store(address)
        if mark in _marks(original) and original.identity(_FILE) != home.identity(_FILE):
            return original
    return None


def _write(home: Store, marks: list[str]) -> None:
    home.put(_FILE, "".join(f"{mark}\n" for mark in marks).encode("ascii"))


def _has_published(connection: sa.Connection, home: Store) -> bool:
    """Whether the last run that a database of before marks knows as published was this home's; so if there is none."""
    run_id = last_published(connection)
    return run_id is None or has_dossier(objects_of(home, run_id))


def _explain(home: Store, who: str) -> str:
    return (
        f"结果库不属于数据目录 {home}{who}：该目录是另一个数据目录、较早的备份，或复制后原目录又运行过的副本。"
        "请用 --home 指定与结果库配套的数据目录，或恢复与结果库同时的数据目录，或用 --database 另指一个结果库"
        "（见 docs/runbook.md）"
    )
