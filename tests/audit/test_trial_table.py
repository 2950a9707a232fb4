"""A report table that has nothing but its definition is audited: whatever may be wrong with a row fails under its own check."""

import csv
import datetime as dt
import json

import pytest
import sqlalchemy as sa

from pipelines.audit import expectations
from pipelines.audit.great_expectations import AuditLimits, audit
from pipelines.store.local import Local
from schemas.declared import LAWS
from schemas.law import adds_up, at_most
from schemas.reports import REPORTS
from schemas.table import AS_OF, INSTITUTION, RUN_ID, ReportTable, count, fen, quantity, rate, text
from tests.audit.gates import file

D = dt.date(2020, 12, 31)
TRIAL = ReportTable(
    name="trial_share",
    title_zh="试验占比",
    description="A share by institution and month.",
    key=("as_of", "institution_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "月份", "Month (YYYY-MM)."),
        RUN_ID,
        text("kind", "类别", "Kind of the row.", values={"drug": "药品", "other": "其他"}),
        fen("whole_fen", "总金额", "The whole."),
        fen("part_fen", "部分金额", "The part."),
        fen("rest_fen", "其余金额", "The rest."),
        count("lines", "lines", "行数", "Number of lines."),
        quantity("packs", "数量", "Packs.", nullable=True),
        rate("share", "占比", "Part divided by whole.", of=("part_fen", "whole_fen")),
    ),
)
TRIAL_LAWS = (
    adds_up("trial_share", "parts", "whole_fen", ("part_fen", "rest_fen"), "总金额不等于部分与其余之和"),
    at_most("trial_share", "part", "part_fen", "whole_fen", "部分多于总金额"),
)
ROW = {
    "institution_code": "H1",
    "month": "2020-10",
    "kind": "drug",
    "whole_fen": 10,
    "part_fen": 4,
    "rest_fen": 6,
    "lines": 1,
    "packs": None,
    "share": 0.4,
}


@pytest.fixture
def audited(nights, monkeypatch):
    """Audit these rows of the trial table: what failed, by its check."""
    monkeypatch.setitem(REPORTS._found, "trial_share", TRIAL)
    for law in TRIAL_LAWS:
        monkeypatch.setitem(LAWS._found, law.code, law)
    monkeypatch.setattr(expectations, "FIGURES", ("trial_share",))
    types = {"fen": sa.BigInteger(), "count": sa.BigInteger(), "double": sa.Double(53)}
    columns = [sa.Column(name, types.get(TRIAL.column(name).type, sa.Text())) for name in ROW]
    staging = sa.Table("staging_trial_share", sa.MetaData(), *columns)

    def audit_rows(*rows):
        nights.stage("R", D, source_files=[file("lots", 1)])
        staging.create(nights.engine)
        with nights.engine.begin() as connection:
            connection.execute(sa.insert(staging), list(rows))
        found = audit(nights.engine, "R", D, AuditLimits(), Local(nights.folder))
        return {row["check_id"]: row for row in found if row["status"] == "failed"}

    return audit_rows


def test_a_sound_row_passes(audited):
    empty = {**ROW, "month": "2020-11", "whole_fen": 0, "part_fen": 0, "rest_fen": 0, "share": None}
    assert audited(ROW, empty) == {}


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        ("required", {"whole_fen": None, "share": None}),
        ("required", {"institution_code": None}),
        ("values", {"kind": "food"}),
        ("range", {"lines": -1}),
        ("range", {"packs": float("-inf")}),
        ("range", {"packs": float("inf")}),
        ("parts", {"rest_fen": 7}),
        ("share", {"share": 0.4 + 1e-6}),
        ("share", {"share": None}),
        ("share", {"whole_fen": 0, "part_fen": 0, "rest_fen": 0}),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_row_fails_under_its_own_check(audited, check, wrong):
    sound = {**ROW, "month": "2020-11"}
    failed = audited(sound, ROW | wrong)
    assert list(failed) == [f"trial_share.{check}"]
    assert (failed[f"trial_share.{check}"]["failed"], failed[f"trial_share.{check}"]["applied"]) == (1, 2)
    example = json.loads(failed[f"trial_share.{check}"]["details"])["examples"][0]
    assert example["month"] == "2020-10"


def test_an_infinite_share_is_out_of_range_and_no_quotient(audited):
    assert set(audited(ROW | {"share": float("inf")})) == {"trial_share.range", "trial_share.share"}


def test_laws_hold_of_rows_without_a_key_too(audited):
    assert list(audited(ROW | {"institution_code": None, "rest_fen": 7})) == ["trial_share.required", "trial_share.parts"]


def test_a_part_above_the_whole(audited):
    assert "trial_share.part" in audited(ROW | {"part_fen": 11, "rest_fen": -1, "share": 1.1})


def test_one_key_twice(audited):
    assert list(audited(ROW, ROW)) == ["trial_share.key"]


def test_the_keys_of_all_rows_that_fail_are_in_a_file_of_the_run(audited, nights):
    rows = [{**ROW, "month": f"{n}", "kind": "100%: {x}", "rest_fen": 0} for n in range(1000, 1025)]
    failed = audited(*rows)
    assert len(json.loads(failed["trial_share.values"]["details"])["examples"]) == 20
    for name in ("trial_share.values_kind", "trial_share.parts"):
        with (nights.folder / "audit" / "failing" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            listed = list(csv.DictReader(file))
        assert sorted(row["month"] for row in listed) == [row["month"] for row in rows]
        assert {row["institution_code"] for row in listed} == {"H1"}
