"""The tables of docs/capacity.md are what the command prints, and follow from the results."""

import json
from pathlib import Path

import pytest

from benchmarks.capacity import PLACES, fill, is_of_today, main, tabulate
from benchmarks.yardsticks import INDICATORS

ROOT = Path(__file__).parents[2]
STEPS = ("begin", "ingest", "validate", *INDICATORS, "stage", "audit", "publish", "late records", "day after", "from nothing")


def result(scale, cpu, **sizes):
    """Every step costs so many CPU seconds and has a peak of 1 GiB."""
    machine = {"measured": "2026-01-01", "cores": "2", "memory": "8 GiB", "load before": "0"}
    steps = {name: {"cpu": cpu, "wall": cpu, "peak": 2**30} for name in STEPS}
    return {"scale": scale, "machine": machine, "steps": steps, "input_bytes": 2**20, "sizes": sizes}


SIZES = {"archive": 2**20, "batches": 0, "lake": 2**20, "records": 0, "sums": 2**20, "run": 0, "database": 2**30}


def test_cost_is_per_million_and_places_are_reckoned_from_the_largest_scale():
    results = [result(0.5, 10, **SIZES), result(1, 30, **SIZES)]
    tables = tabulate(results)
    assert "| ingest | 20.00 | 1,024 | 30.00 | 1,024 |" in tables["stages"]
    assert "| lake | 2.0 | 1.0 |" in tables["bytes"]
    province = [line.split("|")[4].strip() for line in tables["places"].splitlines()[2:]]
    held = 1_182 * 5_000 * 3 / 1e6  # 17.73 million deliveries
    assert province[:3] == ["1,182", f"{held:,.2f}", f"{30 * held / 3600:,.2f}"]
    assert f"{held:,.1f}" in province  # GiB of the database: one per million
    assert len(tables["places"].splitlines()[0].split("|")) == len(PLACES) + 3


def test_a_first_night_alone_is_a_check_of_what_is_reckoned():
    first = result(10, 360, **SIZES | {"lake": 20 * 2**20, "database": 0})
    for name in ("late records", "day after", "from nothing"):
        del first["steps"][name]
    tables = tabulate([result(1, 30, **SIZES | {"lake": 2 * 2**30}), first])
    steps = len(STEPS) - 3
    check = [[cell.strip() for cell in line.strip("| ").split("|")] for line in tables["check"].splitlines()]
    assert check[2] == ["scale 10: CPU minutes", f"{30 * steps * 10 / 60:,.1f}", f"{360 * steps / 60:,.1f}", "1.20"]
    assert check[4] == ["scale 10: highest peak, MiB", "1,024.0", "1,024.0", "1.00"]
    assert ["scale 10: lake, GiB", "20.0", "0.0", "0.00"] in check and ["scale 10: run, GiB", "0.0", "0.0", "–"] in check
    assert "| late records | 30.00 | 1,024 | – | – |" in tables["stages"]


def test_results_of_earlier_indicators_do_not_count():
    bare = result(1, 1)
    assert is_of_today(bare)
    del bare["steps"][next(iter(INDICATORS))]
    assert not is_of_today(bare)


def test_a_table_takes_the_place_of_the_one_before():
    once = fill("a\n<!-- capacity:x -->\nold\n<!-- /capacity:x -->\nb", {"x": "new"})
    assert once == fill(once, {"x": "new"}) and "old" not in once
    with pytest.raises(KeyError):
        fill("a", {"x": "new"})


def test_the_document_says_what_the_results_say(tmp_path, capsys):
    document = tmp_path / "capacity.md"
    document.write_text((ROOT / "docs" / "capacity.md").read_text("utf-8"), encoding="utf-8")
    assert main(["--document", str(document)]) == 0
    assert document.read_text("utf-8") == (ROOT / "docs" / "capacity.md").read_text("utf-8")
    assert capsys.readouterr().out


def test_no_result_of_today_is_told(tmp_path, capsys):
    path = tmp_path / "scale-1.json"
    path.write_text(json.dumps(result(1, 1) | {"steps": {}}), encoding="utf-8")
    assert main([str(path), "--document", str(tmp_path / "none")]) == 1
    assert "make bench" in capsys.readouterr().err
