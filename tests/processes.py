"""Commands in processes of their own, which are forked from a server that has imported everything already; of the checkout,
or of a copy of its sources.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.preloaded"])
_PATIENCE = 180
_OWN = ("pipelines", "schemas", "migrations", "seeds", "dags", "benchmarks", "tests")


class Command:
    """`python -m module arguments …` in the checkout, or in another tree of its sources, from which all that is ours is
    imported anew; of `VBP_…` and `AIRFLOW…` variables with the given ones only.
    """

    def __init__(self, module: str, *arguments: object, tree: Path = ROOT, **variables: object) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VBP_", "AIRFLOW"))}
        given = kept | {name: str(value) for name, value in variables.items()}
        here, there = _FORKS.Pipe(duplex=False)
        self._told = tempfile.NamedTemporaryFile("r", encoding="utf-8")  # noqa: SIM115
        called = (tree, module, [str(a) for a in arguments], given, there, self._told.name)
        self._process = _FORKS.Process(target=_run, args=called)
        self._process.start()
        there.close()
        self._lines = os.fdopen(os.dup(here.fileno()), encoding="utf-8")
        here.close()

    def says(self) -> Iterator[str]:
        """The lines that it writes to standard error from now on."""
        return iter(self._lines)

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        assert self._process.pid
        os.kill(self._process.pid, signal.SIGKILL)
        assert self.finish().returncode == -signal.SIGKILL

    def finish(self) -> subprocess.CompletedProcess[str]:
        """Wait for its end; what it wrote to standard error is that since the lines that were read."""
        said = self._lines.read()
        self._process.join(_PATIENCE)
        self._lines.close()
        with self._told as told:
            return subprocess.CompletedProcess([], self._process.exitcode, told.read(), said)


def begin_night(home: Path, landing: Path, as_of: str = "2020-12-31") -> Command:
    """`vbp run`, begun."""
    return Command("pipelines.cli.app", "run", "--landing", landing, "--as-of", as_of, "--home", home)


def copy_sources(tree: Path) -> Path:
    """Copy the sources to a folder, without the sample; what was compiled comes along, as old as it is here."""
    for name in _OWN:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("sample", "results"))
    return tree


def run_in(tree: Path, module: str, *arguments: object) -> str:
    """What a command prints that ends well in a tree of sources."""
    done = Command(module, *arguments, tree=tree).finish()
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _run(tree: Path, module: str, arguments: list[str], variables: Mapping[str, str], said: Connection, told: str) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(tree)
    if tree != ROOT:
        sys.path.insert(0, str(tree))
        for name in [name for name in sys.modules if name.partition(".")[0] in _OWN]:
            del sys.modules[name]
    os.dup2(said.fileno(), 2)
    os.dup2(os.open(told, os.O_WRONLY), 1)
    sys.argv = [module, *arguments]
    sys.modules.pop(module, None)  # it runs as `__main__`, once
    runpy.run_module(module, run_name="__main__", alter_sys=True)
