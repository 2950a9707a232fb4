"""Paths of any characters: what takes a path for an address, a pattern or a shell's words takes it literally."""

import ast
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import DatabaseError, migrate, open_database
from pipelines.errors import UsageError
from pipelines.lake import parts
from pipelines.lake.batches import find_batch, last_batch
from pipelines.lake.snapshot import snapshot
from pipelines.lake.tables import scan
from pipelines.settings import Settings
from pipelines.store.local import Local
from schemas.records import RECORDS
from tests.lake.house import House

ROOT = Path(__file__).parents[1]
ODD = ["数据 目录 100%#1?", "a?b", "a*b", "{a}", "part=3", "~", "$HOME", "50%", "a:b'c\"d", "é", "file:"]
READERS = ("scan_parquet", "read_parquet", "scan_delta")
FOR_NO_LAKE = ["a[b", "a]b", "a\\b", "a|b", "a^b", "a%41b", "a%e6", "a\nb", "a\x7fb"]


@pytest.mark.parametrize("name", ODD)
def test_a_lake_is_read_where_it_was_written(name, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_ROWS", 1)
    house = House(tmp_path / name)
    house.land_masters()
    house.night()
    house.land("deliveries/01.csv", {"delivery_id": "D2"})
    house.night()
    assert house.keys("deliveries") == ["D1", "D2"]
    versions = find_batch(house.home, 2).versions
    since = scan(house.home, RECORDS["deliveries"], versions["deliveries"], 2, since=1).collect()
    assert since["delivery_id"].to_list() == ["D2"]


def test_no_sibling_is_read(tmp_path):
    """The name of the first home is a pattern that the second's matches."""
    for name, records in (("a?b", 1), ("axb", 2)):
        house = House(tmp_path / name)
        house.land("lots/a.csv", *({"lot_code": f"L{n}"} for n in range(records)))
        house.night()
        snapshot(house.home, last_batch(house.home), Local(house.folder / "records"))
    assert House(tmp_path / "a?b").keys("lots") == ["L0"]


def test_the_embedded_database_lies_in_the_home(tmp_path):
    home = tmp_path / "a?b=%2 #" / "home"
    engine = open_database(Settings(home=home).database_url)
    migrate(engine)
    engine.dispose()
    assert [p.name for p in tmp_path.iterdir()] == ["a?b=%2 #"]
    assert (home / "compliance.db").exists()


def test_an_address_that_a_question_mark_cuts_off_is_refused(tmp_path):
    with pytest.raises(DatabaseError, match="%3F"):
        open_database(f"sqlite:///{tmp_path}/a?b/compliance.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FOR_NO_LAKE)
def test_a_home_that_can_hold_no_lake_is_refused_before_anything_is_made(name, tmp_path):
    result = CliRunner().invoke(app, ["run", "--home", str(tmp_path / name / "home")])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"错误：目录 {tmp_path}") and "--home" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["home", "landing", "policies"])
def test_a_path_that_is_no_utf8_is_refused(option, tmp_path):
    with pytest.raises(UsageError, match=r"\\xca\\xfd 的名称不是 UTF-8"):
        Settings(**{option: Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "数".encode("gbk")))})


def test_no_path_is_read_as_a_pattern():
    patterns = []
    for path in (ROOT / "pipelines").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in READERS:
                given = {k.arg: ast.unparse(k.value) for k in node.keywords}
                patterns += [f"{path.name}:{node.lineno}"] if given.get("glob") != "False" else []
    assert patterns == []


SAYS_ITS_CALL = """#!/bin/sh
echo "$0 $*" >> said
[ "$2" != venv ] || { mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/uv"; }
"""


def test_make_quotes_the_checkout(tmp_path):
    """The recipes with programs that only say what they are called with: `.venv` is made, then the DAG is run."""
    checkout = tmp_path / "检出 100%#1?$x'y"
    checkout.mkdir()
    shutil.copy(ROOT / "Makefile", checkout)
    said = checkout / "said"
    python = tmp_path / "python"
    python.write_text(SAYS_ITS_CALL)
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    for name in ("requirements.lock", "pyproject.toml"):
        (checkout / name).touch()
    subprocess.run(["make", "run", f"PYTHON={python}"], cwd=checkout, check=True)
    assert said.read_text().splitlines()[-1] == ".venv/bin/python -m dags.run_once"
    assert {p.name for p in tmp_path.iterdir()} == {"python", checkout.name}
