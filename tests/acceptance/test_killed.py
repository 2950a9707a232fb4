"""A night killed at any moment and started again gives the same digest and loses no row."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "seeds" / "sample"
MOMENTS = [
    "运行",
    "接收 invoices",
    "校验 institutions",
    "校验 deliveries",
    "校验 payments",
    "数据湖",
    "计算 货款",
    "暂存",
    "审核",
]


def start(home: Path, landing: Path = SAMPLE) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "run",
        "--landing",
        str(landing),
        "--as-of",
        "2020-12-31",
        "--home",
        str(home),
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VBP_")}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def kill_at(moment: str, home: Path) -> None:
    process = start(home)
    for line in process.stderr:
        if moment in line:
            process.send_signal(signal.SIGKILL)
            break
    else:
        pytest.fail(f"the run never said {moment}")
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == -signal.SIGKILL


def finish(home: Path) -> None:
    process = start(home)
    out, err = process.communicate()
    assert process.returncode == 0, err + out


def facts(home: Path) -> dict[str, object]:
    """All that must not depend on how often the night was killed."""
    connection = sqlite3.connect(home / "compliance.db")
    run = connection.execute(
        "SELECT input_digest, result_digest, rows_read, rows_accepted, rows_rejected FROM runs WHERE status = 'published'"
    ).fetchall()
    files = connection.execute(
        "SELECT path, rows_read, rows_accepted, rows_rejected, rows_duplicate FROM source_files"
        " WHERE status <> 'skipped' ORDER BY path"
    ).fetchall()
    rejected = connection.execute(
        "SELECT dataset, record_id, reasons, state FROM rejected_records ORDER BY 1, 2"
    ).fetchall()
    connection.close()
    return {"run": run, "files": files, "rejected": rejected}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    home = tmp_path_factory.mktemp("undisturbed")
    finish(home)
    return facts(home)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_then_started_again(moment, undisturbed, tmp_path):
    kill_at(moment, tmp_path)
    finish(tmp_path)
    assert facts(tmp_path) == undisturbed


def test_killed_again_and_again(undisturbed, tmp_path):
    for moment in MOMENTS:
        with contextlib.suppress(
            pytest.fail.Exception
        ):  # what an earlier attempt committed is not said again
            kill_at(moment, tmp_path)
    finish(tmp_path)
    assert facts(tmp_path) == undisturbed


def test_two_runs_at_once(tmp_path):
    first = start(tmp_path)
    for line in first.stderr:
        if "接收" in line:
            break
    second = start(tmp_path)
    _, said = second.communicate()
    first.communicate()
    assert second.returncode == 1 and "正被另一次运行占用" in said
    assert first.returncode == 0
