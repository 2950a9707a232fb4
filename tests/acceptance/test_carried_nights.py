"""Nights that carry on what stood give, in files and in the database, what a home begun anew gives."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from pipelines import nightly
from pipelines.lake import changes, parts
from pipelines.publish.database import open_database
from pipelines.publish.tables import FIGURES
from pipelines.runs import read_json, write_json
from tests.acceptance.night import compute_night, digest
from tests.reference.worlds import random_world, write_landing

WRONG_FIRST = {
    "deliveries": "unit_price",
    "invoices": "amount",
    "payments": "amount",
    "returns": "returned_quantity",
}
CLOCK = {"run_id", "first_seen", "due_on", "state"}


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "_ROWS", 20)
    monkeypatch.setattr(changes, "_SHARE", 10)


def land_in_nights(records, landing, rng, nights):
    """Master data first, mostly; the rest in any night, some of it wrong at first and corrected later."""
    landed = [{dataset: [] for dataset in records} for _ in range(nights)]
    for dataset, rows in records.items():
        for row in rows:
            night = rng.randrange(nights) if dataset in WRONG_FIRST or rng.random() < 0.05 else 0
            if dataset in WRONG_FIRST and night and rng.random() < 0.3:
                wrong = row | {WRONG_FIRST[dataset]: row[WRONG_FIRST[dataset]] * 2}
                landed[rng.randrange(night)][dataset].append(wrong)
            landed[night][dataset].append(row)
    for number, part in enumerate(landed):
        write_landing(part, landing / f"night{number}", rng, shuffle=True)


def add_night(landing, into, number):
    for path in sorted((landing / f"night{number}").rglob("*.csv")):
        dataset, *rest = path.relative_to(landing / f"night{number}").parts
        target = into.joinpath(dataset, f"night{number}", *rest)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def publish(run):
    write_json(run.file("audit.json"), {"results": [], "policy_rows": []})
    assert nightly.publish(run) == "published"


def shown(run):
    """What every figure table shows for the run's date, without what hangs on earlier nights."""
    engine = open_database(run.database_url)
    found = {}
    with engine.connect() as connection:
        for name in FIGURES:
            condition = " AND state = 'open'" if name == "findings" else ""
            rows = connection.execute(
                sa.text(f"SELECT * FROM {name} WHERE as_of = '{run.as_of}'{condition}")
            ).mappings()
            found[name] = sorted(repr([v for k, v in row.items() if k not in CLOCK]) for row in rows)
    engine.dispose()
    return found


@pytest.mark.parametrize("seed", range(500, 502))
def test_a_carried_night_is_a_night_from_nothing(seed, tmp_path, small_parts):
    rng = random.Random(seed)
    records, last_day = random_world(seed)
    nights = 4
    land_in_nights(records, tmp_path / "all", rng, nights)
    days = [last_day - timedelta(days=back) for back in (40, 1, 0, 0)]
    carried = 0
    for number, as_of in enumerate(days):
        add_night(tmp_path / "all", tmp_path / "landing", number)
        run = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
        carried += read_json(run.file("validated.json"))["carried"]
        publish(run)
        fresh = compute_night(tmp_path / "landing", tmp_path / f"fresh{number}", as_of)
        publish(fresh)
        assert digest(run) == digest(fresh)
        assert shown(run) == shown(fresh)
    assert carried


@pytest.mark.parametrize("lost", ["reports", "tallies.json"])
def test_without_the_files_of_the_run_that_stands_the_database_is_asked(lost, tmp_path):
    records, as_of = random_world(7)
    write_landing(records, tmp_path / "landing", random.Random(7))
    first = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    publish(first)
    path = first.folder / lost
    path.rename(path.with_name("lost"))
    again = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    assert digest(again) == digest(first)
    assert all(not read_changes(again, name, which) for name in FIGURES for which in ("came", "gone"))


def read_changes(run, name, which):
    import polars as pl

    return pl.read_parquet(run.folder / "changes" / f"{name}.{which}.parquet").rows()
