"""A wheel in an environment that knows no checkout gives what the checkout gives, pages and policies with it."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.indicators import all_indicators
from pipelines.night.run import run_night
from pipelines.settings import Settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("pipelines", "schemas", "seeds", "migrations", "dags")
FIGURES = "SELECT code_version, result_digest, policy_digest, policy_rows, rows_accepted, rows_rejected FROM runs"
DIVISIONS = "SELECT * FROM division_names ORDER BY 1"


def run(*words: object, folder: Path) -> str:
    alone = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VBP_"))}
    done = subprocess.run([*map(str, words)], cwd=folder, env=alone, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel, that sees the other libraries but not what is installed from this checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    [own] = (folder / "env" / "lib").glob("*/site-packages")
    # A path named in a .pth file is a path only: the .pth files in it, of which one leads to the checkout, are not read.
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    run(
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--no-deps",
        "--offline",
        "--no-config",
        "--no-cache",
        "--python",
        python,
        wheel,
        folder=folder,
    )
    where = (
        "import pipelines, schemas, seeds, migrations; print(*(m.__file__ for m in (pipelines, schemas, seeds, migrations)))"
    )
    assert all(Path(path).is_relative_to(own) for path in run(python, "-c", where, folder=folder).split())
    run(folder / "env" / "bin" / "vbp", "demo", folder=folder)
    return folder


def read(database: Path, query: str) -> list[tuple]:
    engine = open_database(f"sqlite:///{database}")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return rows


def test_every_file_beside_the_code_is_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as file:
        packed = set(file.namelist())
    here = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here - packed == set()


@pytest.mark.thorough
def test_a_demonstration_gives_the_figures_and_pages_of_the_checkout(elsewhere, tmp_path):
    there = elsewhere / "demo" / "var"
    settings = Settings(home=tmp_path, landing=ROOT / "seeds" / "sample", database="", policies=None)
    status, run_id = run_night(settings, date(2020, 12, 31), lambda _: None)
    assert status == "published"
    for query in (FIGURES, DIVISIONS):
        assert read(there / "compliance.db", query) == read(tmp_path / "compliance.db", query)
    [their_id] = (path.name for path in (there / "runs").iterdir())
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("site/**/*.html")}
    assert {page.replace(run_id, their_id) for page in pages} == {
        path.relative_to(there).as_posix() for path in there.glob("site/**/*.html")
    }
    assert {f"site/indicators/{code}/index.html" for code in all_indicators()} <= pages
