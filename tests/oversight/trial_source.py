"""A source folder into which an indicator was dropped: everything is found there by a program of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT, TRIAL = Path(__file__).parents[2], Path(__file__).with_name("trial")


def copy_source(folder):
    """The sources below a folder, with the trial indicator dropped in."""
    source = folder / "source"
    for name in ("pipelines", "schemas", "migrations", "benchmarks", "tests", "seeds"):
        unneeded = shutil.ignore_patterns("__pycache__", "sample", "results")
        shutil.copytree(ROOT / name, source / name, ignore=unneeded)
    for path in TRIAL.glob("swift_acceptance.*"):
        shutil.copy(path, source / "pipelines" / "indicators")
    return source


def ask_with_trial(program, folder):
    """Run the program over `folder` from such sources below it; return the JSON of its last line."""
    source = copy_source(folder)
    done = subprocess.run(
        [sys.executable, program, folder],
        env=os.environ | {"PYTHONPATH": str(source)},
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
