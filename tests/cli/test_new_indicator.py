"""A new indicator stands on its feet as it is written: discovered, computed, specified, checked against its reference."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli.new_indicator import new_indicator
from pipelines.errors import UsageError

ROOT = Path(__file__).parents[2]
FOLDERS = ("pipelines/indicators", "tests/spec", "tests/reference")


@pytest.fixture
def source(tmp_path) -> Path:
    """Empty folders of a source tree."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> Path:
    """A copy of the source tree with a new indicator in it."""
    root = tmp_path_factory.mktemp("source")
    for folder in ("pipelines", "schemas", "tests", "docs"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "seeds" / "policies", root / "seeds" / "policies")
    shutil.copy(ROOT / "pyproject.toml", root)
    new_indicator("hoarded_stock", root)
    return root


def run(root: Path, *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_writes_code_card_spec_and_oracle(source):
    written = new_indicator("hoarded_stock", source)
    assert [path.relative_to(source).as_posix() for path in written] == [
        "pipelines/indicators/hoarded_stock.py",
        "pipelines/indicators/hoarded_stock.md",
        "tests/spec/test_hoarded_stock.py",
        "tests/reference/hoarded_stock.py",
    ]
    for path in written:
        assert "hoarded_stock" in path.read_text(encoding="utf-8")
        assert "NAME" not in path.read_text(encoding="utf-8")


def test_the_new_indicator_is_found_and_passes_its_spec_and_the_tests_of_cards(grown):
    run(
        grown,
        "pytest",
        "tests/spec/test_hoarded_stock.py",
        "tests/indicators/test_cards.py",
        "-p",
        "no:cacheprovider",
    )


def test_the_new_files_pass_the_linter(grown):
    files = [str(path.relative_to(grown)) for path in grown.rglob("*hoarded_stock.py")]
    assert len(files) == 3
    run(grown, "ruff", "check", "--no-cache", *files)
    run(grown, "ruff", "format", "--no-cache", "--check", *files)


@pytest.mark.parametrize(
    "name", ["", "ab", "Upper", "1st", "with-dash", "两票", "a__b", "end_", "../x", "a" * 41, "x\n"]
)
def test_a_name_that_is_no_identifier_is_refused(source, name):
    with pytest.raises(UsageError, match="不合格"):
        new_indicator(name, source)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_name_that_is_taken_is_refused_and_nothing_is_written(source, folder):
    prefix = "test_" if folder == "tests/spec" else ""
    taken = source / folder / f"{prefix}payment.py"
    taken.write_text("ours", encoding="utf-8")
    with pytest.raises(UsageError, match="已经存在"):
        new_indicator("payment", source)
    assert [path for path in source.rglob("*") if path.is_file()] == [taken]
    assert taken.read_text(encoding="utf-8") == "ours"


def test_a_folder_that_is_not_the_source_is_refused(tmp_path):
    with pytest.raises(UsageError, match="源代码目录"):
        new_indicator("hoarded_stock", tmp_path)
