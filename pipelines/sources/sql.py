"""The rows of a query on a hospital's database, read-only, from where the last pull came to."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from pipelines.errors import VbpError, conceal, printable
from pipelines.sources.described import SqlSource
from pipelines.sources.offer import Offer, TransientError, Write
from pipelines.sources.watermark import behind
from pipelines.sources.watermark import write as write_watermark
from pipelines.store.clock import SHANGHAI

_ROWS = 10_000
_BUSY = ("locked", "timeout", "server closed", "terminating connection", "connection", "Connection")
_WRONG = ("authentication", "no password", "does not exist", "unable to open", "no such", "syntax", "not authorized")


@dataclass
class Sql:
    """A query, wrapped so that the database itself takes nothing but one SELECT: it stands in brackets, is sent with a
    parameter (which allows one statement), and runs in a transaction that may not write.

    `since` is the watermark that the ledger holds. Every pull begins `overlap` before it and takes the rows at that very point
    again, and all rows without a watermark: what was entered late is not lost. What comes twice is the same record.
    """

    source: SqlSource
    secret: str
    user: str
    since: str = ""

    def offers(self) -> Generator[Offer]:
        """Files of at most `rows_per_file` rows in the order of the watermark, each made when the one before was taken: a
        connection that breaks is made again from there. Rows are sorted by all they hold, so the same rows make the same file.
        """
        number, attempts = 0, 0
        while True:
            try:
                with closing(self._files()) as files:
                    for content, watermark in files:
                        number, attempts = number + 1, 0
                        yield self._offer(number, content, watermark)
                        self.since = watermark
                return
            except sa.exc.DBAPIError as error:
                attempts += 1
                told = _tell(error)
                if not isinstance(told, TransientError) or attempts >= self.source.attempts:
                    raise VbpError(str(told)) from error
                time.sleep(self.source.retry_seconds * 2 ** (attempts - 1))

    def _offer(self, number: int, content: bytes, watermark: str) -> Offer:
        name = f"{self.source.name}-{number:06d}.parquet"

        def read(write: Write) -> None:
            write(content)

        return Offer(name, name, read, bytes=len(content), watermark=watermark)

    def _files(self) -> Generator[tuple[bytes, str]]:
        """Parquet files, and the watermark up to which each of them comes."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        begun = datetime.now(SHANGHAI)
        with self._connect() as connection:
            columns = self._ask_columns(connection)
            place, watermark = columns.index(self.source.watermark), self.since
            schema = pa.schema([(name, pa.string()) for name in columns])
            with connection.execution_options(yield_per=_ROWS).execute(self._select(columns)) as rows:
                for parts in _in_files(rows.partitions(), self.source.rows_per_file):
                    file = io.BytesIO()
                    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                        for part in parts:
                            cells = zip(*part, strict=True)
                            texts = [_as_texts(name, values) for name, values in zip(columns, cells, strict=True)]
                            writer.write_table(pa.table(texts, schema))
                            watermark = self._further(watermark, [row[place] for row in part], begun)
                    yield file.getvalue(), watermark

    def _select(self, columns: Sequence[str]) -> sa.Select[Any]:
        mark = _column(self.source.watermark)
        query = self._wrapped(*map(_column, columns))
        digest, _, text = self.since.partition("|")
        if digest == self._digest:
            query = query.where(sa.or_(mark >= behind(text, self.source.overlap), mark.is_(None)))
        return query.order_by(mark.asc().nulls_first(), *(_column(name) for name in columns if name != self.source.watermark))

    def _wrapped(self, *asked: sa.ColumnElement[Any]) -> sa.Select[Any]:
        inner = self.source.query.strip().removesuffix(";").replace(":", "\\:")
        one = sa.bindparam("one", 1, sa.Integer)
        rows = sa.select(*(asked or [sa.text("*")])).select_from(sa.text(f"(\n{inner}\n) AS pulled"))
        return rows.where(one == sa.literal_column("1"))

    def _ask_columns(self, connection: sa.Connection) -> list[str]:
        columns = list(connection.execute(self._wrapped().where(sa.literal_column("1 = 0"))).keys())
        known = "、".join(map(printable, columns))
        if self.source.watermark not in columns:
            raise VbpError(f"查询结果里没有水位列 {self.source.watermark}；请改 watermark 或 query，现有的列：{known}")
        if len(set(columns)) != len(columns):
            raise VbpError(f"查询结果里有重名的列；请在 query 中各起别名，现有的列：{known}")
        return columns

    @property
    def _digest(self) -> str:
        """Of what is asked: another query begins anew."""
        asked = "\0".join((self.source.url, self.source.query, self.source.watermark))
        return hashlib.sha256(asked.encode()).hexdigest()[:12]

    def _further(self, watermark: str, values: list[Any], begun: datetime) -> str:
        """The watermark after more rows, in their order."""
        known = [value for value in values if value is not None]
        return f"{self._digest}|{write_watermark(known[-1], begun)}" if known else watermark

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        address = sa.make_url(self.source.url)
        engine = _open_sqlite(address, self.source) if address.drivername.startswith("sqlite") else self._open_postgres(address)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _open_postgres(self, address: sa.URL) -> sa.Engine:
        wait = self.source.timeout_seconds
        address = address.set(username=address.username or self.user or None, password=self.secret or None)
        given = {"connect_timeout": min(wait, 30), "options": "-c default_transaction_read_only=on"}
        engine = sa.create_engine(address, poolclass=sa.NullPool, connect_args=given, hide_parameters=True)
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _column(name: str) -> sa.ColumnClause[Any]:
    return sa.column(sa.quoted_name(name, True))


def _open_sqlite(address: sa.URL, source: SqlSource) -> sa.Engine:
    path = Path(address.database or "").absolute()

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=source.timeout_seconds)

    return sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool, hide_parameters=True)


def _in_files(parts: Iterator[Sequence[sa.Row[Any]]], rows: int) -> Iterator[Iterator[Sequence[sa.Row[Any]]]]:
    """Parts of a result, so many rows together; nothing of one without rows."""
    waiting: list[Sequence[sa.Row[Any]]] = []

    def one_file() -> Iterator[Sequence[sa.Row[Any]]]:
        left = rows
        while left:
            part = waiting.pop() if waiting else next(parts, None)
            if not part:
                return
            if len(part) > left:
                waiting.append(part[left:])
            yield part[:left]
            left -= min(left, len(part))

    while True:
        if not waiting:
            if not (first := next(parts, None)):
                return
            waiting.append(first)
        yield one_file()


_TEXTS: dict[type, Callable[[Any], str | None]] = {
    type(None): lambda value: None,
    str: lambda value: value,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: format(Decimal(repr(value)), "f"),
    Decimal: lambda value: format(value, "f"),
    datetime: lambda value: value.isoformat(sep=" "),
    date: lambda value: value.isoformat(),
    clock: lambda value: value.isoformat(),
    UUID: str,
}
"""Values as text, exactly: files say the same whatever driver read them, and no part of a result makes up a type of its own."""


def _as_texts(name: str, values: Sequence[Any]) -> list[str | None]:
    if odd := {type(value) for value in values} - _TEXTS.keys():
        raise VbpError(f"列 {printable(name)} 的类型 {odd.pop().__name__} 不能写成文字；请在 query 中转换，或不取该列")
    return [_TEXTS[type(value)](value) for value in values]


def _tell(error: sa.exc.DBAPIError) -> VbpError:
    """A fault of the database in words; what may pass is a TransientError."""
    said = conceal(next(iter(str(error.orig).strip().splitlines()), type(error).__name__))[:300]
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        if any(words in said for words in _WRONG):
            return VbpError(f"数据库拒绝了登录或查询；请核对 url、口令与权限（{said}）")
        if any(words in said for words in _BUSY):
            return TransientError(f"连接数据库失败或中途断开（{said}）")
    return VbpError(f"数据库拒绝了查询（只许一条 SELECT，只读）；请核对 query（{said}）")
