"""Every indicator has a card that says what it is, a spec, an oracle, and policy rows; the card's example is executed."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.engine.compute import compute
from pipelines.engine.indicator import Inputs
from pipelines.errors import VbpError
from pipelines.indicators import all_indicators, read_card
from pipelines.policy.policies import load_policies
from pipelines.store.local import Local
from schemas.declared import beside
from schemas.policies import PARAMETERS
from schemas.reports import REPORTS
from tests.indicators.records import run_indicator, write_records
from tests.spec.check import check
from tests.spec.tables import read_day, read_records

ROOT = Path(__file__).parents[2]
HEADINGS = (
    "Question",
    "Rests on",
    "Formula",
    "Inputs",
    "Evidence and tables",
    "Parameters",
    "Left out",
    "Worked example",
    "Check by hand",
    "Versions",
)
IN_CHINESE = ("回答什么问题", "依据", "计算", "数据来源", "结果表", "政策参数", "不计入", "算例", "如何核对", "版本")
"""The same headings: the bulletin quotes some by their names."""
EXAMPLE = re.compile(r"```given\n(.*?)```\s+```expect (\S+)\n(.*?)```", re.DOTALL)
QUERY = re.compile(r"```sql\n(.*?)```", re.DOTALL)

every_indicator = pytest.mark.parametrize("code", sorted(all_indicators()))


def card(code: str) -> str:
    return read_card(code)["en"]


@every_indicator
def test_a_card_tells_what_its_indicator_declares(code):
    indicator, text = all_indicators()[code], card(code)
    assert text.startswith(f"# {indicator.title_zh} · ")
    head = f"Code `{code}` · version {indicator.version} · reviewed {indicator.reviewed_on} · clause {indicator.clause}"
    assert head in text
    assert [name for name in (*indicator.parameters, *indicator.tables) if f"`{name}`" not in text] == []
    assert [heading for heading in HEADINGS if f"\n## {heading}\n" not in text] == []


@every_indicator
def test_a_card_names_every_document_behind_its_parameters(code):
    parameters = all_indicators()[code].parameters
    documents = {r.document_no for r in load_policies().rows if r.parameter in parameters} - {"本系统默认"}
    text = card(code)
    assert sorted(d for d in documents if d not in text) == []


@every_indicator
def test_a_card_names_every_column_value_it_may_print(code):
    text = card(code)
    for table in all_indicators()[code].tables:
        for column in REPORTS[table].columns:
            if column.name in ("status", "verdict"):
                assert [value for value in column.values if f"`{value}`" not in text] == []


@every_indicator
def test_the_worked_example_of_a_card_comes_out(code):
    examples = EXAMPLE.findall(card(code))
    assert examples
    for given, as_of, expect in examples:
        check(code, as_of, given, expect)


@every_indicator
def test_the_checks_of_a_card_find_nothing_in_its_example(code, tmp_path):
    (given, as_of, _), *_ = EXAMPLE.findall(card(code))
    found = run_indicator(all_indicators()[code], read_records(given), read_day(as_of), tmp_path)
    with closing(sqlite3.connect(":memory:")) as database:
        for table in all_indicators()[code].tables:
            load(database, table, as_of, found[table].rows())
        for query in QUERY.findall(card(code)):
            assert database.execute(query).fetchall() == [], query


def load(database: sqlite3.Connection, table: str, as_of: str, rows: list[tuple]) -> None:
    columns = [c for c in REPORTS[table].column_names if c not in ("as_of", "run_id")]
    database.execute(f"CREATE TABLE {table} (as_of, {', '.join(columns)})")
    marks = ", ".join("?" * (len(columns) + 1))
    texts = [[v.isoformat() if hasattr(v, "isoformat") else v for v in (as_of, *row)] for row in rows]
    database.executemany(f"INSERT INTO {table} VALUES ({marks})", texts)


@every_indicator
def test_the_chinese_text_of_a_card_says_the_same(code):
    """Example and queries to the letter, and everything that has a code; without one the English text is shown."""
    indicator, english = all_indicators()[code], card(code)
    if (text := read_card(code).get("zh")) is None:
        return
    blocks = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
    assert blocks.findall(text) == blocks.findall(english)
    assert [heading for heading in IN_CHINESE if f"\n## {heading}\n" not in text] == []
    assert text.startswith(f"# {indicator.title_zh}\n")
    head = f"`{code}` · 版本 {indicator.version} · 复核日期 {indicator.reviewed_on} · 条款 {indicator.clause}"
    assert head in text
    named = re.compile(r"`([a-z][a-z0-9_]+)`")
    sections = [s for s in re.split(r"(?m)^## ", english) if s.startswith(("Parameters", "Status", "Verdicts", "Left out"))]
    assert {n for section in sections for n in named.findall(section)} - {"as_of", "period_start", "dues"} <= set(
        named.findall(text)
    )


@every_indicator
def test_an_indicator_has_a_spec(code):
    assert (ROOT / "tests" / "spec" / f"test_{code}.py").is_file()


@every_indicator
def test_the_parameters_of_an_indicator_are_registered_and_its_tables_defined(code):
    indicator = all_indicators()[code]
    assert [p for p in indicator.parameters if p not in PARAMETERS] == []
    assert [t for t in indicator.tables if t not in REPORTS] == []


@every_indicator
def test_an_indicator_uses_no_policy_it_does_not_declare(code, tmp_path):
    (given, as_of, _), *_ = EXAMPLE.findall(card(code))
    indicator, policies = all_indicators()[code], load_policies()
    records = write_records(read_records(given), tmp_path / "records")
    compute(indicator, Inputs(records, read_day(as_of), policies), Local(tmp_path))
    used = {row.parameter for row in policies.rows if row.id in policies.used}
    assert used <= set(indicator.resolved)


def test_no_table_belongs_to_two_indicators():
    tables = [table for indicator in all_indicators().values() for table in indicator.tables]
    assert len(tables) == len(set(tables))


def test_an_indicator_is_called_like_its_folder():
    assert set(all_indicators()) == set(beside("card.md"))


def test_a_card_that_is_missing_is_an_error_that_names_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.indicators.beside", lambda name: {"payment": tmp_path / "payment" / name})
    with pytest.raises(VbpError, match=r"缺少指标 payment 的说明卡 .*payment/card\.md"):
        read_card("payment")
