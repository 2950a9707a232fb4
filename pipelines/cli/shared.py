"""What the commands share: options, settings, progress, and errors as one clear line."""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.errors import UsageError, conceal, describe, has_password
from pipelines.reports.terminal.text import PlainConsole, plain_text
from pipelines.store import clock
from pipelines.store.clock import SHANGHAI
from pipelines.store.private import privately

if TYPE_CHECKING:
    from pipelines.settings import Settings

Landing = Annotated[Path | None, typer.Option(envvar="VBP_LANDING", help="数据目录：<目录>/<数据集>/**/*.csv|xlsx|parquet")]
Home = Annotated[
    str | None,
    typer.Option(
        envvar="VBP_HOME",
        help="数据湖、文件档案与内置数据库所在目录（默认 ./var），或对象存储 s3://桶/前缀（须另用 PostgreSQL）",
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        envvar="VBP_DATABASE", help="结果库的 SQLAlchemy URL；默认 <home>/compliance.db，PostgreSQL 写作 postgresql+psycopg://…"
    ),
]
PolicyFolder = Annotated[
    Path | None, typer.Option(envvar="VBP_POLICIES", help="本地政策参数目录（*.toml），叠加在内置的政策参数之上")
]
Debug = Annotated[bool, typer.Option("--debug", help="出错时显示完整的程序堆栈（或设置 VBP_DEBUG=true）")]

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON：一个数组，每项一个对象，列名同结果表，金额为整数分")]

_DIVISION = re.compile(r"\d{2}|\d{4}|\d{6}")

out = PlainConsole(width=None if sys.stdout.isatty() else 140)
_err = PlainConsole(stderr=True)


class told:  # noqa: N801
    """Turns an error into one clear line and its exit status; the traceback comes with --debug. No password is in
    either, and what is written meanwhile is its owner's alone.
    """

    def __init__(self, debug: bool) -> None:
        self.debug = debug
        self._private = privately()

    def __enter__(self) -> None:
        self._private.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: Any) -> None:
        self._private.__exit__(None, None, None)
        if error is None or isinstance(error, typer.Exit | SystemExit):
            return
        if self.debug or _wants_debug():
            typer.echo(conceal("".join(traceback.format_exception(error))), err=True)
        tell_error(error)
        raise typer.Exit(getattr(error, "exit_status", 1)) from None


def tell_error(error: BaseException) -> None:
    """Say what went wrong in one line."""
    typer.echo(plain_text(f"错误：{describe(error)}"), err=True)


def _wants_debug() -> bool:
    from pipelines.settings import Settings

    try:
        return Settings().debug
    except UsageError:  # which is what is being told
        return False


def make_settings(**given: Any) -> Settings:
    """The settings with what was given on the command line; the environment fills the rest.

    UsageError for any variable `VBP_…` that is unknown or does not fit. A password on the command line is warned of.
    """
    from pipelines.alarms.settings import check_variables
    from pipelines.settings import Settings

    check_variables()
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    openly = given.get("database") or ""
    if any(openly in word for word in sys.argv if openly) and has_password(openly):
        say("注意：口令写在命令行上，本机其他用户用 ps 就能看到；请改用 PGPASSFILE 或环境变量 VBP_DATABASE")
    return settings


def print_json(rows: Sequence[Mapping[str, Any]]) -> None:
    """A list as one array of objects, UTF-8, for a program: names of columns as in the report tables, days in ISO."""
    typer.echo(json.dumps([dict(row) for row in rows], ensure_ascii=False, default=str))


def read_date(text: str | None) -> date:
    """A day as it is written on the command line; yesterday in Shanghai where none is."""
    if text is None:
        return clock.today() - timedelta(days=1)
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        place = "环境变量 VBP_AS_OF 的" if text == os.environ.get("VBP_AS_OF") else ""
        raise UsageError(f"{place}日期“{text}”不是有效日期，请写作 2020-12-31") from error


def read_places(prefixes: list[str] | None) -> list[str]:
    """Prefixes of division codes as they are given on the command line."""
    if wrong := [place for place in prefixes or [] if not _DIVISION.fullmatch(place)]:
        raise UsageError(
            f"行政区划“{'、'.join(wrong)}”（--jurisdiction 或 VBP_JURISDICTION）应为 2、4 或 6 位数字，如 33、3302、330282"
        )
    return prefixes or []


def read_place(prefix: str | None) -> str:
    """One prefix of division codes, as `read_places`; '' where none is given."""
    return "" if prefix is None else read_places([prefix])[0]


def say(message: str) -> None:
    """Progress: a plain line with the time; on a terminal without the colour that log lines do not need."""
    now = datetime.now(SHANGHAI)
    _err.print(f"[{now:%H:%M:%S}] {message}", soft_wrap=True)
