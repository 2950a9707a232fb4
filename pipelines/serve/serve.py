"""Serve a report database to people with a browser, read-only, while nights go on publishing into it."""

from __future__ import annotations

import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.errors import UsageError, show_address
from pipelines.serve.describe import describe
from pipelines.serve.guard import guard
from pipelines.serve.plain_csv import Application, plain_csv

LOOK_SECONDS = 60.0
"""So often a database of which a copy is served is asked whether it says something new."""

_SETTINGS = {
    "allow_download": False,  # of the whole file: it holds staging too
    "sql_time_limit_ms": 20_000,
    "facet_time_limit_ms": 2_000,
    "max_returned_rows": 10_000,
    "truncate_cells_html": 300,
    "default_cache_ttl": 0,  # after a night the next click shows its figures
}


def serve(url: str, host: str, port: int, say: Callable[[str], None], more_hosts: Iterable[str] = ()) -> None:
    """Serve the report database of a SQLAlchemy URL until interrupted; port 0 takes a free one.

    A SQLite file is opened in mode=ro: a reader sees what is committed and cannot write, and in WAL mode neither waits for
    the other. Of a PostgreSQL database a copy is served, which is made anew as it publishes: whoever asks never reaches it.
    UsageError for a database that is not there, has no views yet or cannot be read, or a port in use.
    """
    with _listen(host, port) as listener, _pages(url, host, more_hosts, say) as (what, application):
        import uvicorn

        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"
        listener.listen()  # whoever comes before the server is up waits
        say(f"只读浏览 {what}：{address}（按 Ctrl-C 结束）")
        server = uvicorn.Server(
            uvicorn.Config(application, log_level="warning", lifespan="on", server_header=False, limit_concurrency=100)
        )
        with suppress(KeyboardInterrupt):  # raised again once everything is shut down
            server.run(sockets=[listener])


@contextmanager
def _pages(url: str, host: str, more_hosts: Iterable[str], say: Callable[[str], None]) -> Iterator[tuple[object, Application]]:
    """What is served, and its pages."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        path = find_database(url)
        yield path, make_application(path, host, more_hosts)
        return
    from pipelines.serve.renewed import Renewed

    with tempfile.TemporaryDirectory(prefix="vbp-serve-", ignore_cleanup_errors=True) as folder:
        say("正在复制 PostgreSQL 结果库（只读一个事务，夜间运行不受影响）……")
        pages = Renewed(url, Path(folder), lambda path, note: make_application(path, host, more_hosts, note), say)
        is_over = threading.Event()
        follower = threading.Thread(target=pages.follow, args=(LOOK_SECONDS, is_over), daemon=True)
        follower.start()
        try:
            yield show_address(address), pages
        finally:
            is_over.set()
            follower.join(timeout=5)


def make_application(path: Path, host: str = "127.0.0.1", more_hosts: Iterable[str] = (), note: str = "") -> Application:
    """The pages of a file as an ASGI application that answers under the names `guard` says; `note` says what the file is."""
    from pipelines.serve.limits import LimitedPages

    own = Path(__file__).parent
    pages: Any = LimitedPages(
        files=[str(path)],
        metadata=describe(path.stem, note) | {"extra_css_urls": ["/vbp/browse.css"]},
        settings=_SETTINGS,
        template_dir=str(own / "templates"),
        static_mounts=[("vbp", str(own / "static"))],
    )
    return guard(plain_csv(pages.app()), host, more_hosts)


def find_database(url: str) -> Path:
    """The file behind a SQLite URL; UsageError where it cannot be served, with what to do instead."""
    address = sa.make_url(url)
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
