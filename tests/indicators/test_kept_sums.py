"""Sums stand whole or not at all, however many processes compute them, and whatever became of these."""

import polars as pl
import pytest

from pipelines.engine import compute as engine
from pipelines.engine import kept_sums
from pipelines.engine.compute import compute, compute_parts
from pipelines.engine.indicator import Inputs
from pipelines.engine.kept_sums import Sums, is_computed
from pipelines.indicators import all_indicators
from pipelines.lake.parts import in_part
from pipelines.lake.scan_records import meet
from pipelines.store import keys
from pipelines.store.local import Local
from tests.indicators.records import POLICIES, write_records
from tests.indicators.test_parts import divide
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


def test_a_part_reads_what_another_indicator_has_of_it_and_no_more(tmp_path, monkeypatch):
    """Whether the other lies in as many parts, in fewer or in more."""
    world, as_of = random_world(7)
    bonus = all_indicators()["surplus_retention"]
    (volume,) = bonus.rests_on
    records = write_records(world, tmp_path / "records")
    divide(records)
    inputs, store = Inputs(records, as_of, POLICIES), Local(tmp_path / "run")
    for each in (volume, bonus):
        compute(each, inputs, store)
    expected = contents(store.below("reports"))
    standing = Sums.standing(store, volume)
    assert standing.parts > 1
    whole = {name: kept.scan().collect() for name, kept in standing.units.items()}
    for parts in (1, 2, standing.parts, standing.parts * 2):
        divided = Sums.new(store, volume)
        for part in range(parts):
            for name, rows in whole.items():
                places = records.scan(keys.places("institution")).filter(in_part(part, parts)).select("institution_code")
                divided.unit(name).write(part, meet(rows.lazy(), places).collect())
        with monkeypatch.context() as patch:
            patch.setattr(kept_sums, "is_computed", lambda *_: False)
            divided.finish(parts)
        read = engine._with_sums_of_others(bonus, inputs, store)
        for name, pieces in read.pieces.items():
            of_parts = [part.frames[name].collect() for part in read.divided(bonus.axis, bonus.divided_by)]
            assert len(pieces) == parts
            assert sorted(pl.concat(of_parts).rows()) == sorted(whole[name.removeprefix("agreed_volume.")].rows())
        store.drop(keys.totals(bonus.code))
        compute(bonus, inputs, store)
        assert contents(store.below("reports")) == expected, parts
