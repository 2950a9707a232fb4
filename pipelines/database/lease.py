"""The lease: one run at a time works on a home and its report database, between its tasks too.

It is one row, on the clock of the database. It goes to the next run that asks when its holder left it or let it run out; at
once when its holder is provably dead: `vbp run` holds the home's lock until its end, so that whoever has that lock, on the
same machine, knows that the process is gone; where one process does the tasks of an Airflow run, it must be gone itself; and
an Airflow run that is begun again follows itself. Its token grows with every other holder. Whoever publishes proves in the
same transaction that it still holds it (`fence`).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from threading import Event, Thread

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.database.tables import METADATA
from pipelines.errors import VbpError
from pipelines.store.clock import SHANGHAI
from pipelines.store.store import Store

SECONDS = 1800
"""How long it holds without being renewed: longer than Airflow may pause between two tasks of a run."""
Fence = Callable[[sa.Connection], None]
"""Proves within a transaction that what it writes may be written; else LeaseError."""
_LEASE = METADATA.tables["lease"]
_NAME = "night"


class LeaseError(VbpError):
    """Another run holds the lease; the message says which, since when and until when."""


@dataclass(frozen=True)
class Lease:
    """A lease as it was taken."""

    holder: str
    token: int


def take(connection: sa.Connection, holder: str, home: Store, *, alone: bool = True, dag_run: str = "") -> Lease:
    """Take the lease for a run, or renew it where the run has it; LeaseError where another run holds it.

    `alone`: this process does the whole run, and holds the home's lock for itself. `dag_run`: the Airflow run that begins it.
    """
    now = _clock(connection)
    values = {
        "name": _NAME,
        "holder": holder,
        "token": 1,
        "host": socket.gethostname(),
        "boot": _boot(),
        "home": str(home),
        "process": os.getpid() if alone else None,
        "dag_run": dag_run or None,
        **dict.fromkeys(("taken_at", "renewed_at"), now),
        "expires_at": now + SECONDS,
    }
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(_LEASE).values(values)
    new, is_own = insert.excluded, _LEASE.c.holder == insert.excluded.holder
    is_here = sa.and_(
        _LEASE.c.home == new.home, sa.or_(_LEASE.c.host == new.host, sa.and_(new.boot != "", _LEASE.c.boot == new.boot))
    )
    has_no_lock = sa.and_(_LEASE.c.dag_run.is_(None), is_here)
    is_gone = sa.and_(_LEASE.c.process == _find_gone(connection), is_here)
    is_dead = sa.and_(sa.literal(alone), _LEASE.c.process.is_not(None), sa.or_(has_no_lock, is_gone))
    begins_again = sa.and_(sa.literal(bool(dag_run)), _LEASE.c.dag_run == dag_run)
    kept = {c: sa.case((is_own, _LEASE.c[c]), else_=new[c]) for c in ("process", "dag_run", "taken_at")}
    taken = insert.on_conflict_do_update(
        index_elements=[_LEASE.c.name],
        set_={c: new[c] for c in ("holder", "host", "boot", "home", "renewed_at", "expires_at")}
        | kept
        | {"token": sa.case((is_own, _LEASE.c.token), else_=_LEASE.c.token + 1)},
        where=sa.or_(_LEASE.c.holder.is_(None), is_own, _LEASE.c.expires_at < now, is_dead, begins_again),
    )
    token = connection.execute(taken.returning(_LEASE.c.token)).scalar_one_or_none()
    if token is None:
        raise LeaseError(f"{who_holds(connection)}；本次没有开始，也没有改动任何数据")
    return Lease(holder, int(token))


def share(connection: sa.Connection, holder: str) -> None:
    """From now on tasks in several processes do the run: that one of them is gone proves nothing."""
    connection.execute(sa.update(_LEASE).where(*_held_by(holder)).values(process=None))


def fence(connection: sa.Connection, lease: Lease) -> None:
    """Hold the lease until the end of the transaction, which nobody can take from then on; LeaseError where it is not
    that any more. It has to be the first statement: SQLite then lets nobody else write.
    """
    now = _clock(connection)
    is_valid = (*_held_by(lease.holder), _LEASE.c.token == lease.token, _LEASE.c.expires_at >= now)
    renewed = sa.update(_LEASE).where(*is_valid).values(renewed_at=now, expires_at=now + SECONDS)
    if connection.execute(renewed).rowcount != 1:
        raise LeaseError(
            f"运行 {lease.holder} 的租约已到期或由另一次运行接手，没有写入；上次发布的数字不变，请重新运行该截止日。"
            f"{who_holds(connection)}"
        )


def prove(engine: sa.Engine, holder: str, home: Store) -> Fence:
    """Take or renew the lease for a run, and return what proves in a transaction that it still holds it."""
    with engine.begin() as connection:
        held = take(connection, holder, home)
    return partial(fence, lease=held)


def unfenced(_connection: sa.Connection) -> None:
    """Of what no other run can come between."""


def leave(connection: sa.Connection, holder: str) -> None:
    """Leave the lease, if this run holds it."""
    connection.execute(sa.update(_LEASE).where(*_held_by(holder)).values(holder=None))


@contextmanager
def kept(engine: sa.Engine, holder: str) -> Iterator[None]:
    """Renew the lease of a run meanwhile, and once more at the end, unless it was left or lost. No connection stays open."""
    over = Event()

    def renew() -> None:
        with suppress(sa.exc.SQLAlchemyError, VbpError), engine.begin() as connection:
            now = _clock(connection)
            renewed = sa.update(_LEASE).where(*_held_by(holder), _LEASE.c.expires_at >= now)
            connection.execute(renewed.values(renewed_at=now, expires_at=now + SECONDS))
        engine.dispose()

    def beat() -> None:
        while not over.wait(SECONDS / 4):
            renew()

    thread = Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)  # one that waits for a database that is gone is not waited for
        renew()


def who_holds(connection: sa.Connection) -> str:
    """Say in Chinese who holds the lease, since when, until when, and what to do; '' where nobody does."""
    row = connection.execute(sa.select(_LEASE).where(_LEASE.c.name == _NAME, _LEASE.c.holder.is_not(None))).first()
    if row is None:
        return ""
    by = f"Airflow 的 {row.dag_run}" if row.dag_run else f"进程 {row.process}" if row.process else "多个进程"
    since, until = (f"{datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M:%S}" for at in (row.taken_at, row.expires_at))
    return (
        f"{row.home} 正被另一次运行占用：运行 {row.holder}（主机 {row.host}，{by}）自 {since} 起持有租约，到 {until} 为止"
        "（仍在进行则自动续期）；请等它结束后再试，它若已中断，到期后重新运行即可接手"
    )


def _find_gone(connection: sa.Connection) -> int:
    """The process that holds the lease, if it was one of this host and is no more; 0 else."""
    held = connection.execute(sa.select(_LEASE.c.process).where(_LEASE.c.host == socket.gethostname())).scalar_one_or_none()
    if held is None:
        return 0
    try:
        os.kill(held, 0)
    except ProcessLookupError:
        return int(held)
    except PermissionError:  # another user's
        pass
    return 0


def _held_by(holder: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _LEASE.c.name == _NAME, _LEASE.c.holder == holder


def _clock(connection: sa.Connection) -> sa.ColumnElement[float]:
    """The clock of the database, which all machines share, in Unix seconds; it goes on within a transaction."""
    of = (
        "extract(epoch FROM clock_timestamp())"
        if connection.dialect.name == "postgresql"
        else "(julianday('now') - 2440587.5) * 86400.0"
    )
    return sa.cast(sa.literal_column(of), sa.Double(53))


@cache
def _boot() -> str:
    """What names this start of the machine's kernel, which containers share; '' where nothing does."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text(encoding="ascii").strip() if path.exists() else ""
