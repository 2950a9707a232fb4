"""A home that was moved or copied is a home: what is asked of it, or done to it, touches no other."""

import re
import shutil
from datetime import date

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import open_database
from pipelines.night import run as run_night_module
from pipelines.night import steps as nightly
from pipelines.night.run import release, run_night
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.store import unpacked
from tests.reports.explained_nights import MASTER, H, S, delivery, send

pytestmark = pytest.mark.thorough

D1, D2 = date(2020, 12, 30), date(2020, 12, 31)


def query(home, statement):
    engine = open_database(f"sqlite:///{home / 'compliance.db'}")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(statement))]
    engine.dispose()
    return rows


def vbp(home, *arguments):
    result = CliRunner().invoke(app, [*arguments, "--home", str(home)], env={"VBP_HOME": str(home)})
    return result.exit_code, result.output


def contents(home):
    """Every file of a home with its content, and its time: who writes the same again has written."""
    files = [p for p in home.rglob("*") if p.is_file() and "compliance.db" not in p.name and p.name != "lock"]
    return {p.relative_to(home): (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A home with a published and a held run, gone from where it was made; its landing zone and policies are gone too."""
    folder = tmp_path_factory.mktemp("made")
    landing, home, policies = folder / "landing", folder / "home", folder / "policies"
    policies.mkdir()
    settings = Settings(home=home, landing=landing, policies=policies)
    for dataset, rows in MASTER.items():
        send(landing, dataset, *rows)
    send(landing, "deliveries", delivery("D", "2020-02-01"), delivery("BAD", "2020-02-30"))
    send(landing, "payments", f"{H},P,1,{S},2020-02-20,10.00")
    published = run_night(settings, D1, lambda _: None)
    unnamed = [f"H{n},{'' if n < 600 else '某院'},,330282,public" for n in range(1000)]
    send(landing, "institutions", *unnamed, name="b.csv")
    held = run_night(settings, D2, lambda _: None)
    assert (published[0], held[0]) == ("published", "held")
    moved = folder / "elsewhere" / "home"
    moved.parent.mkdir()
    home.rename(moved)
    shutil.rmtree(landing)
    policies.rmdir()
    return moved, published[1], held[1]


@pytest.fixture
def copy(original, tmp_path):
    shutil.copytree(original[0], tmp_path / "copy", copy_function=shutil.copy2)
    return tmp_path / "copy"


def test_a_run_is_written_down_without_a_place(original):
    home, *runs = original
    for run_id in runs:
        text = unpacked((home / "runs" / run_id / keys.DOSSIER).read_bytes()).decode()
        assert run_id in text and not re.search(r'"/', text)


def test_a_moved_home_is_asked_as_ever(original):
    home, published, held = original
    for arguments in (
        ["verify", published],
        ["verify", published, "--tables"],
        ["verify", held],
        ["explain", "agreed_volume_completion", "C"],
        ["explain", "line", "deliveries/a.csv", "2"],
        ["rejects", "list"],
        ["rejects", "export"],
        ["bulletin", "--as-of", D1.isoformat()],
        ["site"],
    ):
        status, said = vbp(home, *arguments)
        assert status == 0, (arguments, said)
    assert not (home.parents[1] / "home").exists()


def test_a_copy_is_released_and_decided_on_alone(original, copy):
    home, _, held = original
    before, ledger = contents(home), query(home, "SELECT * FROM runs")
    (record,) = query(copy, "SELECT record_id FROM rejected_records WHERE source_path = 'deliveries/a.csv'")
    assert vbp(copy, "rejects", "discard", record[0], "--by", "张三", "--note", "误报")[0] == 0
    status, said = vbp(copy, "release", held, "--note", "已核实", "--by", "张三")
    assert status == 0, said
    assert query(copy, "SELECT status, released_by FROM runs WHERE as_of = '2020-12-31'") == [("published", "张三")]
    assert (copy / "site" / "morning" / held / "index.html").stat().st_mtime_ns > max(t for _, t in before.values())
    assert (contents(home), query(home, "SELECT * FROM runs")) == (before, ledger)


@pytest.mark.parametrize("moment", ["stage_again", "publish", "tidy", "after_night"])
def test_a_release_made_again_after_a_kill_is_finished(original, copy, moment, monkeypatch):
    """Killed before it staged, before the database knew it, before files went, before pages were written."""
    held = original[2]
    settings = Settings(home=copy, landing=copy / "nothing")
    with monkeypatch.context() as patch:

        def killed(*_, **__):
            raise KeyboardInterrupt

        patch.setattr(run_night_module if moment == "after_night" else nightly, moment, killed)
        with pytest.raises(KeyboardInterrupt):
            release(settings, held, "张三", "已核实", lambda _: None)
    said = []
    release(settings, held, "李四", "再次", said.append)
    by = "李四" if moment in ("stage_again", "publish") else "张三"
    assert query(copy, "SELECT status, released_by FROM runs WHERE as_of = '2020-12-31'") == [("published", by)]
    assert not list((copy / "runs" / held).glob("changes"))
    page = (copy / "site" / "morning" / held / "index.html").read_text(encoding="utf-8")
    assert by in page
    before, ledger = contents(copy), query(copy, "SELECT * FROM runs")
    release(settings, held, "王五", "又一次", said.append)
    assert f"已由 {by} 于" in said[-1] and "没有变化" in said[-1]
    assert (contents(copy), query(copy, "SELECT * FROM runs")) == (before, ledger)
