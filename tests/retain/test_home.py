"""Retention in a home of real nights: verified before and after, explained in a sentence, killed and repeated."""

import shutil
from datetime import date

import pytest

from pipelines.database.open import open_database
from pipelines.errors import UsageError, VbpError
from pipelines.night.after import after_night
from pipelines.retain.retain import retain
from pipelines.settings import Settings
from pipelines.store.local import Local
from pipelines.store.runs import objects_of
from pipelines.verify.compare_tables import compare_tables
from pipelines.verify.rebuild import rebuild
from tests.reports.explained_nights import Night, delivery

pytestmark = pytest.mark.thorough

KEPT, GONE = (date(2020, 9, 30), date(2021, 2, 28)), (date(2020, 10, 5), date(2020, 10, 6))
END = date(2020, 10, 31)
KEY = ("agreed_volume_completion", "C")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retained")
    night = Night(folder)
    runs = {}
    for number, day in enumerate([KEPT[0], *GONE, END, KEPT[1]]):
        accepted = date(2020, 9, 1 + number).isoformat()
        runs[day] = night.run(f"{number}.csv", as_of=day, deliveries=[delivery(f"D{number}", accepted)])
    for run_id in runs.values():  # what a kill of the step that tidies leaves
        objects_of(Local(night.home), run_id).put_json("audit/ge_results.json.gz", {})
    return folder, runs


@pytest.fixture
def home(made, tmp_path):
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    return Night(tmp_path), made[1]


def drop(night):
    return night.ask(lambda engine, home, _: retain(engine, home, 92))


def files(night):
    return sorted(p.relative_to(night.home).as_posix() for p in (night.home / "runs").rglob("*") if p.is_file())


def is_proven(night, run_id):
    return night.ask(lambda engine, home, _: compare_tables(engine, home, run_id)).is_good


def test_what_stands_is_verified_before_and_after_and_what_is_gone_says_so(home):
    night, runs = home
    assert is_proven(night, runs[END])
    done = drop(night)
    assert [row.as_of for row in done.dates] == list(GONE)
    assert done.files == sum(row.file_count for row in done.dates) > 0
    assert all(is_proven(night, runs[day]) for day in (*KEPT, END))
    assert night.ask(lambda engine, home, _: rebuild(engine, home, None, runs[END], lambda _: None)).is_good
    assert night.figure(*KEY, run_id=runs[END])
    with pytest.raises(UsageError, match="按保留规则清理，不能再解释或核验"):
        night.figure(*KEY, run_id=runs[GONE[0]])
    with pytest.raises(UsageError, match="按保留规则清理，不能再解释或核验"):
        is_proven(night, runs[GONE[0]])
    with pytest.raises(VbpError, match="之前的夜间数字已按保留规则清理"):
        night.run("again.csv", as_of=GONE[0])
    later = night.run("more.csv", as_of=date(2021, 3, 1), deliveries=[delivery("NEW", "2020-12-01")])
    assert is_proven(night, later)


def test_of_a_run_that_another_followed_stays_what_the_ledgers_are_proven_by(made):
    folder, runs = made
    kept = {p.name.partition("-")[0] for p in (folder / "home" / "runs" / runs[END]).iterdir()} - {"audit"}
    assert kept == {"dossier.json.gz", "policies.json.gz", "ledger", "sealed"}
    files = [path for path in (folder / "home" / "runs" / runs[END]).rglob("*") if path.is_file() and "audit" not in path.parts]
    assert len(files) < 10 and not any(path.stem == "institution_names" for path in files)  # as the run before it named them


def test_the_findings_of_a_date_that_is_gone_are_still_held_to_what_its_run_said(home):
    night, runs = home
    drop(night)
    change = f"UPDATE findings_versions SET message_zh = 'x' WHERE valid_from <= '{GONE[0]}' AND valid_to > '{GONE[0]}'"

    def alter(engine, *_):
        with engine.begin() as connection:
            assert connection.exec_driver_sql(change).rowcount > 0

    night.ask(alter)
    answer = night.ask(lambda engine, home, _: compare_tables(engine, home, runs[KEPT[1]]))
    assert any(str(GONE[0]) in fault and "findings" in fault for fault in answer.proof.faults)


@pytest.mark.parametrize("kill", ["among the files", pytest.param("before the files", marks=pytest.mark.thorough)])
def test_killed_in_the_middle_and_repeated_it_ends_the_same(home, tmp_path, monkeypatch, kill):
    night, runs = home
    whole = Night(tmp_path / "whole")
    shutil.copytree(night.home, whole.home, dirs_exist_ok=True)
    drop(whole)
    calls = iter(range(100))

    def drop_then_die(self, prefix):
        if next(calls) >= (0 if kill == "before the files" else 5):
            raise KeyboardInterrupt
        really(self, prefix)

    really = Local.drop
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Local, "drop", drop_then_die)
        drop(night)
    assert is_proven(night, runs[END])
    again = drop(night)
    assert again.dates == () and again.files > 0
    assert files(night) == files(whole)
    assert is_proven(night, runs[END])


def test_a_night_does_it_where_the_setting_says_so(home):
    night, runs = home
    url = f"sqlite:///{night.home / 'compliance.db'}"

    def stands():
        engine = open_database(url)
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT as_of FROM publications ORDER BY 1").scalars().all()
        engine.dispose()
        return found

    after_night(Settings(home=night.home, landing=night.landing), runs[KEPT[1]])
    assert len(stands()) == 5
    assert after_night(Settings(home=night.home, landing=night.landing, keep_nights=92), runs[KEPT[1]]) == []
    assert stands() == [str(KEPT[0]), str(END), str(KEPT[1])]
