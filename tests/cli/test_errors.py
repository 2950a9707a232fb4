"""Whatever library met a fault, it is told in one Chinese line with its place and remedy."""

import errno
import io
import json
import sqlite3
from pathlib import Path

import polars as pl
import psycopg
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli import shared as cli_shared
from pipelines.cli.app import app
from pipelines.errors import UsageError, VbpError, describe
from tests.test_secrecy import PASSWORD

ROWS = pl.DataFrame({"a": range(300_000)})
FULL = Path("/dev/full")


def met(action):
    try:
        action()
    except BaseException as error:
        return error
    raise AssertionError("nothing went wrong")


def fill_sqlite():
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count = 2")
    connection.execute("CREATE TABLE t AS SELECT randomblob(100000) AS x")


@pytest.mark.parametrize(
    "act",
    [
        lambda full: ROWS.write_parquet(full),
        lambda full: ROWS.lazy().sink_parquet(full),
        lambda full: ROWS.write_csv(full),
        lambda full: pq.write_table(ROWS.to_arrow(), full),
        lambda full: fill_sqlite(),
        lambda full: full.write_text("x" * 100_000),
    ],
    ids=["polars", "streamed", "csv", "pyarrow", "sqlite", "file"],
)
def test_a_full_disk_is_told_as_one_whoever_met_it(tmp_path, act):
    if not FULL.is_char_device():
        pytest.skip("no /dev/full here: nothing to write to that is full")
    full = tmp_path / "full"
    full.symlink_to(FULL)  # some libraries remove what they could not write
    told = describe(met(lambda: act(full)))
    assert told.startswith("磁盘空间不足") and "请腾出空间后重新运行" in told


FULL_DELTA = OSError("Generic LocalFileSystem error: Unable to copy data to file: No space left on device (os error 28)")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL_DELTA, "磁盘空间不足"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/home/x"), "磁盘空间不足，写不下 /home/x"),
        (sa.exc.OperationalError("x", None, psycopg.errors.DiskFull("No space left on device")), "数据库服务器的磁盘空间不足"),
        (PermissionError(errno.EACCES, "Permission denied", "/home/x"), "无法读写 /home/x：没有权限"),
        (OSError(errno.EROFS, "Read-only file system", "/home/x"), "无法读写 /home/x：文件系统只读"),
        (OSError(errno.EIO, "Input/output error", "/home/x"), "存储设备读写故障"),
        (sa.exc.OperationalError("x", None, Exception("connection refused")), "结果库无法读写"),
        (sa.exc.DatabaseError("x", None, sqlite3.DatabaseError("file is not a database")), "结果库已损坏"),
        (sa.exc.DatabaseError("x", None, sqlite3.DatabaseError("database disk image is malformed")), "Restore"),
        (sa.exc.OperationalError("x", None, sqlite3.OperationalError("no such table: runs")), "还没有所需的表"),
        (pl.exceptions.ComputeError("parquet: File out of specification"), "Damaged home"),
        (FileNotFoundError("No such file (os error 2): .../deliveries/_batch=1/part-0.parquet"), "数据湖的表 deliveries"),
        (MemoryError(), "内存不足"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (json.JSONDecodeError("x", "y", 0), "已损坏"),
        (KeyError("x\ny"), "--debug"),
    ],
)
def test_an_error_is_one_line_with_its_remedy(error, said):
    told = describe(error)
    assert said in told and "\n" not in told and "；" in told


def test_the_cause_of_an_error_is_found_behind_it():
    error = met(lambda: (_ for _ in ()).throw(RuntimeError("x")))
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert describe(error).startswith("磁盘空间不足")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(("error", "status"), [(VbpError("坏了"), 1), (UsageError("写错了"), 2), (ValueError("x"), 1)])
def test_a_command_ends_with_one_line_and_never_a_password(monkeypatch, error, status, debug):
    def fail(**_):
        raise error from OSError(f"postgresql://u:{PASSWORD}@h/d")

    monkeypatch.setattr("pipelines.cli.explain.make_settings", fail)
    done = CliRunner().invoke(app, ["restatements", *(["--debug"] if debug else [])])
    assert done.exit_code == status
    assert done.output.splitlines()[-1].startswith("错误：")
    assert ("Traceback" in done.output) == debug and PASSWORD not in done.output


def test_a_password_on_the_command_line_is_warned_of(monkeypatch):
    url = f"postgresql+psycopg://u:{PASSWORD}@127.0.0.1:1/d?connect_timeout=1"
    monkeypatch.setattr(cli_shared.sys, "argv", ["vbp", "restatements", "--database", url])
    monkeypatch.setattr(cli_shared._err, "file", shown := io.StringIO())
    done = CliRunner().invoke(app, ["restatements", "--database", url])
    assert done.exit_code == 1 and "结果库无法读写" in done.output
    assert "PGPASSFILE" in shown.getvalue()
    assert PASSWORD not in done.output + shown.getvalue()
