"""The list of rejected rows as the report database has it."""

import json
from datetime import date

import pytest
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.desk.select import first_run_after
from pipelines.errors import UsageError
from pipelines.reports.terminal.rejects import read_rejects, show_reject, show_rejects

OLD, NEW = "20200101-20200102T020000-a", "99991231-20200102T020000-b"
ROWS = [
    ("aa1", "payments", "H1|P1|1", "payments/甲/a.csv", '{"付款金额":"x"}', "bad_number", OLD, "open"),
    ("aa2", "payments", "|P2|1", "payments/乙/a.csv", '{"医院":"H1"}', "missing_value", NEW, "open"),
    ("bb1", "returns", "H10|R1", "returns/甲/a.csv", '{"医院":"H10"}', "bad_date", NEW, "waived"),
]


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    table = METADATA.tables["rejected_records"]
    with engine.begin() as connection:
        table.create(connection)
        for number, dataset, key, path, raw, code, run, state in ROWS:
            reasons = json.dumps([{"code": code, "column": "", "value": None, "message_zh": "问题"}], ensure_ascii=False)
            row = {"record_id": number, "dataset": dataset, "natural_key": key, "source_path": path, "raw_json": raw}
            row |= {"reasons": reasons, "first_seen_run": run, "last_seen_run": run, "state": state, "line_no": 2}
            connection.execute(sa.insert(table), row)
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, ["aa1", "aa2"]),
        ({"state": "all"}, ["aa1", "aa2", "bb1"]),
        ({"state": "waived"}, ["bb1"]),
        ({"institution": "H1"}, ["aa1", "aa2"]),
        ({"institution": "H10", "state": "all"}, ["bb1"]),
        ({"institution": "H%"}, []),
        ({"reason": "bad_number"}, ["aa1"]),
        ({"file": "乙/"}, ["aa2"]),
        ({"age": 30}, ["aa1"]),
        ({"dataset": "returns", "state": "all"}, ["bb1"]),
    ],
)
def test_list_by(wanted, numbers, connection):
    rows, total = read_rejects(connection, **wanted)
    assert (sorted(show_rejects(rows, total).columns[0].cells), total) == (numbers, len(numbers))


def test_age_is_counted_in_whole_days():
    assert "20210101-x" < first_run_after(date(2021, 1, 8), 7) <= "20210102-x"


def test_show_needs_the_beginning_of_one_number(connection):
    assert show_reject(connection, "b").row_count > 5
    for number in ("aa", "zz"):
        with pytest.raises(UsageError, match="条记录"):
            show_reject(connection, number)
