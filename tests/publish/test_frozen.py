"""A frozen date keeps its figures; what later runs of it know is a chain of restatements."""

import datetime as dt
import random

import polars as pl
import pytest

from pipelines.database.open import open_database
from pipelines.publish.changes import Causes
from pipelines.publish.swap import publish
from pipelines.store import keys

D1, D2, D3 = dt.date(2020, 9, 30), dt.date(2020, 12, 31), dt.date(2021, 1, 1)
CHAIN = (
    "SELECT r.row_key, r.old_value, r.new_value, r.previous_run_id, r.run_id FROM restatements r"
    " JOIN runs USING (run_id) ORDER BY finished_at, r.row_key"
)
FIGURES = "SELECT as_of, run_id, institution_code, unallocated_fen FROM payment_unallocated ORDER BY 1, 3"


def cash(**fen):
    return [{"institution_code": code, "unallocated_fen": value} for code, value in fen.items()]


def freeze(nights, as_of):
    with nights.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO bulletins (as_of, scope, workbook_digest, run_id, made_at, is_frozen)"
            f" VALUES ('{as_of}', '', 'W', 'FROZEN', '-', 1)"
        )


@pytest.fixture
def frozen(nights):
    nights.run("FROZEN", D2, payment_unallocated=cash(GONE=1, H1=1, STAYS=1))
    freeze(nights, D2)
    return nights


def shown(nights, as_of=D2):
    return {code: fen for day, _, code, fen in nights.read(FIGURES) if day == str(as_of)}


def test_the_figures_stand_and_the_change_is_on_record(frozen):
    before = frozen.read(FIGURES)
    assert frozen.run("R2", D2, payment_unallocated=cash(CAME=5, H1=2, STAYS=1)) == 3
    assert frozen.read(FIGURES) == before
    assert frozen.read(CHAIN) == [
        ("CAME|-", None, "5", "FROZEN", "R2"),
        ("GONE|-", "1", None, "FROZEN", "R2"),
        ("H1|-", "1", "2", "FROZEN", "R2"),
    ]


def test_the_ledger_says_so(frozen):
    frozen.run("R2", D2, payment_unallocated=cash(GONE=1, H1=2, STAYS=1))
    frozen.run("R3", D2, payment_unallocated=cash(GONE=1, H1=2, STAYS=1))
    ((_, second), (_, third)) = frozen.read("SELECT status, note FROM runs WHERE run_id <> 'FROZEN' ORDER BY run_id")
    assert "截止日 2020-12-31 已随季度通报冻结，数字仍为运行 FROZEN 所发布" in second
    assert "新增修订 1 处" in second
    assert "没有新的修订" in third


def test_a_change_is_written_once_and_the_next_one_goes_from_there(frozen):
    for run_id, fen in (("R2", 2), ("R3", 2), ("R4", 7), ("R5", 1), ("R6", 1), ("R7", 2)):
        frozen.run(run_id, D2, payment_unallocated=cash(GONE=1, H1=fen, STAYS=1))
    assert frozen.read(CHAIN) == [
        ("H1|-", "1", "2", "FROZEN", "R2"),
        ("H1|-", "2", "7", "R2", "R4"),
        ("H1|-", "7", "1", "R4", "R5"),
        ("H1|-", "1", "2", "R5", "R7"),
    ]
    assert shown(frozen) == {"GONE": 1, "H1": 1, "STAYS": 1}


def test_a_row_that_comes_and_goes_again(frozen):
    for run_id, more in (("R2", {"CAME": 5}), ("R3", {}), ("R4", {"CAME": 5})):
        frozen.run(run_id, D2, payment_unallocated=cash(GONE=1, H1=1, STAYS=1, **more))
    assert frozen.read(CHAIN) == [
        ("CAME|-", None, "5", "FROZEN", "R2"),
        ("CAME|-", "5", None, "R2", "R3"),
        ("CAME|-", None, "5", "R3", "R4"),
    ]


def test_what_goes_back_has_its_cause_too(frozen):
    frozen.run("R2", D2, payment_unallocated=cash(GONE=1, H1=2, H2=2, STAYS=1))
    cell = {"table_name": "payment_unallocated", "row_key": "H1|-", "column_name": "unallocated_fen"}
    causes = frozen.store.write(keys.CAUSES, pl.DataFrame([cell | {"cause": "withdrawal"}]))
    frozen.stage("R3", D2, payment_unallocated=cash(GONE=1, H1=1, STAYS=1))
    assert publish(frozen.engine, frozen.row("R3", D2), None, [], Causes("policy", causes)) == 2
    told = frozen.read("SELECT row_key, new_value, cause FROM restatements WHERE run_id = 'R3' ORDER BY 1")
    assert told == [("H1|-", "1", "withdrawal"), ("H2|-", None, "policy")]


def test_what_was_restated_before_the_freeze_is_not_known_of_it(nights):
    nights.run("R0", D2, payment_unallocated=cash(H1=2))
    nights.run("FROZEN", D2, payment_unallocated=cash(H1=1))
    freeze(nights, D2)
    nights.run("R2", D2, payment_unallocated=cash(H1=2))
    assert nights.read(CHAIN) == [("H1|-", "2", "1", "R0", "FROZEN"), ("H1|-", "1", "2", "FROZEN", "R2")]


def test_the_dates_around_are_neither_bound_nor_moved(frozen):
    frozen.run("AFTER", D3, payment_unallocated=cash(H1=3, STAYS=1))
    frozen.run("R2", D2, payment_unallocated=cash(H1=9))
    frozen.run("BEFORE", D1, payment_unallocated=cash(GONE=8))
    assert shown(frozen, D2) == {"GONE": 1, "H1": 1, "STAYS": 1}
    assert shown(frozen, D3) == {"H1": 3, "STAYS": 1}
    assert frozen.run("AFTER2", D3, payment_unallocated=cash(H1=4, STAYS=1)) == 1
    assert frozen.run("BEFORE2", D1, payment_unallocated=cash(H1=8)) == 2
    assert shown(frozen, D3) == {"H1": 4, "STAYS": 1}
    assert shown(frozen, D2) == {"GONE": 1, "H1": 1, "STAYS": 1}


def test_the_next_date_starts_from_the_frozen_figures(frozen):
    frozen.run("R2", D2, payment_unallocated=cash(GONE=1, H1=9, STAYS=1))
    assert frozen.run("AFTER", D3, payment_unallocated=cash(H1=9, STAYS=1)) == 0
    assert shown(frozen, D3) == {"H1": 9, "STAYS": 1}
    versions = frozen.read("SELECT institution_code, unallocated_fen FROM payment_unallocated_versions ORDER BY 1, 2")
    assert versions == [("GONE", 1), ("H1", 1), ("H1", 9), ("STAYS", 1)]


def test_findings_keep_their_clock_behind_a_frozen_date(nights):
    nights.run("R1", D1, 30, findings=[{"finding_id": "OLD"}])
    nights.run("FROZEN", D2, 30, findings=[{"finding_id": "OLD"}, {"finding_id": "NEW"}])
    freeze(nights, D2)
    clocks = "SELECT finding_id, first_seen, due_on, state FROM findings WHERE as_of = '{}' ORDER BY 1"
    before = nights.read(clocks.format(D2))
    nights.run("R2", D2, 9, findings=[{"finding_id": "LATE"}])
    assert nights.read(clocks.format(D2)) == before
    nights.run("AFTER", D3, 30, findings=[{"finding_id": "OLD"}, {"finding_id": "LATE"}])
    assert nights.read(clocks.format(D3)) == [
        ("LATE", "2021-01-01", "2021-01-31", "open"),
        ("NEW", "2020-12-31", "2021-01-30", "cured"),
        ("OLD", "2020-09-30", "2020-10-30", "open"),
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(12))
def test_the_chain_leads_from_the_frozen_figures_to_what_is_known(_migrated_sqlite, tmp_path, nights_on, seed):
    """Random nights of a frozen date and of those around it: its figures stand, and the chain gives the last night's."""
    (tmp_path / "compliance.db").write_bytes(_migrated_sqlite.read_bytes())
    engine, chance = open_database(f"sqlite:///{tmp_path / 'compliance.db'}"), random.Random(seed)
    nights = nights_on(engine)

    def draw():
        return {code: chance.randint(1, 3) for code in ("A", "B", "C") if chance.random() < 0.7}

    figures = known = draw()
    nights.run("FROZEN", D2, payment_unallocated=cash(**figures))
    freeze(nights, D2)
    for number in range(6):
        as_of, drawn = chance.choice([D1, D2, D2, D3]), draw()
        nights.run(f"R{number}", as_of, payment_unallocated=cash(**drawn))
        known = drawn if as_of == D2 else known
        assert shown(nights) == figures
        replayed = dict(figures)
        for key, old, new in nights.read(
            "SELECT r.row_key, r.old_value, r.new_value FROM restatements r JOIN runs USING (run_id)"
            f" WHERE r.as_of = '{D2}' ORDER BY finished_at"
        ):
            code = key.partition("|")[0]
            assert replayed.pop(code, None) == (int(old) if old else None)
            assert old != new
            replayed |= {code: int(new)} if new else {}
        assert replayed == known
    engine.dispose()
