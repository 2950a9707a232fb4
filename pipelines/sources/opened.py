"""A source, opened: with its secret from where the file says that it is, never from the file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipelines.errors import UsageError, keep_secret
from pipelines.sources.described import HttpSource, S3Source, SftpSource, Source, SqlSource
from pipelines.sources.offer import Remote

Login = tuple[str, str]
"""User and secret, either may be empty."""

Connections = Callable[[str], Login]
"""Airflow connection → its login; only inside Airflow there is one."""


def no_connections(name: str) -> Login:
    """Outside of Airflow: UsageError."""
    raise UsageError(f"口令在 Airflow 连接 {name} 里，只有 DAG 能取；在命令行上请改用 environment 写环境变量的名称")


@contextmanager
def opened(source: Source, connections: Connections, since: str, settle_seconds: int) -> Iterator[Remote]:
    """Yield the source to be asked. `since` is the watermark up to which a query was read. UsageError without its secret."""
    login, secret = _find_login(source, connections)
    keep_secret(secret)
    match source:
        case S3Source():
            from pipelines.sources.s3 import S3

            yield S3(source, secret, source.user or login)
        case SftpSource():
            from pipelines.sources.sftp import Sftp

            server = Sftp(source, secret, source.user or login, settle_seconds)
            try:
                yield server
            finally:
                server.close()
        case SqlSource():
            from pipelines.sources.sql import Sql

            yield Sql(source, secret, login, since)
        case HttpSource():
            from pipelines.sources.http import Http

            yield Http(source, secret, source.user or login)


def _find_login(source: Source, connections: Connections) -> Login:
    if source.connection:
        return connections(source.connection)
    if not source.environment:
        return "", ""
    if not (secret := os.environ.get(source.environment, "")):
        raise UsageError(f"没有环境变量 {source.environment}，或其值为空；请设为该来源的口令")
    return "", secret
