"""The same records give the same figures, however they are spelled, shuffled, split, spread over nights, or sent again."""

import os
import random
import shutil
import subprocess
import sys

import pytest

from pipelines.store import keys
from tests.acceptance.dialects import write_dialects
from tests.acceptance.night import compute_night, counts, digest, report
from tests.indicators.test_against_reference import ORACLES, compare
from tests.processes import ROOT
from tests.random_worlds import worlds
from tests.reference.worlds import random_world, write_landing

SEEDS = worlds(300, 1)


@pytest.fixture(scope="module", params=SEEDS)
def world(request, tmp_path_factory):
    """A random world, and one night that took it in shuffled, in three parts, in mixed dialects."""
    seed, folder = request.param, tmp_path_factory.mktemp("world")
    records, as_of = random_world(seed)
    write_landing(records, folder / "landing", random.Random(seed), split=3, shuffle=True, dialect="mixed")
    return seed, records, as_of, compute_night(folder / "landing", folder / "home", as_of)


def test_from_files_to_figures_the_reference_agrees(world):
    seed, records, as_of, run = world
    assert counts(run)["rows_accepted"] == sum(len(rows) for rows in records.values())
    for oracle in ORACLES.values():
        for table, rows in oracle(records, as_of).items():
            compare(seed, table, rows, report(run, table))


@pytest.mark.parametrize("seed", worlds(400, 2))
def test_every_dialect_is_read_as_the_reference_reads_it(seed, tmp_path):
    records, as_of = random_world(seed)
    write_dialects(records, tmp_path / "landing", random.Random(seed))
    run = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    rejected = run.store.scan(keys.ledger("rejected_records")).select("source_path", "reasons").collect()
    assert rejected.is_empty(), rejected.to_dicts()
    assert counts(run)["rows_accepted"] == sum(len(rows) for rows in records.values())
    for oracle in ORACLES.values():
        for table, rows in oracle(records, as_of).items():
            compare(seed, table, rows, report(run, table))


def test_spelling_order_and_split_change_nothing(world, tmp_path):
    _, records, as_of, run = world
    digests = {digest(run)}
    for n, (split, dialect) in enumerate([(1, "canonical"), (2, "chinese")]):
        landing = tmp_path / f"landing{n}"
        write_landing(records, landing, random.Random(n), split=split, shuffle=n > 0, dialect=dialect)
        digests.add(digest(compute_night(landing, tmp_path / f"home{n}", as_of)))
    assert len(digests) == 1


_IN_A_PROCESS = """
import sys
from datetime import date
from pathlib import Path
import polars as pl
from tests.acceptance.night import compute_night, digest
landing, home, as_of = sys.argv[1:]
print(pl.thread_pool_size(), digest(compute_night(Path(landing), Path(home), date.fromisoformat(as_of))))
"""


@pytest.mark.thorough
@pytest.mark.parametrize("threads", ["1", "4"])
def test_threads_change_nothing(threads, world, tmp_path):
    _, records, as_of, run = world
    write_landing(records, tmp_path / "landing", random.Random(1), split=2, shuffle=True)
    command = [sys.executable, "-c", _IN_A_PROCESS, tmp_path / "landing", tmp_path / "home", str(as_of)]
    done = subprocess.run(
        command, env=os.environ | {"POLARS_MAX_THREADS": threads}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [threads, digest(run)]


@pytest.mark.thorough
def test_nights_change_nothing_even_when_references_arrive_last(world, tmp_path):
    seed, records, as_of, once = world
    whole, nights = tmp_path / "whole", tmp_path / "nights"
    write_landing(records, whole, random.Random(seed), split=2, shuffle=True)
    files = sorted(p for p in whole.rglob("*.csv"))
    random.Random(seed).shuffle(files)
    for part in (files[::3], files[1::3], files[2::3]):
        for path in part:
            target = nights / path.relative_to(whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        last = compute_night(nights, tmp_path / "home2", as_of)
    assert digest(last) == digest(once)


@pytest.mark.thorough
def test_a_replayed_night_reads_nothing_and_gives_the_same_digest(tmp_path):
    records, as_of = random_world(7)
    write_landing(records, tmp_path / "landing", random.Random(7))
    first = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    again = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    assert digest(again) == digest(first)


@pytest.mark.thorough
def test_a_file_sent_again_under_another_name_is_skipped(tmp_path):
    records, as_of = random_world(8)
    landing = tmp_path / "landing"
    write_landing(records, landing, random.Random(8))
    first = compute_night(landing, tmp_path / "home", as_of)
    for path in sorted(landing.rglob("*.csv")):
        shutil.copy(path, path.with_name(f"again_{path.name}"))
    again = compute_night(landing, tmp_path / "home", as_of)
    assert digest(again) == digest(first)
    assert counts(again)["rows_accepted"] == counts(first)["rows_accepted"]  # still credited: nothing was published yet
