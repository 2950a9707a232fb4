"""What a command's help does not need, it does not import: `vbp --help` answers at once."""

import subprocess
import sys

import pytest

HEAVY = {"polars", "pandera", "sqlalchemy", "airflow", "great_expectations", "jinja2", "deltalake", "pandas"}
CALL = """
import sys
from pipelines.cli.app import app
try:
    app(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("words", ["--help", "run --help", "explain --help", "rejects list --help", "exlain"])
def test_help_and_a_slip_of_the_pen_need_no_library_that_computes(words):
    done = subprocess.run([sys.executable, "-c", CALL, *words.split()], capture_output=True, text=True)
    modules = set(done.stderr.splitlines()[-1].split())
    assert "typer" in modules and HEAVY & modules == set(), done.stderr
