"""What a night says of sources, and what `vbp pull` prints."""

import json

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.audit.checks import _source
from pipelines.cli.app import app
from pipelines.database.open import open_database
from pipelines.ingest.discover import discover
from pipelines.night.in_airflow import list_sources
from pipelines.policy.policies import load_policies
from pipelines.sources.ledger import landed_since
from pipelines.sources.standing import sources_stand


@pytest.fixture
def cixi(pulls, http):
    http.content = b"a,b\n1,2\n"
    return pulls.describe("http", url=http.url, unencrypted=True)


@pytest.fixture
def engine(pulls):
    engine = open_database(pulls.settings.database_url)
    yield engine
    engine.dispose()


def stands(pulls, engine):
    [source] = sources_stand(pulls.settings.policies, engine)
    return source


def test_a_source_that_was_pulled_says_nothing_and_one_that_failed_what_was_not_read(pulls, http, cixi, engine):
    assert "还没有拉取过" in stands(pulls, engine).problem
    pulls.pull(cixi)
    assert stands(pulls, engine).problem == ""
    assert _source(stands(pulls, engine))["status"] == "passed"
    http.faults = [404]
    pulls.pull(cixi)
    check = _source(stands(pulls, engine))
    assert (check["check_id"], check["scope"], check["status"]) == ("source:deliveries/cixi", "deliveries", "warning")
    told = json.loads(check["details"])
    assert "来源 deliveries/cixi 拉取失败，其新数据本次没有读到或不全" in told["message_zh"]
    assert told["examples"] == ["export.csv：服务器答复 404；请核对 url"]
    pulls.pull(cixi)
    assert stands(pulls, engine).problem == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [("status = 'running'", "没有做完"), ("finished_at = '2020-01-01T00:00:00+08:00'", "自 2020-01-01T00:00:00 起没有再拉取")],
)
def test_a_pull_that_never_ended_and_one_of_long_ago_are_told(pulls, cixi, engine, change, said):
    pulls.pull(cixi)
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE pulls SET {change}"))
    assert said in stands(pulls, engine).problem


def test_a_file_of_sources_that_cannot_be_used_is_told_and_stops_no_night(pulls, engine, monkeypatch):
    (pulls.settings.policies / "sources.toml").write_text("[[source]]\npassword = 'x'\n")
    monkeypatch.setenv("VBP_POLICIES", str(pulls.settings.policies))
    assert "没有拉取任何来源" in stands(pulls, engine).problem
    assert list_sources() == []
    load_policies(pulls.settings.policies)


def test_a_source_that_is_switched_off_is_neither_pulled_nor_missed(pulls, http, engine, monkeypatch):
    pulls.describe("http", url=http.url, unencrypted=True, enabled=False)
    monkeypatch.setenv("VBP_POLICIES", str(pulls.settings.policies))
    assert list_sources() == [] and sources_stand(pulls.settings.policies, engine) == ()


def test_what_a_pull_put_there_does_not_wait_to_settle(pulls, cixi, engine):
    import datetime as dt

    pulls.pull(cixi)
    (pulls.settings.landing / "deliveries" / "by hand.csv").write_text("a\n")
    whole = landed_since(engine, dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))
    found = discover(pulls.settings.landing, set(), 300, whole=whole)
    assert [(file.path.rpartition("/")[2], file.status) for file in found] == [
        ("by hand.csv", "waiting"),
        ("export.csv", "new"),
    ]


def vbp(pulls, *words):
    given = {name: str(getattr(pulls.settings, name)) for name in ("home", "landing", "policies")}
    return CliRunner().invoke(app, ["pull", *words], env={f"VBP_{name.upper()}": value for name, value in given.items()})


def test_the_command_lists_takes_and_says_so_again(pulls, cixi):
    listed = vbp(pulls, "--dry-run")
    assert listed.exit_code == 0 and "会取 export.csv" in listed.output and pulls.taken() == {}
    assert vbp(pulls, "cixi").exit_code == 0
    assert pulls.taken() == {"1/export.csv": b"a,b\n1,2\n"}
    [told] = json.loads(vbp(pulls, "deliveries/cixi", "--json").stdout)
    assert (told["source"], told["new"], told["known"], told["error"]) == ("deliveries/cixi", 0, 1, "")
    assert pulls.read("SELECT DISTINCT taken_by LIKE '%@%' FROM pulls") == [(1,)]


def test_its_exit_status_says_failed_or_wrongly_called(pulls, http, cixi):
    http.faults = [404]
    failed = vbp(pulls)
    assert failed.exit_code == 1 and "deliveries/cixi 失败：export.csv：服务器答复 404" in failed.output
    wrong = vbp(pulls, "cicxi")
    assert wrong.exit_code == 2 and "没有来源“cicxi”" in wrong.output
    (pulls.settings.policies / "sources.toml").unlink()
    assert vbp(pulls).exit_code == 2
