"""Measure one step in a process of its own, so that its peak memory is its own too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Measure:
    """What one step cost.

    `wall` and `cpu` are seconds of the work itself, all threads; starting Python and importing is in `total`
    alone, the seconds from spawn to exit. `peak` is the process's highest resident memory in bytes, imports
    included.
    """

    name: str
    rows: int
    wall: float
    cpu: float
    total: float
    peak: int

    @property
    def rows_per_second(self) -> float:
        """Rows over wall seconds."""
        return self.rows / self.wall if self.wall else 0.0


class StepFailedError(RuntimeError):
    """A measured step ended with an error."""


def measure(name: str, arguments: list[str], threads: int) -> Measure:
    """Run `python -m benchmarks.steps NAME …` and return what it cost; StepFailedError when it fails.

    Polars gets as many threads as DuckDB does. The parent must stay small: a child starts with the parent's
    memory on its account.
    """
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    command = [sys.executable, "-m", "benchmarks.steps", name, *arguments]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_FOLDER, env=environment) as child:
        assert child.stdout is not None
        said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    total = time.perf_counter() - start
    if child.returncode:
        raise StepFailedError(f"step {name} ended with status {child.returncode}; its message stands above")
    work = json.loads(said.splitlines()[-1])
    return Measure(name, work["rows"], work["wall"], work["cpu"], total, usage.ru_maxrss * 1024)


def clock(work: Callable[[], object]) -> tuple[float, float]:
    """Do the work; return its wall and CPU seconds, all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu
