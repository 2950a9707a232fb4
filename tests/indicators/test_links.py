"""What a record can move, by links: no other sums change when it is taken out of the world."""

import random
from datetime import date

import polars as pl
import pytest

from pipelines.engine.indicator import Inputs
from pipelines.engine.kept import as_text
from pipelines.engine.links import moved_sums
from pipelines.indicators import all_indicators
from pipelines.lake.unequal import unequal_sides
from pipelines.policy.policies import load_policies
from schemas.records import RECORDS
from tests.indicators.records import write_records
from tests.random_worlds import worlds
from tests.reference.worlds import random_world
from tests.spec.tables import read_records


def sums_of(indicator, inputs):
    return {name: as_text(rows).collect() for name, rows in indicator.run(inputs)[1].items()}


def test_what_is_left_out_stays_out_when_more_is(tmp_path):
    given = """
    deliveries
    delivery_id  product_code
    D1           X
    D2           X
    D3           Y
    """
    inputs = Inputs(write_records(read_records(given), tmp_path), date(2020, 12, 31), load_policies())
    few = inputs.only_where("deliveries", pl.DataFrame({"product_code": ["X"]}))
    fewer = few.only_where("deliveries", pl.DataFrame({"delivery_id": ["D2", "D3"]}))
    assert fewer.scan("deliveries").select("delivery_id").collect().to_series().to_list() == ["D2"]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", worlds(950, 1))
def test_a_record_moves_no_sums_but_those_of_its_units(seed, tmp_path):
    rng, policies, narrowed = random.Random(seed), load_policies(), set()
    records, as_of = random_world(seed)
    inputs = Inputs(write_records(records, tmp_path / "all"), as_of, policies)
    for code, indicator in all_indicators().items():
        whole = sums_of(indicator, inputs)
        for dataset in (name for name in indicator.reads if records.get(name)):
            row = rng.choice(records[dataset])
            own = inputs.scan(dataset).filter(pl.col(c) == row[c] for c in RECORDS[dataset].key).collect()
            moved = moved_sums(indicator, dataset, own, inputs)
            if moved is None:  # all, for all that links say
                continue
            others = records | {dataset: [other for other in records[dataset] if other is not row]}
            without = sums_of(indicator, Inputs(write_records(others, tmp_path / code / dataset), as_of, policies))
            for name, rows in whole.items():
                for changed, side in zip(unequal_sides(rows, without[name], rows.columns), moved, strict=True):
                    assert changed.is_empty() or unequal_sides(changed, side[name], rows.columns)[0].is_empty()
                    if changed.height > 0 and side[name].height < rows.height:
                        narrowed.add(dataset)
    assert narrowed
