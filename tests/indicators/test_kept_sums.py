"""Sums stand whole or not at all, however many processes compute them, and whatever became of these."""

import pytest

from pipelines.engine import compute as engine
from pipelines.engine import kept_sums
from pipelines.engine.compute import compute, compute_parts
from pipelines.engine.indicator import Inputs
from pipelines.engine.kept_sums import Sums, is_computed
from pipelines.indicators import all_indicators
from pipelines.store.local import Local
from tests.indicators.records import POLICIES, write_records
from tests.reference.worlds import random_world

STOCK = all_indicators()["stock_gap"]


@pytest.fixture
def night(tmp_path):
    """What an indicator reads, and the objects of a run."""
    world, as_of = random_world(7)
    return Inputs(write_records(world, tmp_path / "records"), as_of, POLICIES), Local(tmp_path / "run")


@pytest.fixture
def upgrade(monkeypatch):
    """Let another program go on."""
    return lambda: monkeypatch.setattr(kept_sums, "code_version", lambda: "another")


def meanwhile(monkeypatch, happens):
    """Let something happen once a computation has its sums, and before it says what they come to."""
    write = engine.write_answer

    def write_answer(*arguments):
        with monkeypatch.context() as patch:
            patch.setattr(engine, "write_answer", write)
            happens()
        return write(*arguments)

    monkeypatch.setattr(engine, "write_answer", write_answer)


def contents(store: Local) -> dict[str, str]:
    return {key: store.digest(key) for key in store.list()}


def test_whoever_reads_sums_finds_all_of_them_while_they_are_computed_again(night, upgrade, monkeypatch):
    inputs, store = night
    compute(STOCK, inputs, store)
    read = Sums.standing(store, STOCK).whole()
    before = {name: rows.collect() for name, rows in read.items()}
    upgrade()
    seen = []
    meanwhile(monkeypatch, lambda: seen.extend(rows.collect().equals(before[name]) for name, rows in read.items()))
    compute(STOCK, inputs, store)
    assert before and seen == [True] * len(before)


def test_sums_stand_once_all_that_is_made_of_them_does(night, monkeypatch):
    inputs, store = night
    meanwhile(monkeypatch, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        compute(STOCK, inputs, store)
    assert any(store.list("sums"))
    assert Sums.standing(store, STOCK) is None


def test_a_worker_that_wakes_up_leaves_what_another_has_computed(night, monkeypatch):
    inputs, store = night
    left = []
    meanwhile(monkeypatch, lambda: (compute(STOCK, inputs, store), left.append(Sums.standing(store, STOCK))))
    compute(STOCK, inputs, store)
    assert left == [Sums.standing(store, STOCK)]
    assert {key.split("/")[2] for key in store.list("sums")} == {left[0].place}


def test_what_another_program_computed_is_computed_anew(night, upgrade):
    inputs, store = night
    compute(STOCK, inputs, store)
    before = Sums.standing(store, STOCK)
    assert is_computed(store, STOCK)
    upgrade()
    assert not is_computed(store, STOCK)
    compute(STOCK, inputs, store)
    assert is_computed(store, STOCK)
    assert Sums.standing(store, STOCK) != before


@pytest.mark.parametrize("is_upgraded", [False, True])
def test_parts_are_added_up_if_this_program_computed_them(night, upgrade, monkeypatch, is_upgraded):
    inputs, store = night
    compute_parts(STOCK, inputs, store, {0})
    if is_upgraded:
        upgrade()
    computed = []
    of_part = engine._compute_part
    monkeypatch.setattr(engine, "_compute_part", lambda *given: computed.append(given) or of_part(*given))
    compute(STOCK, inputs, store)
    assert bool(computed) == is_upgraded


def test_an_indicator_that_rests_on_sums_which_do_not_stand_computes_them_on_its_way(night, monkeypatch):
    inputs, store = night
    bonus = all_indicators()["surplus_retention"]
    for each in (*bonus.rests_on, bonus):
        compute(each, inputs, store)
    expected = contents(store.below("reports"))
    store.drop("totals")
    compute(bonus, inputs, store)
    assert contents(store.below("reports")) == expected
