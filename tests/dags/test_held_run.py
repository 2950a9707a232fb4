"""A held run in Airflow: a person is asked, and the answer decides; a release meanwhile ends it quietly."""

import sqlite3
from contextlib import closing
from datetime import date

import pytest
from markdown_it import MarkdownIt

from pipelines.night import held as held_run
from pipelines.night.held import HeldError, describe_held, needs_answer, settle_held
from pipelines.night.run import release, run_night
from pipelines.settings import Settings

HEADER = "institution_code,name,jurisdiction_code,ownership\n"
ANSWER = {
    "chosen_options": ["放行发布"],
    "params_input": {"note": "已核实"},
    "responded_by_user": {"id": "7", "name": "王值班"},
}
TIMED_OUT = {"chosen_options": ["不发布"], "params_input": {"note": None}, "responded_by_user": None}


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    """A thousand institutions, of which 301 lack the name: more than a gate lets pass."""
    rows = [f"H{n},{'示例医院' if n < 699 else ''},330282,public\n" for n in range(1000)]
    folder = tmp_path_factory.mktemp("landing") / "institutions"
    folder.mkdir()
    (folder / "all.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    return folder.parent


def hold(home, landing):
    settings = Settings(home=home, landing=landing)
    status, run_id = run_night(settings, date(2020, 12, 31), lambda _: None)
    assert status == "held"
    return settings, run_id


@pytest.fixture(scope="module")
def held(landing, tmp_path_factory):
    """Settings and id of a held run that stays held."""
    return hold(tmp_path_factory.mktemp("held"), landing)


def read(home, query):
    with closing(sqlite3.connect(home / "compliance.db")) as connection:
        return connection.execute(query).fetchall()


def ledger(home):
    [(status, by, note)] = read(home, "SELECT status, released_by, note FROM runs")
    return status, by, note.partition("；原行哈希")[0]


@pytest.fixture(scope="module")
def answered(dag_runs, landing, tmp_path_factory):
    """Two runs whose requests are answered, approved and refused: the home and what its process did."""
    homes = [tmp_path_factory.mktemp("answered") / name for name in ("approved", "refused")]
    answers = (("放行发布", "已核实"), ("不发布", ""))
    done = dag_runs(
        "tests.dags.answer",
        *(
            {"VBP_HOME": home, "VBP_LANDING": landing, "TEST_ANSWER": answer, "TEST_NOTE": note}
            for home, (answer, note) in zip(homes, answers, strict=True)
        ),
    )
    return list(zip(homes, done, strict=True))


@pytest.mark.thorough
def test_an_approval_in_airflow_publishes_with_name_and_note(answered):
    home, done = answered[0]
    assert done.returncode == 0, done.stdout + done.stderr
    assert ledger(home) == ("published", "王值班", "已核实")
    with closing(sqlite3.connect(home / "airflow" / "airflow.db")) as connection:
        asked = connection.execute("SELECT body FROM hitl_detail").fetchall()
    assert len(asked) == len(answered)
    for (body,) in asked:
        assert "**reject_rate.institutions**：拒收率 30.1%（301/1000 行），超过上限 30%" in body


@pytest.mark.thorough
def test_a_refusal_in_airflow_fails_with_what_is_to_be_done(answered):
    home, done = answered[1]
    assert done.returncode == 3, done.stdout + done.stderr
    assert "任务 release 未完成" in done.stderr
    assert "核实后放行：vbp release 2020" in done.stderr
    assert ledger(home)[0] == "held"


def test_silence_publishes_nothing(held):
    settings, run_id = held
    with pytest.raises(HeldError, match=r"被扣留.*reject_rate\.institutions.*vbp release"):
        settle_held(settings, run_id, TIMED_OUT, print)
    assert ledger(settings.home.folder)[0] == "held"


@pytest.mark.parametrize("wrong", [{"params_input": {"note": " "}}, {"responded_by_user": None}])
def test_no_release_without_a_note_and_a_person(held, wrong):
    settings, run_id = held
    with pytest.raises(HeldError, match="必须写明理由与放行人"):
        settle_held(settings, run_id, ANSWER | wrong, print)
    assert ledger(settings.home.folder)[0] == "held"


@pytest.mark.thorough
@pytest.mark.parametrize("answer", [ANSWER | {"params_input": {"note": "晚到"}}, TIMED_OUT])
def test_a_release_on_the_command_line_meanwhile_stands_whatever_is_answered(landing, tmp_path, answer):
    settings, run_id = hold(tmp_path, landing)
    assert needs_answer(settings, run_id)
    release(settings, run_id, "张三", "已与报送单位核对", lambda _: None)
    said = []
    settle_held(settings, run_id, answer, said.append)
    assert said == [f"运行 {run_id} 在等待期间已放行"]
    assert ledger(settings.home.folder) == ("published", "张三", "已与报送单位核对")
    assert not needs_answer(settings, run_id)


def test_the_request_names_every_failed_check_with_its_number(held, monkeypatch):
    settings, run_id = held
    monkeypatch.setenv("VBP_HOME", str(settings.home))
    body = describe_held(run_id)
    for part in ("reject_rate.institutions", "reject_rule.institutions:missing_value:name", "301/1000", "放行发布"):
        assert part in body


def test_names_in_the_request_are_no_markdown(held, monkeypatch):
    settings, run_id = held
    monkeypatch.setenv("VBP_HOME", str(settings.home))
    monkeypatch.setattr(held_run, "_failed_checks", lambda _: [("arrival.x/[a](http://b)", "**c**\n# d <img src=x>")])
    shown = MarkdownIt().render(describe_held(run_id))
    assert "<a" not in shown and "<img" not in shown and "<h1" not in shown and shown.count("<strong>") == 1
    assert "arrival.x/[a](http://b)" in shown and "**c** # d &lt;img src=x&gt;" in shown


def test_gates_that_pass_are_kept_too(held):
    settings, _ = held
    kept = dict(read(settings.home.folder, "SELECT check_id, status FROM check_results"))
    for kind in ("rule:institutions:", "reject_rule.institutions:"):
        assert "passed" in {status for check_id, status in kept.items() if check_id.startswith(kind)}
