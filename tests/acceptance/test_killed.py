"""A night killed at any moment and started again gives the same digest and loses no row."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.processes import begin_night

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


def kill_at(moment: str, home: Path, landing: Path) -> None:
    process = begin_night(home, landing)
    for line in process.says():
        if moment in line:
            process.kill()
            break
    else:
        pytest.fail(f"the run never said {moment}")


def finish(home: Path, landing: Path) -> None:
    done = begin_night(home, landing).finish()
    assert done.returncode == 0, done.stderr


def facts(home: Path) -> dict[str, object]:
    """All that must not depend on how often the night was killed."""
    connection = sqlite3.connect(home / "compliance.db")
    # A kill that comes after publication finds the figures published; what is run after it must publish the same.
    published = connection.execute(
        "SELECT input_digest, result_digest, rows_read, rows_accepted, rows_rejected, run_id FROM runs"
        " WHERE status = 'published' ORDER BY started_at"
    ).fetchall()
    *run, run_id = published[0]
    assert {row[:2] for row in published} == {tuple(run[:2])}
    files = connection.execute(
        "SELECT path, rows_read, rows_accepted, rows_rejected, rows_duplicate FROM source_files"
        " WHERE status <> 'skipped' AND run_id = ? ORDER BY path",
        [run_id],
    ).fetchall()
    rejected = connection.execute("SELECT dataset, record_id, reasons, state FROM rejected_records ORDER BY 1, 2").fetchall()
    connection.close()
    return {"run": run, "files": files, "rejected": rejected}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    home = tmp_path_factory.mktemp("undisturbed")
    finish(home, SAMPLE)
    return facts(home)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """The sample with one file of each large dataset, and what an undisturbed night makes of it."""
    landing, home = tmp_path_factory.mktemp("few"), tmp_path_factory.mktemp("undisturbed")
    for folder in (f for f in SAMPLE.iterdir() if f.is_dir()):
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        for path in files[:1] if folder.name in ("deliveries", "invoices", "payments") else files:
            target = landing / path.relative_to(SAMPLE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    finish(home, landing)
    return landing, facts(home)


@pytest.mark.parametrize("moment", ["暂存", *(pytest.param(m, marks=pytest.mark.thorough) for m in MOMENTS if m != "暂存")])
def test_killed_then_started_again(moment, few, tmp_path):
    landing, undisturbed = few
    kill_at(moment, tmp_path, landing)
    finish(tmp_path, landing)
    assert facts(tmp_path) == undisturbed


@pytest.mark.thorough
def test_killed_again_and_again(undisturbed, tmp_path):
    for moment in MOMENTS:
        kill_at(moment, tmp_path, SAMPLE)
    finish(tmp_path, SAMPLE)
    assert facts(tmp_path) == undisturbed


@pytest.mark.thorough
def test_two_runs_at_once(undisturbed, tmp_path):
    first = begin_night(tmp_path, SAMPLE)
    next(line for line in first.says() if "接收" in line)
    second = begin_night(tmp_path, SAMPLE).finish()
    assert second.returncode == 1 and "正被另一次运行占用" in second.stderr
    assert first.finish().returncode == 0
    assert facts(tmp_path) == undisturbed
