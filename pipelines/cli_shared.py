"""What the commands share: options, settings, progress, and errors as one clear line."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from pipelines.errors import UsageError, VbpError, describe
from pipelines.settings import Settings

Landing = Annotated[
    Path | None, typer.Option(envvar="VBP_LANDING", help="数据目录：<目录>/<数据集>/**/*.csv|xlsx|parquet")
]
Home = Annotated[
    Path | None, typer.Option(envvar="VBP_HOME", help="数据湖、文件档案与内置数据库所在目录（默认 ./var）")
]
Database = Annotated[
    str | None,
    typer.Option(
        envvar="VBP_DATABASE",
        help="结果库的 SQLAlchemy URL；默认 <home>/compliance.db，PostgreSQL 写作 postgresql+psycopg://…",
    ),
]
PolicyFolder = Annotated[
    Path | None,
    typer.Option(envvar="VBP_POLICIES", help="本地政策参数目录（*.toml），叠加在 seeds/policies 之上"),
]
Debug = Annotated[bool, typer.Option("--debug", envvar="VBP_DEBUG", help="出错时显示完整的程序堆栈")]

out = Console(width=None if sys.stdout.isatty() else 140)
_err = Console(stderr=True)


class told:  # noqa: N801
    """Turns an error into one clear line and its exit status; the traceback comes with --debug."""

    def __init__(self, debug: bool) -> None:
        self.debug = debug

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: Any) -> None:
        if error is None or isinstance(error, typer.Exit | SystemExit) or self.debug:
            return
        known = isinstance(error, VbpError | ValueError)
        text = str(error) if known else describe(error)
        typer.echo(f"错误：{text}" + ("" if known else "（加 --debug 查看详情）"), err=True)
        raise typer.Exit(getattr(error, "exit_status", 1)) from error


def make_settings(**given: Any) -> Settings:
    """The settings with what was given on the command line; the environment fills the rest."""
    return Settings(**{name: value for name, value in given.items() if value is not None})


def read_date(text: str | None) -> date:
    """A day as it is written on the command line; yesterday in Shanghai where none is."""
    if text is None:
        return datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"日期“{text}”不是有效日期，请写作 2020-12-31") from error


def say(message: str) -> None:
    """Progress: a plain line with the time; on a terminal without the colour that log lines do not need."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    _err.print(f"[{now:%H:%M:%S}] {message}", markup=False, highlight=False, soft_wrap=True)
