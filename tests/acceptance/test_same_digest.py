"""The same records give the same figures, however they are spelled, shuffled, split, spread over nights, or sent again."""

import random
import shutil

import polars as pl
import pytest

from tests.acceptance.dialects import write_dialects
from tests.acceptance.night import compute_night, counts, digest, report
from tests.indicators.test_against_reference import ORACLES, compare
from tests.reference.worlds import random_world, write_landing

SEEDS = range(300, 306)


@pytest.mark.parametrize("seed", SEEDS)
def test_from_files_to_figures_the_reference_agrees(seed, tmp_path):
    records, as_of = random_world(seed)
    write_landing(records, tmp_path / "landing", random.Random(seed), split=3, shuffle=True, dialect="mixed")
    run = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    assert counts(run)["rows_accepted"] == sum(len(rows) for rows in records.values())
    for oracle in ORACLES.values():
        for table, rows in oracle(records, as_of).items():
            compare(seed, table, rows, report(run, table))


@pytest.mark.parametrize("seed", range(400, 412))
def test_every_dialect_is_read_as_the_reference_reads_it(seed, tmp_path):
    records, as_of = random_world(seed)
    write_dialects(records, tmp_path / "landing", random.Random(seed))
    run = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    rejected = pl.read_parquet(run.file("ledger", "rejected_records.parquet")).select(
        "source_path", "reasons"
    )
    assert rejected.is_empty(), rejected.to_dicts()
    assert counts(run)["rows_accepted"] == sum(len(rows) for rows in records.values())
    for oracle in ORACLES.values():
        for table, rows in oracle(records, as_of).items():
            compare(seed, table, rows, report(run, table))


@pytest.mark.parametrize("seed", SEEDS)
def test_spelling_order_and_split_change_nothing(seed, tmp_path):
    records, as_of = random_world(seed)
    digests = set()
    for n, (split, dialect) in enumerate([(1, "canonical"), (2, "chinese"), (5, "mixed")]):
        landing = tmp_path / f"landing{n}"
        write_landing(records, landing, random.Random(n), split=split, shuffle=n > 0, dialect=dialect)
        digests.add(digest(compute_night(landing, tmp_path / f"home{n}", as_of)))
    assert len(digests) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_nights_change_nothing_even_when_references_arrive_last(seed, tmp_path):
    records, as_of = random_world(seed)
    whole, nights = tmp_path / "whole", tmp_path / "nights"
    write_landing(records, whole, random.Random(seed), split=2, shuffle=True)
    once = compute_night(whole, tmp_path / "home1", as_of)
    files = sorted(p for p in whole.rglob("*.csv"))
    random.Random(seed).shuffle(files)
    for part in (files[::3], files[1::3], files[2::3]):
        for path in part:
            target = nights / path.relative_to(whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        last = compute_night(nights, tmp_path / "home2", as_of)
    assert digest(last) == digest(once)


def test_a_replayed_night_reads_nothing_and_gives_the_same_digest(tmp_path):
    records, as_of = random_world(7)
    write_landing(records, tmp_path / "landing", random.Random(7))
    first = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    again = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    assert digest(again) == digest(first)


def test_a_file_sent_again_under_another_name_is_skipped(tmp_path):
    records, as_of = random_world(8)
    landing = tmp_path / "landing"
    write_landing(records, landing, random.Random(8))
    first = compute_night(landing, tmp_path / "home", as_of)
    for path in sorted(landing.rglob("*.csv")):
        shutil.copy(path, path.with_name(f"again_{path.name}"))
    again = compute_night(landing, tmp_path / "home", as_of)
    assert digest(again) == digest(first)
    assert (
        counts(again)["rows_accepted"] == counts(first)["rows_accepted"]
    )  # still credited: nothing was published yet
