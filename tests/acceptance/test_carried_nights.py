"""Nights that carry on what stood give, in files and in the database, what a home begun anew gives."""

import csv
import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.database.tables import FIGURES
from pipelines.engine import carry
from pipelines.engine.compute import units_recomputed
from pipelines.indicators import all_indicators
from pipelines.lake import changes, parts
from pipelines.night import steps as nightly
from pipelines.settings import Settings
from pipelines.store import keys
from schemas.records import RECORDS
from tests.acceptance.night import audited, compute_night, digest
from tests.reference.worlds import random_world, write_landing

WRONG_FIRST = {"deliveries": "unit_price", "invoices": "amount", "payments": "amount", "returns": "returned_quantity"}
LATE = {*WRONG_FIRST, "excuses", "commitment_adjustments"}
REGISTERS = ("institutions", "products", "enterprises", "selections")
CLOCK = {"run_id", "first_seen", "due_on", "state"}


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "_ROWS", 20)
    monkeypatch.setattr(changes, "_SHARE", 10)
    monkeypatch.setattr(carry._Delta, "is_large", lambda *_: False)


def land_in_nights(records, landing, rng, nights):
    """Master data first, mostly; the rest in any night, some of it wrong at first and corrected later, some withdrawn
    at last. Registers are sent again with the same content, and now and then with one change.
    """
    landed = [{dataset: [] for dataset in records} for _ in range(nights)]
    for dataset, rows in records.items():
        for row in rows:
            night = rng.randrange(nights) if dataset in LATE or rng.random() < 0.02 else 0
            if dataset in WRONG_FIRST and night and rng.random() < 0.3:
                wrong = row | {WRONG_FIRST[dataset]: row[WRONG_FIRST[dataset]] * 2}
                landed[rng.randrange(night)][dataset].append(wrong)
            landed[night][dataset].append(row)
    for number, part in enumerate(landed):
        for dataset in REGISTERS:
            if number and rng.random() < 0.6:
                known = {tuple(r[k] for k in RECORDS[dataset].key) for p in landed[:number] for r in p[dataset]}
                again = [r for r in records[dataset] if tuple(r[k] for k in RECORDS[dataset].key) in known]
                part[dataset] = [dict(r) for r in again] + [r for r in part[dataset] if r not in again]
                if dataset == "institutions" and part[dataset] and rng.random() < 0.2:
                    part[dataset][0] = part[dataset][0] | {"responsible_person": f"李{number}"}
        write_landing(part, landing / f"night{number}", rng, shuffle=True)
    for dataset in ("deliveries", "invoices", "payments", "excuses"):
        gone = rng.sample(landed[0][dataset], min(len(landed[0][dataset]), rng.randint(0, 2)))
        if gone and rng.random() < 0.5:
            write_withdrawals(dataset, gone, landing / f"night{nights - 1}" / dataset / "z.csv")


def write_withdrawals(dataset, rows, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(rows[0])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "is_withdrawn"])
        for row in rows:
            kept = ["" if row[c] is None else str(row[c]) for c in columns]
            writer.writerow([*kept, "1"])


def add_night(landing, into, number):
    for path in sorted((landing / f"night{number}").rglob("*.csv")):
        dataset, *rest = path.relative_to(landing / f"night{number}").parts
        target = into.joinpath(dataset, f"night{number}", *rest)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def publish(run):
    assert nightly.publish(audited(run)) == "published"


def shown(run):
    """What every figure table shows for the run's date, without what hangs on earlier nights."""
    engine = open_database(run.database_url)
    found = {}
    with engine.connect() as connection:
        for name in FIGURES:
            condition = " AND state = 'open'" if name == "findings" else ""
            rows = connection.execute(sa.text(f"SELECT * FROM {name} WHERE as_of = '{run.as_of}'{condition}")).mappings()
            found[name] = sorted(repr([v for k, v in row.items() if k not in CLOCK]) for row in rows)
    engine.dispose()
    return found


def hold(run):
    failed = {"check_id": "x", "scope": "", "applied": 1, "passed": 0, "failed": 1, "not_applicable": 0}
    failed |= {"status": "failed", "details": "{}"}
    assert nightly.publish(audited(run, failed)) == "held"


def interrupt(landing, home, as_of, rng):
    """A night that ends somewhere between the lake and the last indicator."""
    run = nightly.begin(Settings(home=home, landing=landing), as_of)
    for portion in nightly.list_portions(run, "ingest"):
        nightly.ingest(run, portion)
    nightly.validate(run)
    for code in rng.sample(list(all_indicators()), rng.randint(0, len(all_indicators()))):
        nightly.compute(run, code)


def check_nights(seed, folder):
    """Nights of one home against fresh homes; return how many indicators were computed for some units only."""
    rng = random.Random(seed)
    records, last_day = random_world(seed)
    nights = 5
    land_in_nights(records, folder / "all", rng, nights)
    days = [last_day - timedelta(days=rng.choice((0, 0, 1, 2, 40))) for _ in range(nights)]
    carried = 0
    for number, as_of in enumerate(days):
        add_night(folder / "all", folder / "landing", number)
        if rng.random() < 0.2:
            interrupt(folder / "landing", folder / "home", as_of, rng)
        run = compute_night(folder / "landing", folder / "home", as_of)
        carried += sum(units_recomputed(code, run.store) is not None for code in all_indicators())
        fresh = compute_night(folder / "landing", folder / f"fresh{number}", as_of)
        assert digest(run) == digest(fresh), (seed, number)
        for code in all_indicators():
            noted, anew = (r.store.read_json(keys.notes(code))["notes"] for r in (run, fresh))
            assert noted == anew, (seed, number)
        if rng.random() < 0.15:
            hold(run)
            continue
        publish(run)
        publish(fresh)
        assert shown(run) == shown(fresh), (seed, number)
    return carried


@pytest.mark.thorough
def test_a_carried_night_is_a_night_from_nothing(tmp_path, small_parts):
    assert check_nights(502, tmp_path) > 1


@pytest.mark.thorough
@pytest.mark.parametrize("lost", ["reports", "dossier.json.gz"])
def test_without_the_files_of_the_run_that_stands_the_database_is_asked(lost, tmp_path):
    records, as_of = random_world(7)
    write_landing(records, tmp_path / "landing", random.Random(7))
    first = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    publish(first)
    published = digest(first)
    path = first.store.folder / lost
    path.rename(path.with_name("lost"))
    again = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    assert digest(again) == published
    assert all(not read_changes(again, name, which) for name in FIGURES for which in ("came", "gone"))


def read_changes(run, name, which):
    import polars as pl

    return pl.read_parquet(run.store.folder / "changes" / f"{name}.{which}.parquet").rows()
