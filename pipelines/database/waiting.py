"""Waiting for others: not for ever, and with a word on whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

import sqlalchemy as sa

from pipelines.errors import VbpError

PATIENCE = 300
_NOT_TO_BE_HAD = "55P03"
_PAGES = {"site": 0x76627001, "morning": 0x76627002}
_HOLDERS = """
SELECT a.pid, a.usename::text AS who, COALESCE(a.application_name, '') AS program, a.client_addr::text AS place,
  to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS') AS since, string_agg(DISTINCT c.relname::text, '、') AS what
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation
WHERE l.granted AND l.pid <> ALL (%(ours)s) AND c.relkind IN ('r', 'v') AND c.relnamespace = current_schema()::regnamespace
GROUP BY 1, 2, 3, 4, 5 ORDER BY 5
"""


def wait_in_bounds(engine: sa.Engine) -> None:
    """Have every connection of a PostgreSQL engine wait `PATIENCE` seconds for a lock; then a VbpError names those who
    hold tables and views of ours.
    """
    sa.event.listen(engine, "connect", _set_bound)
    sa.event.listen(engine, "handle_error", _name_holders)


def _set_bound(connection: Any, _record: object) -> None:
    connection.execute(f"SET lock_timeout = '{PATIENCE}s'").close()
    connection.commit()


def _name_holders(context: sa.engine.ExceptionContext) -> BaseException | None:
    if getattr(context.original_exception, "sqlstate", "") != _NOT_TO_BE_HAD or context.engine is None:
        return None
    own = context.connection.connection.driver_connection if context.connection else None
    ours = [own.info.backend_pid] if own else []
    with context.engine.connect() as connection:
        held = connection.exec_driver_sql(_HOLDERS, {"ours": ours}).mappings().all()
    who = "；".join(
        f"数据库用户 {h['who']}（{h['program'] or '未知程序'}，{h['place'] or '本机'}，进程 {h['pid']}）"
        f"自 {h['since'] or '未知时间'} 起占用 {h['what']}"
        for h in held[:3]
    )
    remedy = "".join(f" SELECT pg_terminate_backend({h['pid']});" for h in held[:3])
    return VbpError(
        f"结果库被占用，等候 {PATIENCE} 秒仍未让出：{who or '占用者已离开'}；本次没有改动结果库。"
        f"请其结束查询并提交或退出{f'（或由管理员执行{remedy}）' if held else ''}，再重新运行"
    )


@contextmanager
def alone_with_pages(engine: sa.Engine, place: Literal["site", "morning"]) -> Iterator[Callable[[], object]]:
    """Write the pages of a place while no other machine does: who comes second waits, and reads what the first has left. Yields
    what proves that it is still so, to be asked before what was written is shown: a machine that slept is told by an error.

    It is a lock of PostgreSQL, which goes with its connection. The home of an SQLite database is on one machine, whose
    lock (`hold_site`) says the same, and is taken after this one. VbpError where the other writes for longer than `PATIENCE`.
    """
    if engine.dialect.name != "postgresql":
        yield lambda: None
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(sa.select(sa.func.pg_advisory_lock(_PAGES[place])))
        except VbpError as error:
            raise VbpError(f"另一个进程正在写报告页面，等候 {PATIENCE} 秒仍未写完；本次没有改动页面，请稍后重新执行") from error
        try:
            yield lambda: connection.execute(sa.select(1))
        finally:
            with suppress(sa.exc.SQLAlchemyError):  # a connection that is gone holds nothing
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_PAGES[place])))
