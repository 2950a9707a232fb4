"""A night on Airflow's own services and Celery workers comes to the figures of `vbp run` on one machine, whatever happens.

A night takes a minute here: what may happen to one happens in as few of them as can hold it.
"""

import re
import subprocess
import sys
from datetime import date

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.night.run import run_night
from pipelines.settings import Settings
from tests.processes import ROOT

pytestmark = pytest.mark.cluster
AS_OF = "2020-12-31"


@pytest.fixture(scope="module")
def digest(cluster, tmp_path_factory):
    """The digest of the night in one process on one machine."""
    settings = Settings(home=tmp_path_factory.mktemp("alone"), landing=cluster.landing)
    run_night(settings, date.fromisoformat(AS_OF), lambda _: None)
    engine = open_database(settings.database_url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT result_digest FROM runs")).scalar_one()
    engine.dispose()
    return found


@pytest.fixture
def parts_wait(cluster):
    """An empty home, where no part of an indicator becomes whole until it is asked to go on."""
    cluster.clear()
    cluster.hold.touch()
    yield cluster.hold.unlink
    cluster.hold.unlink(missing_ok=True)


def published(cluster):
    """Status and digest of every run of the home."""
    return cluster.read("SELECT status, result_digest FROM runs ORDER BY started_at")


def portions(cluster, dag_run):
    """Step → the portions that were done of it."""
    found = {}
    for task in cluster.tasks(dag_run):
        if task["state"] == "success" and task["map_index"] >= 0:
            found.setdefault(task["task_id"], []).append(task["rendered_map_index"])
    return {step: sorted(names) for step, names in found.items()}


def run_alone(cluster):
    """`vbp run` on the same home, on this machine."""
    alone = [sys.executable, "-m", "pipelines.cli.app", "run", "--as-of", AS_OF]
    return subprocess.run(alone, cwd=ROOT, env=cluster.environment, capture_output=True, text=True, check=False)


def test_four_workers_come_to_the_figures_of_one_machine(cluster, digest):
    """The machine had its home on a disk; the workers share nothing but the object store."""
    cluster.clear()
    with cluster.workers(4):
        night = cluster.trigger(AS_OF)
        assert cluster.finish(night) == "success"
    assert published(cluster) == [("published", digest)]
    done = portions(cluster, night)
    assert done["validate_parts"] == ["deliveries:0-1", "invoices:0-1", "invoices:2-2", "payments:0-1"]
    assert done["compute_parts"] == ["two_invoice:0-0", "two_invoice:1-1"]
    assert len(done["ingest"]) > 2 and done["compute"][1:] == ["two_invoice"] and len(done["resting"]) == 1

    said = [value for (value,) in cluster.read("SELECT value FROM xcom WHERE key = 'return_value'", "airflow")]
    listed = [one for value in said for one in (value if isinstance(value, list) else [value])]
    assert any(isinstance(one, str) and one.startswith("two_invoice:") for one in listed)
    assert [one for one in listed if not isinstance(one, int | None) and not re.fullmatch(r"[\w:,-]+", one)] == []


def test_one_of_two_workers_killed_in_the_middle_a_new_scheduler_and_a_second_run(cluster, digest, parts_wait):
    with cluster.workers(2):
        night = cluster.trigger(AS_OF)
        held = cluster.wait(lambda: cluster.running(night, "compute_parts"), "a part that is being computed")
        cluster.stop(cluster.worker_of(held[0]["pid"]))
        cluster.stop("scheduler")
        second = run_alone(cluster)
        assert second.returncode == 1 and "正被另一次运行占用" in second.stderr and len(second.stderr.splitlines()) == 1
        waiting = cluster.trigger(AS_OF)

        cluster.start_scheduler()
        parts_wait()
        with cluster.workers(1):
            assert cluster.finish(night) == "success"
            cluster.withdraw(waiting)
    assert published(cluster)[0] == ("published", digest), "nothing is lost"
    assert max(task["try_number"] for task in cluster.tasks(night) if task["task_id"] == "compute_parts") >= 2

    after = run_alone(cluster)
    assert after.returncode == 0, after.stderr
    assert {run for run in published(cluster) if run[0] != "failed"} == {("published", digest)}


def test_a_worker_that_wakes_up_when_another_does_its_work_and_a_store_that_is_away_for_a_while(
    cluster, gate, digest, parts_wait
):
    with cluster.workers(1) as [asleep]:
        night = cluster.trigger(AS_OF)
        cluster.wait(lambda: cluster.running(night, "compute_parts"), "a part that is being computed")
        cluster.freeze(asleep)
        with cluster.workers(1):
            taken_over = lambda: [t for t in cluster.running(night, "compute_parts") if t["try_number"] >= 2]  # noqa: E731
            cluster.wait(taken_over, "a part that another worker took over")
            gate.refused, gate.is_shut = 0, True
            parts_wait()
            cluster.wake(asleep)
            cluster.wait(lambda: gate.refused >= 20, "requests that are refused")
            gate.is_shut = False
            assert cluster.finish(night) == "success"
    assert published(cluster) == [("published", digest)]
