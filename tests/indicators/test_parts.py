"""Records divided along an indicator's axis give what undivided ones give, to the last bit."""

from datetime import date
from functools import cache
from itertools import combinations

import polars as pl
import pytest

from pipelines.engine.add_up import MEASURES
from pipelines.engine.compute import compute, compute_parts
from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_indicators
from pipelines.lake.parts import AXES
from pipelines.lake.snapshot import write_divided
from pipelines.policy.policies import load_policies
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.records import RECORDS
from tests.indicators.records import compute_after, read_answer, write_records
from tests.random_worlds import worlds
from tests.reference.worlds import random_world

PARTS = {"commitments": 1, "deliveries": 2, "returns": 1, "payments": 2, "usages": 4, "trace_scans": 8, "invoices": 4}
every_indicator = pytest.mark.parametrize("code", sorted(all_indicators()))


def divide(records: Local) -> None:
    """Replace the objects of the divided datasets by one object a part."""
    for dataset in AXES:
        rows = records.scan(keys.whole(dataset)).collect()
        records.drop(keys.whole(dataset))
        write_divided(rows.lazy(), RECORDS[dataset], records, PARTS)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The records of a random world, written once for all indicators, whole and divided; and its date."""
    folder = tmp_path_factory.mktemp("worlds")

    @cache
    def world(seed: int) -> tuple[Local, Local, date]:
        records, as_of = random_world(seed)
        whole, divided = write_records(records, folder / f"whole{seed}"), Local(folder / f"divided{seed}")
        for key in whole.list():
            whole.copy(key, key, divided)
        divide(divided)
        return whole, divided, as_of

    return world


def answer(code: str, records: Local, as_of: date) -> dict:
    indicator, store = all_indicators()[code], records.below("answer")
    compute_after(indicator, Inputs(records, as_of, load_policies()), store)
    notes = store.read_json(keys.notes(code))
    return {name: rows.to_dict(as_series=False) for name, rows in read_answer(indicator, store).items()} | notes


@pytest.mark.thorough
@every_indicator
@pytest.mark.parametrize("block", worlds(0, 3))
def test_divided_records_give_the_same_answer(code, block, written):
    for seed in range(block * 5, block * 5 + 5):
        whole, divided, as_of = written(seed)
        assert answer(code, divided, as_of) == answer(code, whole, as_of), seed


@pytest.mark.thorough
@every_indicator
def test_parts_may_be_computed_by_themselves_in_any_order_and_again(code, written, tmp_path):
    """The last of three is left to whoever adds them up. Every process has policies of its own."""
    whole, divided, as_of = written(7)
    indicator, alone, apart = all_indicators()[code], Local(tmp_path / "whole"), Local(tmp_path / "parts")
    for each in (*indicator.rests_on, indicator):
        compute(each, Inputs(whole, as_of, load_policies()), alone)
        for some in ({1}, {0, 1}):
            compute_parts(each, Inputs(divided, as_of, load_policies()), apart, some)
        compute(each, Inputs(divided, as_of, load_policies()), apart)
    assert apart.read_json(keys.notes(code)) == alone.read_json(keys.notes(code))
    answers = [read_answer(indicator, store) for store in (apart, alone)]
    assert all(rows.equals(answers[1][name]) for name, rows in answers[0].items())


@every_indicator
def test_the_keys_of_sums_are_unique_hold_the_unit_and_stand_for_rows(code, tmp_path):
    world, as_of = random_world(7)
    inputs = Inputs(write_records(world, tmp_path), as_of, load_policies())
    indicator = all_indicators()[code]
    _, sums = indicator.run(inputs)
    totals = indicator.totals(sums, inputs)
    assert totals.keys() == indicator.grains.keys()
    assert {name for stage in indicator.stages for name in (*stage.yields, *stage.anew)} <= sums.keys()
    assert not sums.keys() & totals.keys()
    for name, rows in {**sums, **totals}.items():
        assert not rows.select(~MEASURES).is_duplicated().any(), name
        assert (rows["rows"] > 0).all(), name
    for name, rows in sums.items():
        assert set(indicator.stage_of(name).unit) <= set(rows.select(~MEASURES).columns), name


@every_indicator
def test_what_is_read_is_declared(code, written, tmp_path, monkeypatch):
    indicator, read = all_indicators()[code], set()
    scan = Inputs.scan
    for seed in range(20):
        if seed >= 5 and set(indicator.reads) <= read:
            break
        records, _, as_of = written(seed)
        inputs, store = Inputs(records, as_of, load_policies()), Local(tmp_path / f"{seed}")
        for other in indicator.rests_on:
            compute(other, inputs, store)
        with monkeypatch.context() as patched:
            patched.setattr(Inputs, "scan", lambda self, dataset: read.add(dataset) or scan(self, dataset))
            compute(indicator, inputs, store)
    places = {name for other in indicator.rests_on for name in other.reads}  # of rows that came by their sums
    assert set(indicator.reads) <= read & RECORDS.keys() <= set(indicator.reads) | places


@pytest.mark.thorough
@every_indicator
def test_evidence_that_only_explains_can_be_read(code, written):
    for seed in range(5):
        records, _, as_of = written(seed)
        evidence, _ = all_indicators()[code].run(Inputs(records, as_of, load_policies()))
        assert all(rows.lazy().collect().width for rows in evidence.values())


def test_a_dataset_of_another_axis_is_read_whole(tmp_path):
    world, as_of = random_world(7)
    records = write_records(world, tmp_path)
    divide(records)
    inputs = Inputs(records, as_of, load_policies())
    by_part = [of_part.scan("invoices") for of_part in inputs.divided("institution", ("usages",))]
    heights = [rows.select(pl.len()).collect().item() for rows in by_part]
    assert heights == [len(world["invoices"])] * PARTS["usages"]


@pytest.mark.parametrize("reads", [("deliveries", "returns"), ("deliveries", "usages"), ("trace_scans", "deliveries")])
def test_there_are_as_many_parts_as_the_largest_dataset_read_has_and_each_row_is_in_one(reads, written):
    whole, divided, as_of = written(7)
    parts = Inputs(divided, as_of, load_policies()).divided("institution", reads)
    assert len(parts) == max(PARTS[dataset] for dataset in reads)
    codes = []
    for dataset in AXES.keys() - {"invoices"}:  # those too that are larger than the reader says
        key = list(RECORDS[dataset].key)
        found = [of_part.scan(dataset).collect() for of_part in parts]
        assert pl.concat(found).sort(key).equals(whole.scan(keys.whole(dataset)).collect().sort(key)), dataset
        codes.append([set(rows["institution_code"].to_list()) for rows in found])
    of_part = [set[str]().union(*some) for some in zip(*codes, strict=True)]
    assert not any(one & other for one, other in combinations(of_part, 2))


def test_records_divided_in_part_are_refused(tmp_path):
    world, as_of = random_world(7)
    records = write_records(world, tmp_path)
    divide(records)
    records.write(keys.whole("payments"), pl.DataFrame())
    with pytest.raises(ValueError, match="not divided alike"):
        Inputs(records, as_of, load_policies()).divided("institution", ())


def test_parts_that_do_not_hold_each_other_are_refused(tmp_path):
    world, as_of = random_world(7)
    records = write_records(world, tmp_path)
    divide(records)
    records.drop(keys.part("usages", 3))
    with pytest.raises(ValueError, match="not divided alike"):
        Inputs(records, as_of, load_policies()).divided("institution", ("deliveries",))
