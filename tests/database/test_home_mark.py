"""A database belongs to one home: another one, an older copy and one beside which the original went on are refused."""

import datetime as dt
import shutil

import pytest

from pipelines.database.home_mark import claim
from pipelines.database.open import migrate, open_database
from pipelines.errors import UsageError
from pipelines.publish.swap import begin
from pipelines.store.local import Local

D1 = dt.date(2020, 10, 1)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def copied(home, name):
    return shutil.copytree(home, home.with_name(name))


def publish(nights, home, run_id, day=D1):
    claim(nights.engine, Local(home))
    (home / "runs" / run_id).mkdir(parents=True)
    (home / "runs" / run_id / "run.json").touch()
    nights.run(run_id, day)


def refused(nights, home):
    before = nights.read("SELECT * FROM home_mark"), sorted(home.rglob("*"))
    with pytest.raises(UsageError, match=f"结果库不属于数据目录 {home}|{home} 是数据目录 .* 的副本"):
        claim(nights.engine, Local(home))
    assert (nights.read("SELECT * FROM home_mark"), sorted(home.rglob("*"))) == before
    return True


def test_another_home_is_refused_whatever_its_batches(nights, home):
    claim(nights.engine, Local(home))  # nothing was published yet
    other = home.with_name("other")
    other.mkdir()
    assert refused(nights, other)
    claim(nights.engine, Local(home))


def test_a_home_that_had_a_database_of_its_own_is_refused(nights, home, tmp_path, nights_on):
    publish(nights, home, "R1")
    other, elsewhere = home.with_name("other"), open_database(f"sqlite:///{tmp_path / 'other.db'}")
    other.mkdir()
    migrate(elsewhere)
    claim(elsewhere, Local(other))
    elsewhere.dispose()
    assert refused(nights, other)


def test_a_moved_home_goes_on(nights, home):
    publish(nights, home, "R1")
    claim(nights.engine, Local(home.rename(home.with_name("moved"))))


def test_an_older_copy_is_refused_and_so_is_one_that_went_its_own_way(nights, home):
    publish(nights, home, "R1")
    older = copied(home, "older")
    claim(nights.engine, Local(home))
    assert refused(nights, older)
    publish(nights, home, "R2")
    assert refused(nights, older)


def test_a_copy_is_refused_while_the_original_stands_beside_it(nights, home):
    publish(nights, home, "R1")
    copy = copied(home, "copy")
    with pytest.raises(UsageError, match=f"{copy} 是数据目录 {home} 的副本"):
        claim(nights.engine, Local(copy))
    home.with_name("link").symlink_to(home)
    claim(nights.engine, Local(home.with_name("link")))


def test_a_copy_with_a_database_of_its_own_goes_on_beside_the_original(home):
    for place in (home, home.with_name("copy")):
        if place != home:
            shutil.copytree(home, place)
        engine = open_database(f"sqlite:///{place / 'compliance.db'}")
        migrate(engine)
        claim(engine, Local(place))
        engine.dispose()


def test_of_two_copies_the_first_to_go_on_has_the_database(nights, home):
    publish(nights, home, "R1")
    copy, backup = copied(home, "copy"), home.rename(home.with_name("backup"))
    claim(nights.engine, Local(copy))
    assert refused(nights, backup)


def test_a_home_newer_than_its_database_goes_on(nights, home, tmp_path):
    """As after a backup that took the database first."""
    publish(nights, home, "R1")
    row = nights.read("SELECT mark FROM home_mark")[0][0]
    claim(nights.engine, Local(home))
    with nights.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE home_mark SET mark = '{row}'")
    claim(nights.engine, Local(home))


def test_a_kill_between_home_and_database_shuts_nobody_out(nights, home):
    claim(nights.engine, Local(home))
    with (home / "identity.txt").open("a") as file:
        file.write("left in the home alone\n")
    claim(nights.engine, Local(home))


def test_a_database_and_a_home_of_before_adopt_each_other_and_no_other(nights, home):
    publish(nights, home, "R1")
    (home / "identity.txt").unlink()
    with nights.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM home_mark")
    other = home.with_name("other")
    other.mkdir()
    assert refused(nights, other)
    claim(nights.engine, Local(home))
    assert refused(nights, other)


def test_a_home_may_begin_on_a_new_database(nights, home):
    (home / "identity.txt").write_text("from another database\n")
    begin(nights.engine, nights.row("FAILED", D1))
    claim(nights.engine, Local(home))
