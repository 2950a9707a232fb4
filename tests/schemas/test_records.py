"""What every dataset must declare about its columns."""

import re
from collections import Counter

import pytest

from pipelines.ingest.headers import fold
from schemas.records import RECORDS
from schemas.records.model import DTYPES

EVERY = [(n, c) for n, d in RECORDS.items() for c in d.columns]
IDS = [f"{n}.{c.name}" for n, c in EVERY]


@pytest.mark.parametrize("name", RECORDS)
def test_no_header_names_two_columns(name):
    headers = Counter(h for c in RECORDS[name].columns for h in {fold(h) for h in c.all_headers})
    assert [h for h, times in headers.items() if times > 1] == []


@pytest.mark.parametrize("name", RECORDS)
def test_key_is_required_or_defaulted(name):
    keys = [c for c in RECORDS[name].columns if c.key]
    assert keys
    assert [c.name for c in keys if not c.required and c.default is None] == []


@pytest.mark.parametrize("name", RECORDS)
def test_references_point_to_keys_of_datasets_checked_before(name):
    order = list(RECORDS)
    own = {c.name for c in RECORDS[name].columns}
    for target, columns in RECORDS[name].references.values():
        assert order.index(target) <= order.index(name)
        assert set(columns) <= own
        assert len(columns) == len(RECORDS[target].key)


@pytest.mark.parametrize(("name", "column"), EVERY, ids=IDS)
def test_column_says_what_it_is(name, column):
    assert re.search("[\u4e00-\u9fff]", column.title)
    assert column.description.endswith((".", "…"))
    assert column.kind in DTYPES
    assert column.unit or column.kind not in ("fen", "price", "quantity")


@pytest.mark.parametrize(("name", "column"), EVERY, ids=IDS)
def test_accepted_values_are_spelled_once(name, column):
    spellings = Counter(s for value, chinese in column.values.items() for s in (value, *chinese.split("|")))
    assert [s for s, times in spellings.items() if times > 1] == []
    assert (column.kind == "enum") == bool(column.values)
    assert column.default is None or column.kind != "enum" or column.default in column.values


@pytest.mark.parametrize("name", RECORDS)
def test_dataset_has_a_chinese_title_and_the_withdrawal_flag_last(name):
    assert re.search("[\u4e00-\u9fff]", RECORDS[name].title)
    assert RECORDS[name].columns[-1].name == "is_withdrawn"
