"""A new indicator is a folder and a spec, and stands on its feet as it is written: nothing else is edited for it."""

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.cli.new_indicator import new_indicator
from pipelines.errors import UsageError
from tests.processes import ROOT, copy_sources, run_in

FOLDERS = ("pipelines/indicators", "tests/spec")
OTHER = "a_much_longer_name_of_one_as_it_may_be"


@pytest.fixture
def source(tmp_path) -> Path:
    """Empty folders of a source tree."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> Path:
    """A copy of the source tree with a new indicator in it."""
    root = copy_sources(tmp_path_factory.mktemp("grown") / "source")
    for name in ("docs", "seeds/sample"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("pyproject.toml", "README.md", "README.zh-CN.md", "Makefile"):
        shutil.copy(ROOT / name, root)
    new_indicator("hoarded_stock", root)
    run_in(root, "pipelines.reports.dictionary")
    return root


def test_it_writes_a_folder_and_a_spec(source):
    written = new_indicator("hoarded_stock", source)
    assert [path.relative_to(source).as_posix() for path in written] == [
        *(
            f"pipelines/indicators/hoarded_stock/{name}"
            for name in ("card.md", "card.zh-CN.md", "chinese.csv", "declaration.py", "indicator.py", "policies.toml")
        ),
        "tests/spec/test_hoarded_stock.py",
    ]
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert ("hoarded_stock" in text) == (path.name != "chinese.csv")
        assert not {"NAME", "TODAY", "ISO_DAY"} & set(re.findall(r"[A-Z_]+", text))


@pytest.mark.thorough
def test_the_new_indicator_passes_its_spec_and_the_tests_that_ask_every_indicator(grown):
    files = (
        "tests/spec/test_hoarded_stock.py",
        "tests/indicators/test_cards.py",
        "tests/schemas",
        "tests/policy",
        "tests/reports/test_dictionary.py",
        "tests/test_house.py",
        *(f"tests/indicators/test_against_reference.py::test_agrees_with_the_reference[{n}-hoarded_stock]" for n in range(2)),
        "tests/indicators/test_carried.py::test_nights_carried_on_are_nights_from_nothing[hoarded_stock-900]",
    )
    imported = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    run_in(grown, "pytest", "-p", "no:cacheprovider", "-x", *imported, *files)


@pytest.mark.thorough
def test_a_night_makes_its_table_and_reports_it(grown, tmp_path):
    home = ["--home", str(tmp_path / "home")]
    run_in(grown, "pipelines.cli.app", "run", "--landing", "seeds/sample", "--as-of", "2020-12-31", *home)
    run_in(grown, "pipelines.cli.app", "verify", *home)
    with closing(sqlite3.connect(tmp_path / "home" / "compliance.db")) as database:
        rows = "SELECT COUNT(*), SUM(accepted_fen) > 0, SUM(returned_fen) > 0 FROM hoarded_stock_month"
        months, *sums = database.execute(rows).fetchone()
    assert months > 0 and sums == [1, 1]


@pytest.mark.parametrize("name", ["abc", OTHER])
def test_the_new_files_pass_the_linter_however_long_the_name(name, source):
    shutil.copy(ROOT / "pyproject.toml", source)
    for folder in ("engine", "indicators"):  # the linter sorts imports by what is there
        shutil.copytree(ROOT / "pipelines" / folder, source / "pipelines" / folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "schemas", source / "schemas")
    files = [str(path) for path in new_indicator(name, source) if path.suffix == ".py"]
    assert len(files) == 3
    for words in ("check", "--no-cache"), ("format", "--no-cache", "--check"):
        done = subprocess.run([sys.executable, "-m", "ruff", *words, *files], cwd=source, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["", "ab", "Upper", "1st", "with-dash", "两票", "a__b", "end_", "../x", "a" * 41, "x\n"])
def test_a_name_that_is_no_identifier_is_refused(source, name):
    with pytest.raises(UsageError, match="不合格"):
        new_indicator(name, source)


@pytest.mark.parametrize(
    "place", ["pipelines/indicators/payment.py", "pipelines/indicators/payment/x", "tests/spec/test_payment.py"]
)
def test_a_name_that_is_taken_is_refused_and_nothing_is_written(source, place):
    taken = source / place
    taken.parent.mkdir(exist_ok=True)
    taken.write_text("ours", encoding="utf-8")
    with pytest.raises(UsageError, match="已经存在"):
        new_indicator("payment", source)
    assert [path for path in source.rglob("*") if path.is_file()] == [taken]
    assert taken.read_text(encoding="utf-8") == "ours"


def test_a_folder_that_is_not_the_source_is_refused(tmp_path):
    with pytest.raises(UsageError, match="源代码目录"):
        new_indicator("hoarded_stock", tmp_path)
