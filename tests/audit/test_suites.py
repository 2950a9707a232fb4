"""A site's own suites: asked after ours, told by their names, refused as a whole where one entry is not understood."""

import datetime as dt
import json

import pytest

from pipelines.audit.great_expectations import AuditLimits, audit
from pipelines.night.steps import begin
from pipelines.settings import Settings
from pipelines.store.local import Local
from tests.audit.gates import file

D = dt.date(2020, 12, 31)
CASH = [{"institution_code": code, "unallocated_fen": fen} for code, fen in (("H1", 5), ("H2", 50), ("H3", 70))]


def asks(kind, check_id="own", severity="critical", **kwargs):
    return {"type": kind, "kwargs": kwargs, "meta": {"check_id": check_id}, "description": "本地检查", "severity": severity}


SMALL = asks("expect_column_values_to_be_between", "small", column="unallocated_fen", max_value=20)
FEW = asks("expect_table_row_count_to_be_between", "few", "warning", max_value=2)
QUERY = asks(
    "unexpected_rows_expectation",
    "query",
    "info",
    unexpected_rows_query="SELECT institution_code FROM {batch} WHERE unallocated_fen > 60",
)
ILL = asks("expect_column_values_to_be_between", "ill", column="nothing", max_value=1)


@pytest.fixture
def site(nights):
    """Audit a night with a file `own.json` of a site: its checks by their names."""

    def audit_with(content, **tables):
        folder = nights.folder / "expectations"
        folder.mkdir()
        (folder / "own.json").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        nights.stage("R", D, source_files=[file("lots", 1)], **(tables or {"payment_unallocated": CASH}))
        rows = audit(nights.engine, "R", D, AuditLimits(), Local(nights.folder), Local(folder))
        assert {row["status"] for row in rows if not row["check_id"].startswith("site.")} <= {"passed", "not_applicable"}
        return {row["check_id"]: row for row in rows if row["check_id"].startswith("site.")}

    return audit_with


def suite(*expectations, name="payment_unallocated"):
    return {"name": name, "expectations": list(expectations), "meta": {"great_expectations_version": "1.24.1"}}


def test_what_a_site_asks_is_told_like_ours(site, nights):
    found = site(suite(SMALL, FEW, QUERY))
    assert {name: (row["status"], row["failed"], row["applied"]) for name, row in found.items()} == {
        "site.own.small": ("failed", 2, 3),
        "site.own.few": ("warning", 1, 3),
        "site.own.query": ("warning", 1, 3),
    }
    examples = {name: json.loads(row["details"])["examples"] for name, row in found.items()}
    assert [row["institution_code"] for row in examples["site.own.small"]] == ["H2", "H3"]
    assert examples["site.own.few"] == [{"observed_value": 3}]
    assert examples["site.own.query"] == [{"institution_code": "H3"}]
    file = nights.folder / "audit" / "failing" / "site.own.query.csv"
    assert file.read_text(encoding="utf-8-sig").split() == ["institution_code", "H3"]


def test_one_that_cannot_run_takes_no_other_with_it(site):
    found = site(suite(ILL, FEW, SMALL | {"kwargs": {"column": "unallocated_fen", "max_value": 99}}))
    assert [found[f"site.own.{name}"]["status"] for name in ("ill", "few", "small")] == ["failed", "warning", "passed"]
    assert "检查未能执行" in found["site.own.ill"]["details"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "不是可读的 UTF-8 JSON"),
        (suite(name="payment_unalocated"), "expectations 缺失或写法不对"),
        (suite(SMALL, name="payment_unalocated"), "没有 payment_unalocated；是否应为 payment_unallocated？"),
        (suite(SMALL, SMALL), "check_id small 出现不止一次"),
        (suite(FEW, SMALL | {"type": "expect_column_values_to_be_betwen"}), "是否应为 expect_column_values_to_be_between？"),
        (suite(FEW, SMALL | {"kwargs": {"colum": "x"}}), "small 的 kwargs 不合"),
        (suite(FEW, SMALL | {"meta": {}}), "expectations[1].meta.check_id 缺失或写法不对"),
        (suite(FEW, SMALL | {"severity": "grave"}), "expectations[1].severity 缺失或写法不对"),
    ],
)
def test_a_file_with_one_fault_is_refused_as_a_whole_and_holds_the_night(site, content, told):
    found = site(content)
    assert [(name, row["status"]) for name, row in found.items()] == [("site.own", "failed")]
    details = json.loads(found["site.own"]["details"])
    assert "expectations/own.json" in details["message_zh"] and told in details["message_zh"]


def test_a_run_keeps_the_suites_it_began_with(tmp_path):
    (tmp_path / "policies" / "expectations").mkdir(parents=True)
    (tmp_path / "policies" / "expectations" / "own.json").write_text(json.dumps(suite(SMALL)), encoding="utf-8")
    (tmp_path / "landing").mkdir()
    folders = {name: tmp_path / name for name in ("home", "landing", "policies")}
    run = begin(Settings(**folders), D)
    assert json.loads((run.store.folder / "expectations" / "own.json").read_text(encoding="utf-8")) == suite(SMALL)
