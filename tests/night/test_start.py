"""What a step needs not before it begins, it does not import: a task of Airflow is a process that does one step."""

import re
import subprocess
import sys
from pathlib import Path

import pipelines.indicators

_OF_PANDERA = {"pandas", "hypothesis", "typeguard"}
_FOR_SOME_STEPS = {"alembic", "numpy", "pyarrow", "great_expectations", "jinja2", "xlsxwriter", "fastexcel", "airflow"}
_FOLDERS = Path(pipelines.indicators.__file__).parent


def imported(call: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", f"{call}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True)
    return set(done.stdout.split()) or {done.stderr}


def test_a_step_begins_without_what_only_some_of_them_need():
    modules = imported("import pipelines.night.steps\nfrom pipelines.indicators import all_indicators\nall_indicators()")
    assert {"polars", "pandera", "pipelines.indicators.payment.indicator"} <= modules
    assert (_OF_PANDERA | _FOR_SOME_STEPS) & modules == set()
    assert {m for m in modules if m.startswith("pipelines.indicators.") and re.search(r"explain|shown", m)} == set()


def test_datasets_are_declared_without_pandas_and_whoever_wants_it_gets_it():
    modules = imported(
        "import schemas.records\nassert 'numpy' not in __import__('sys').modules\nimport pandas, hypothesis, numpy"
    )
    assert modules >= {"pandas", "hypothesis", "numpy", "pandera"}


def test_what_stands_where_nobody_looks_for_it():
    """`all_indicators` reads `indicator.py`, `all_explained` reads `explain`, and both the only file of a small one."""
    for path in _FOLDERS.glob("*/**/*.py"):
        own = path.relative_to(_FOLDERS).parts[1]
        text = path.read_text(encoding="utf-8")
        assert own == "indicator.py" or not re.search(r"^INDICATOR\b", text, re.MULTILINE), path
        assert own in ("explain", "explain.py") or not re.search(r"^EXPLAINED\b", text, re.MULTILINE), path
