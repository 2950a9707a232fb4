"""A line is looked for only in the rows that can list it: the answer is that of explaining them all."""

import random
from dataclasses import replace
from functools import cache, partial

import polars as pl
import pytest

from pipelines.database.tables import key_of
from pipelines.engine.compute import compute
from pipelines.engine.explanation import PLACE
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import without
from pipelines.indicators import all_indicators
from pipelines.policy.policies import load_policies
from pipelines.reports.explain import contributions
from pipelines.reports.explain.figure import find_explained
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.records import RECORDS
from tests.indicators.records import read_answer, write_records
from tests.random_worlds import worlds
from tests.reference.worlds import random_world

ANY = dict.fromkeys(RECORDS, ())


@pytest.fixture(params=worlds(720, 2))
def inputs(request, tmp_path):
    """A world made at random; as in a lake, no two datasets come from one file."""
    records, as_of = random_world(request.param)
    written, placed = write_records(records, tmp_path / "written"), Local(tmp_path / "records")
    for number, name in enumerate(RECORDS, start=1):
        placed.write(keys.whole(name), written.scan(keys.whole(name)).with_columns(_file=pl.lit(number, pl.Int64)))
    return Inputs(placed, as_of, load_policies())


@pytest.mark.thorough
def test_a_row_that_lists_a_record_is_among_those_that_may(inputs, tmp_path):
    """Of every dataset, counted or left out."""
    for code, indicator in all_indicators().items():
        compute(indicator, inputs, Local(tmp_path / code))
        for table, rows in read_answer(indicator, Local(tmp_path / code)).items():
            if table == "findings" or find_explained(table).lists is None:
                continue
            explained = find_explained(table)
            explain, columns = explained.open(inputs), key_of(table)
            all_keys = rows.select(pl.col(columns).cast(pl.String))
            listing = {}
            for key in all_keys.to_dicts():
                answer = explain(key)
                for line in (*answer.lines, *answer.left_out):
                    listing.setdefault((line.dataset, line.place), set()).add(tuple(key.values()))
            for (dataset, place), wanted in listing.items():
                own = inputs.scan(dataset).filter(pl.col(c) == v for c, v in zip(PLACE, place, strict=True)).collect()
                assert wanted <= set(contributions.may_list(explained, dataset, own, all_keys, inputs).rows()), (table, dataset)


@pytest.mark.thorough
def test_lines_of_every_dataset_are_led_to_what_explaining_every_row_leads_to(inputs, monkeypatch):
    rng = random.Random(7)
    read = {dataset for indicator in all_indicators().values() for dataset in indicator.reads}
    told = set()
    opened = cache(lambda table: find_explained(table).open(inputs))
    explain = cache(lambda table, key: opened(table)(dict(key)))

    def find(table, **changes):
        return replace(find_explained(table), open=lambda _: lambda key: explain(table, tuple(key.items())), **changes)

    for dataset in sorted(read):
        records = inputs.scan(dataset).collect()
        for n in rng.sample(range(records.height), min(1, records.height)):
            own = records[n]
            others = without(dataset, own, inputs)
            for indicator in (i for i in all_indicators().values() if dataset in i.reads):
                monkeypatch.setattr(contributions, "find_explained", find)
                narrowed = contributions._of_indicator(indicator, dataset, own, inputs, others)
                monkeypatch.setattr(contributions, "find_explained", partial(find, lists=ANY))
                assert narrowed == contributions._of_indicator(indicator, dataset, own, inputs, others), (
                    dataset,
                    indicator.code,
                )
                told |= {(dataset, c.table) for c in narrowed}
    assert len(told) > 20
