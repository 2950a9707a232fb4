"""One run at a time: between the tasks of an Airflow run too, not while a held run waits, and at once after a kill."""

from datetime import date

import pytest

from pipelines.database.lease import LeaseError
from pipelines.errors import UsageError
from pipelines.night.begin import begin
from pipelines.night.in_airflow import begin_night, do_step
from pipelines.night.run import run_night
from pipelines.night.status import fail_open
from pipelines.night.steps import list_portions
from pipelines.settings import Settings
from pipelines.store.runs import HomeBusyError, load_run, lock
from tests.reports.explained_nights import MASTER, send

AS_OF = date(2020, 12, 31)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for dataset, rows in MASTER.items():
        send(tmp_path / "landing", dataset, *rows)
    monkeypatch.setenv("VBP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VBP_LANDING", str(tmp_path / "landing"))
    (tmp_path / "home").mkdir()
    return Settings()


@pytest.mark.thorough
def test_between_two_tasks_of_airflow_a_run_is_refused_and_changes_nothing(settings):
    night = begin_night(AS_OF, "scheduled__1")
    first, *others = list_portions(load_run(settings, night), "ingest")
    do_step("ingest", night, first)
    before = sorted((settings.home.folder / "runs").rglob("*"))
    for _ in range(2):
        with pytest.raises(LeaseError, match=f"运行 {night}（主机 .*，Airflow 的 scheduled__1）自 .*到 .* 为止.*等它结束"):
            run_night(settings, AS_OF, lambda _: None)
    assert sorted((settings.home.folder / "runs").rglob("*")) == before
    with lock(settings.home, shared=True), pytest.raises(HomeBusyError, match=f"运行 {night}（.*到 .* 为止"):
        run_night(settings, AS_OF, lambda _: None)
    for portion in others:
        do_step("ingest", night, portion)
    do_step("validate", night)
    fail_open(load_run(settings, night), "停")
    assert run_night(settings, AS_OF, lambda _: None)[0] == "published", "a run that failed has left it"


def test_the_same_airflow_run_begun_again_follows_itself(settings):
    first = begin_night(AS_OF, "scheduled__1")
    second = begin_night(AS_OF, "scheduled__1")
    with pytest.raises(LeaseError):
        begin_night(AS_OF, "scheduled__2")
    (portion,) = list_portions(load_run(settings, second), "ingest")
    do_step("ingest", second, portion)
    with pytest.raises(Exception, match="failed，已不能继续"):
        do_step("ingest", first, portion)


def test_what_cannot_be_begun_leaves_it(settings, monkeypatch):
    (settings.landing / "payments").symlink_to("nowhere")
    with pytest.raises(UsageError, match="payments"):
        begin_night(AS_OF, "scheduled__1")
    (settings.landing / "payments").unlink()
    assert begin_night(AS_OF, "scheduled__2")


def test_a_held_run_does_not_keep_it_and_a_killed_one_not_for_long(settings):
    send(settings.landing, "lots", "L,某批,national,drug,某文", name="b.csv.part")
    begin(settings, AS_OF)  # as if killed behind it: the lock went with the process
    for path in settings.landing.glob("*/a.csv"):
        path.rename(path.with_name("a.csv.part"))
    assert run_night(settings, AS_OF, lambda _: None)[0] == "held"
    assert begin_night(AS_OF, "scheduled__1")
