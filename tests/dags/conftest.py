"""Airflow runs in processes of its own: it reads its configuration when it is imported, and sets up logging."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Python = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def python() -> Python:
    """Run `python -m module` in the checkout with only the given `VBP_…` and `AIRFLOW…` variables."""

    def run(module: str, **variables: object) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VBP_", "AIRFLOW"))}
        return subprocess.run(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=kept | {name: str(value) for name, value in variables.items()},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run
