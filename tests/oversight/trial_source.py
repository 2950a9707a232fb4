"""A source folder into which an indicator was dropped: everything is found there by a program of its own."""

import json
import shutil
from pathlib import Path

from tests.processes import ROOT, copy_sources, run_in

TRIAL = Path(__file__).with_name("trial")


def with_trial(folder):
    """The sources below a folder, with the trial indicator dropped in."""
    source = copy_sources(folder / "source")
    for path in TRIAL.glob("swift_acceptance.*"):
        shutil.copy(path, source / "pipelines" / "indicators")
    return source


def ask_with_trial(program, folder):
    """Run the program of the tests over `folder` from such sources below it; return the JSON of its last line."""
    module = ".".join(program.relative_to(ROOT).with_suffix("").parts)
    return json.loads(run_in(with_trial(folder), module, folder).splitlines()[-1])
