"""Serve the embedded database to people with a browser, read-only, while nights go on publishing into it."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.errors import UsageError
from pipelines.serve.describe import describe
from pipelines.serve.guard import guard
from pipelines.serve.plain_csv import Application, plain_csv

_SETTINGS = {
    "allow_download": False,  # of the whole file: it holds staging too
    "sql_time_limit_ms": 20_000,
    "facet_time_limit_ms": 2_000,
    "max_returned_rows": 10_000,
    "truncate_cells_html": 300,
    "default_cache_ttl": 0,  # after a night the next click shows its figures
}


def serve(url: str, host: str, port: int, say: Callable[[str], None], more_hosts: Iterable[str] = ()) -> None:
    """Serve the SQLite database of a SQLAlchemy URL until interrupted; port 0 takes a free one.

    The file is opened in mode=ro: a reader sees what is committed and cannot write, and in WAL mode neither waits for
    the other. UsageError for another database, one that is not there or has no views yet, or a port in use.
    """
    path = find_database(url)
    with _listen(host, port) as listener:
        import uvicorn

        application = make_application(path, host, more_hosts)
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"
        say(f"只读浏览 {path}：{address}（按 Ctrl-C 结束）")
        server = uvicorn.Server(
            uvicorn.Config(application, log_level="warning", lifespan="on", server_header=False, limit_concurrency=100)
        )
        with suppress(KeyboardInterrupt):  # raised again once everything is shut down
            server.run(sockets=[listener])


def make_application(path: Path, host: str = "127.0.0.1", more_hosts: Iterable[str] = ()) -> Application:
    """The pages of a database as an ASGI application that answers under the names `guard` says."""
    from pipelines.serve.limits import LimitedPages

    own = Path(__file__).parent
    pages: Any = LimitedPages(
        files=[str(path)],
        metadata=describe(path.stem) | {"extra_css_urls": ["/vbp/browse.css"]},
        settings=_SETTINGS,
        template_dir=str(own / "templates"),
        static_mounts=[("vbp", str(own / "static"))],
    )
    return guard(plain_csv(pages.app()), host, more_hosts)


def find_database(url: str) -> Path:
    """The file behind a URL; UsageError where it cannot be served, with what to do instead."""
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite":
        raise UsageError(
            "vbp serve 浏览的是内置的 SQLite 结果库；PostgreSQL 结果库请用 vbp grant 设立只读角色，再以 psql 或报表工具查询其视图"
        )
    path = Path(address.database or "")
    if not path.is_file():
        raise UsageError(f"找不到结果库 {path}；请先执行 vbp run（或 vbp demo），或用 --home 指定其所在目录")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'people_views'").fetchone()
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path} 不是可读的 SQLite 数据库（{error}）；请核对 --home 或 --database") from error
    if found is None:
        raise UsageError(f"结果库 {path} 是旧版本建的，还没有供人查看的视图；请先执行一次 vbp run")
    return path


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(f"无法在 {host}:{port} 上监听（{error.strerror}）；请用 --port 另选端口") from error
    return listener
