"""Portions: of files by their size, of indicators by the parts of their records; never more than Airflow maps over."""

from types import SimpleNamespace

import pytest

from pipelines.ingest.take_in import TakenIn
from pipelines.night import plan
from pipelines.store.dossier import LandingFile
from schemas.records import RECORDS

MIB = 1 << 20


def run_with(*files):
    """A run that found files of so many bytes; a negative number stands for one that is not new."""
    found = [LandingFile("d", f"{n}.csv", str(n), abs(size), "new" if size >= 0 else "skipped") for n, size in enumerate(files)]
    return SimpleNamespace(dossier=SimpleNamespace(files=found))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], []),
        ([-5, -5], []),
        ([10], ["0-0"]),
        ([10, -10, 10], ["0-2"]),
        ([64 * MIB, 64 * MIB - 1, 10, 10], ["0-0", "1-2", "3-3"]),
        ([-1, 200 * MIB, 200 * MIB], ["1-1", "2-2"]),
    ],
)
def test_files_go_together_up_to_64_mib(files, expected):
    assert plan.file_portions(run_with(*files)) == expected


@pytest.mark.parametrize("sizes", [[1000] * 10_000, [1 << 30] * 5_000, [1, 1 << 34] * 2_000])
def test_every_new_file_is_in_one_portion_and_airflow_maps_over_all(sizes):
    found = plan.file_portions(run_with(*sizes))
    assert [n for portion in found for n in plan.numbers(portion)] == list(range(len(sizes)))
    assert len(found) <= 1024
    assert len(plan.file_portions(run_with(*[1000] * 10_000))) == 20  # small files are no reason for many tasks


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"deliveries": [200_000], "lots": [5, 5]}, []),
        ({"deliveries": [200_000, 1], "lots": [5]}, ["deliveries:0-1"]),
        (
            {"deliveries": [200_000] * 11, "returns": [200_001] * 2},
            ["deliveries:0-4", "deliveries:5-9", "deliveries:10-10", "returns:0-1"],
        ),
    ],
)
def test_rows_of_a_dataset_are_judged_apart_where_they_are_many(rows, expected, monkeypatch):
    found = [(LandingFile(name, "", "", 0, "new"), TakenIn(rows_read=n)) for name, of_files in rows.items() for n in of_files]
    monkeypatch.setattr(plan, "accepted_files", lambda _: found)
    monkeypatch.setattr(plan, "text_of", lambda _: lambda _: None)
    assert plan.row_portions(None) == expected


def test_a_nation_of_rows_stays_below_what_airflow_maps_over(monkeypatch):
    monkeypatch.setattr(plan, "accepted_files", lambda _: [])
    monkeypatch.setattr(plan, "text_of", lambda _: None)
    monkeypatch.setattr(plan, "count_groups", lambda *_: dict.fromkeys(RECORDS, 3_000))
    found = plan.row_portions(None)
    assert len(found) <= 1024
    of_one = [n for portion in found if portion.startswith("invoices:") for n in plan.numbers(portion.partition(":")[2])]
    assert of_one == list(range(3_000))


@pytest.fixture
def divided(monkeypatch):
    """Indicators with so many parts each; the others are carried on, or lie whole."""

    def set_up(parts):
        monkeypatch.setattr(plan, "_parts_apart", lambda _, indicator: list(range(parts.get(indicator.code, 0))))
        return plan.indicator_portions(SimpleNamespace())

    return set_up


def test_a_night_in_which_nothing_is_divided_computes_in_one_portion(divided):
    waves = divided({})
    assert [len(waves[wave]) for wave in ("compute_parts", "compute", "resting_parts", "resting")] == [0, 1, 0, 0]
    codes = waves["compute"][0].split(",")
    assert sorted(codes) == sorted(plan.all_indicators())
    for code in codes:
        assert all(codes.index(other.code) < codes.index(code) for other in plan.all_indicators()[code].rests_on)


def test_divided_indicators_are_computed_apart_those_that_rest_on_them_later(divided):
    waves = divided({"payment": 3, "prepayment": 2})
    assert waves["compute_parts"] == ["payment:0-0", "payment:1-1", "payment:2-2"]
    assert waves["resting_parts"] == ["prepayment:0-0", "prepayment:1-1"]
    together, alone = waves["compute"]
    assert alone == "payment" and "agreed_volume" in together and "payment" not in together.split(",")
    assert waves["resting"][1] == "prepayment" and "lot_execution" in waves["resting"][0]


def test_a_nation_of_parts_stays_below_what_airflow_maps_over(divided):
    waves = divided(dict.fromkeys(plan.all_indicators(), 5_000))
    assert all(len(portion) <= 1024 for portion in waves.values())
    of_one = [n for p in waves["compute_parts"] if p.startswith("payment:") for n in plan.numbers(p.partition(":")[2])]
    assert of_one == list(range(5_000))
