"""A home is its owner's alone, and only the night makes one."""

import os
import stat

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.errors import UsageError, VbpError
from pipelines.store.local import Local
from pipelines.store.private import make_home, require_home
from pipelines.store.runs import lock

QUESTIONS = [
    ["explain", "finding", "095bcd667c6d"],
    ["verify", "R1"],
    ["verify", "R1", "--tables"],
    ["restatements"],
    ["rejects", "list"],
    ["rejects", "show", "abc"],
    ["rejects", "export"],
    ["rejects", "waive", "abc", "--by", "x", "--note", "y", "--until", "2021-01-01"],
    ["rejects", "retry", "--dataset", "deliveries", "--dry-run"],
    ["accountability", "list"],
    ["accountability", "draft", "--by", "x"],
    ["assess", "--year", "2020"],
    ["sample", "--as-of", "2020-12-31", "--size", "1", "--by", "x"],
    ["bulletin", "--as-of", "2020-12-31"],
    ["site"],
    ["serve", "--port", "0"],
    ["release", "R1", "--note", "x", "--by", "y"],
    ["alarm", "R1"],
]


@pytest.fixture
def lax():
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder):
    return {stat.S_IMODE(p.stat().st_mode) for p in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_who_asks_a_wrong_home_is_told_and_nothing_is_made(tmp_path, words):
    asked = CliRunner().invoke(app, [*words, "--home", str(tmp_path / "wrong" / "home")])
    assert asked.exit_code in (1, 2), asked.output
    assert "--home" in asked.output and "Traceback" not in asked.output
    assert "程序出错" not in asked.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_home_is_not_taken_for_one(tmp_path):
    (tmp_path / "letters.txt").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match="不是 vbp 的数据目录"):
        require_home(Local(tmp_path))
    make_home(Local(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755, "a folder of other things is not closed"


@pytest.mark.usefixtures("lax")
def test_a_home_is_made_private_and_one_that_stood_open_is_closed(tmp_path):
    make_home(home := Local(tmp_path / "a" / "home"))
    assert modes(tmp_path / "a") == {0o700}
    (home.folder / "runs").mkdir()
    home.folder.chmod(0o755)
    make_home(home)
    assert modes(home.folder) >= {0o700} and stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    with lock(home):
        (home.folder / "x").touch()
    assert stat.S_IMODE((home.folder / "x").stat().st_mode) == 0o600


def test_no_lock_makes_a_home(tmp_path):
    with pytest.raises(VbpError, match="--home"), lock(Local(tmp_path / "none")):
        pass
