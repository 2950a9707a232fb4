"""The DAG run for real, as `make run` does: what it publishes, what it holds, what it enters when it fails."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from datasette.app import Datasette
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.night.run import run_night
from pipelines.serve.database import ReadOnly
from pipelines.serve.serve import find_database
from pipelines.settings import Settings
from tests.processes import Command

SAMPLE = Path(__file__).parents[2] / "seeds" / "sample"
HEADER = "institution_code,name,jurisdiction_code,ownership\n"


def ledger(home: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(home / "compliance.db")) as connection:
        return connection.execute(
            "SELECT status, COALESCE(result_digest, ''), COALESCE(note, '') FROM runs ORDER BY started_at, run_id"
        ).fetchall()


def land(landing: Path, good: int, bad: int) -> Path:
    """A landing zone with one file of institutions; the bad ones lack the name."""
    rows = [f"H{n},{'示例医院' if n < good else ''},330282,public\n" for n in range(good + bad)]
    (landing / "institutions").mkdir(parents=True)
    (landing / "institutions" / "all.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    return landing


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample run twice in one home, which does not exist before: Airflow is prepared as by `make run`. Every path has
    characters in it that a URL, a pattern or a shell would take for something else.
    """
    folder = tmp_path_factory.mktemp("sample") / "数据 目录 100%#1?"
    landing = shutil.copytree(SAMPLE, folder / "收 件*{箱}")
    home = folder / "var"
    return home, [Command("dags.run_once", VBP_HOME=home, VBP_LANDING=landing).finish() for _ in range(2)]


def test_it_publishes_what_the_command_line_publishes(sample, tmp_path):
    home, _ = sample
    run_night(Settings(home=tmp_path, landing=SAMPLE), date(2020, 12, 31), lambda _: None)
    published = ledger(tmp_path)[0]
    assert published[0] == "published"
    assert ledger(home)[0] == published


def test_a_second_run_takes_nothing_in_and_says_the_same(sample):
    home, (_, second) = sample
    assert second.returncode == 0
    assert "deliveries_2020H1.csv" not in second.stderr
    assert ledger(home)[1] == ledger(home)[0]


def test_it_shows_steps_and_figures_and_nothing_of_airflow(sample):
    _, (first, _) = sample
    assert first.returncode == 0
    assert all(line.startswith("[") for line in first.stderr.splitlines())
    for title in ("本次接收", "约定采购量完成", "货款支付及时", "两票制", "问题清单", "拒收 115 行", "结果库"):
        assert title in first.stdout
    for noise in ("Warning", "warning", "Traceback", "airflow.sdk", "DAG TEST"):
        assert noise not in first.stdout + first.stderr


@pytest.mark.parametrize(
    "command",
    [
        "explain agreed_volume_rollup all all running mandatory",
        "explain line deliveries/zj_platform/deliveries_2020H1.csv 5",
        "verify {run_id}",
        "site",
        "rejects export --dataset deliveries",
        "bulletin --as-of 2020-12-31 --out {out}",
    ],
)
def test_what_follows_finds_its_way_there(command, sample, monkeypatch):
    """The folder that is written to may have the characters in its name that a lake may not."""
    home, _ = sample
    monkeypatch.setenv("VBP_CHROMIUM", "/none")
    named = {"run_id": sorted(p.name for p in (home / "runs").iterdir())[0], "out": home.parent / "出[口]%41\\|"}
    words = [word.format(**named) for word in command.split()]
    done = CliRunner().invoke(app, [*words, "--home", str(home)])
    assert done.exit_code == 0, done.output


def test_the_database_is_served_from_there(sample):
    """Nobody waits for a page: a connection of the pages is what opens the file."""
    home, _ = sample
    path = find_database(Settings(home=home).database_url)
    pages = ReadOnly(Datasette(), str(path))
    with closing(pages.connect()) as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone() == (2,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM runs")


@pytest.fixture(scope="module")
def unpublished(dag_runs, tmp_path_factory):
    """Nights that publish nothing, by what stops them: the home and what its process did."""
    folder = tmp_path_factory.mktemp("unpublished")
    homes = {name: folder / name for name in ("held", "failed", "no_landing", "no_date")}
    whole, bad = land(folder / "landing", good=1, bad=0), land(folder / "bad", good=699, bad=301)
    homes["failed"].mkdir()
    (homes["failed"] / "archive").write_text("a file where the folder should be")
    given = {
        "held": {"VBP_LANDING": bad},
        "failed": {"VBP_LANDING": whole},
        "no_landing": {"VBP_LANDING": folder / "nowhere"},
        "no_date": {"VBP_AS_OF": "2020-02-30"},
    }
    done = dag_runs("dags.run_once", *({"VBP_HOME": homes[name]} | more for name, more in given.items()))
    return {name: (homes[name], did) for name, did in zip(given, done, strict=True)}


@pytest.mark.thorough
def test_a_held_run_fails_in_airflow_and_is_held_in_the_ledger(unpublished):
    home, done = unpublished["held"]
    assert done.returncode == 3
    assert "任务 publish 未完成" in done.stderr
    assert "reject_rate.institutions" in done.stderr
    assert "vbp release 2020" in done.stderr
    assert [(row[0], row[2]) for row in ledger(home)] == [
        ("held", "未通过的检查：reject_rate.institutions；reject_rule.institutions:missing_value:name")
    ]


def test_a_failed_step_is_entered_with_its_reason(unpublished):
    home, done = unpublished["failed"]
    assert (done.returncode, done.stdout) == (1, "")
    ((status, _, note),) = ledger(home)
    assert status == "failed"
    assert note.startswith("任务 ingest：")


def test_a_missing_landing_zone_fails_before_anything_is_entered(unpublished):
    home, done = unpublished["no_landing"]
    assert (done.returncode, done.stdout) == (1, "")
    assert f"任务 begin 未完成：找不到数据目录 {home.parent / 'nowhere'}" in done.stderr
    assert not (home / "compliance.db").exists()


def test_an_impossible_date_is_a_wrong_call(unpublished):
    _, done = unpublished["no_date"]
    assert done.returncode == 2
    assert "2020-02-30" in done.stderr
