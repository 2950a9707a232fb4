"""The audit: each check passes, fails naming the row, or says that it does not apply."""

import datetime as dt
import json

import pytest

from pipelines.audit import great_expectations as audit_module
from pipelines.audit.expectations import Check
from pipelines.audit.great_expectations import AuditLimits, audit
from pipelines.audit.library import Library
from pipelines.database.ledger import LedgerError
from pipelines.database.open import migrate, open_database
from pipelines.publish.stage import stage
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.reports import REPORTS
from tests.audit.gates import file
from tests.audit.rows import payable, unpaid
from tests.report_database import make_table

D1, D2 = dt.date(2020, 10, 1), dt.date(2020, 10, 2)
TAKEN_IN = {"source_files": [file("lots", 1)]}


def audited(nights, as_of=D1, **tables):
    nights.stage("R", as_of, **(TAKEN_IN | tables))
    rows = audit(nights.engine, "R", as_of, AuditLimits(), Local(nights.folder))
    return {row["check_id"]: row for row in rows}


def failures(nights, as_of=D1, **tables):
    rows = audited(nights, as_of, **tables)
    return {name: json.loads(row["details"]) for name, row in rows.items() if row["status"] == "failed"}


def rolled_up(code, **values):
    """Of commitments that nothing was bought for yet."""
    level = "all" if code == "all" else "institution"
    return {"level": level, "code": code, "net_fen": 0, "capped_fen": 0, **dict.fromkeys(NONE_YET, 0.0), **values}


NONE_YET = ("execution_rate", "capped_rate", "completed_share")
VERIFIED = dict.fromkeys(
    ("compliance_rate_amount", "compliance_rate_count", "verified_rate_amount", "verified_rate_count"), 1.0
)

SOUND = {
    "agreed_volume_completion": [
        {"commitment_id": "C1", "received_quantity": 0.3, "returned_quantity": 0.1, "net_quantity": 0.3 - 0.1}
    ],
    "agreed_volume_rollup": [
        rolled_up("H1", commitments=1, agreed_fen=5),
        rolled_up("H2", commitments=1, agreed_fen=5),
        rolled_up("all", commitments=2, agreed_fen=10),
    ],
    "payment_timeliness": payable(
        matured_fen=5,
        on_time_fen=2,
        late_paid_fen=1,
        overdue_fen=2,
        overdue_31_60_fen=2,
        on_time_rate_amount=0.4,
        on_time_rate_amount_excused=0.4,
    ),
    **unpaid(5),
    "two_invoice_line": [
        {"invoice_no": "1", "institution_code": "H1", "issued_on": D1, "net_fen": 10, "verdict": "direct"},
        {"invoice_no": "2", "institution_code": "H1", "issued_on": D2, "net_fen": 7, "verdict": "exempt"},
    ],
    "two_invoice_compliance": [
        {
            "institution_code": "H1",
            "month": "2020-10",
            "scope_fen": 10,
            "compliant_fen": 10,
            "exempt_fen": 7,
            "scope_count": 1,
            "compliant_count": 1,
            "exempt_count": 1,
            **VERIFIED,
        }
    ],
    "findings": [{"finding_id": "F1"}],
    "source_files": [{"path": "a.csv", "dataset": "deliveries", "rows_read": 2000, "rows_accepted": 2000}],
}


def test_a_sound_night_passes(nights):
    rows = audited(nights, **SOUND)
    assert {row["status"] for row in rows.values()} == {"passed", "not_applicable"}
    assert rows["agreed_volume_rollup.all"]["status"] == "passed"
    assert rows["two_invoice_compliance.lines"]["applied"] == 1
    results = nights.store.read_json(keys.RESULTS)
    assert results["findings.key"]["success"] is True


def test_what_does_not_apply_has_not_passed(nights):
    rows = audited(nights)
    taken_in = {"intake.ever", *(f"source_files.{check}" for check in ("key", "range", "required", "rows"))}
    assert {name for name, row in rows.items() if row["status"] != "not_applicable"} == taken_in
    first_night = rows["payment_timeliness.institutions_kept"]
    assert (first_night["applied"], first_night["passed"], first_night["not_applicable"]) == (0, 0, 1)


LINE = SOUND["two_invoice_line"]
NOT_DUE = payable(not_due_fen=1)[3:]
BROKEN = [
    ("payment_unallocated.key", {"payment_unallocated": [{"institution_code": "H7"}] * 2}, "H7"),
    ("findings.required", {"findings": [{"finding_id": "F7", "clause": None}]}, "clause"),
    ("agreed_volume_completion.values", {"agreed_volume_completion": [{"status": "fine"}]}, "fine"),
    ("agreed_volume_completion.range", {"agreed_volume_completion": [{"capped_rate": 1.5}]}, "1.5"),
    ("agreed_volume_completion.range", {"agreed_volume_completion": [{"strict_rate": float("inf")}]}, "strict_rate"),
    ("agreed_volume_completion.net", {"agreed_volume_completion": [{"commitment_id": "C7", "net_quantity": 1}]}, "C7"),
    ("agreed_volume_rollup.all", {"agreed_volume_rollup": [{"level": "all", "commitments": 1}]}, "running"),
    ("payment_timeliness.matured", {"payment_timeliness": payable(matured_fen=5, on_time_fen=4)}, "H1"),
    ("payment_timeliness.ageing", {"payment_timeliness": payable(matured_fen=5, overdue_fen=5)}, "H1"),
    ("payment_timeliness.paid", {"payment_timeliness": payable(paid_fen=5)}, "H1"),
    ("payment_timeliness.on_time_count", {"payment_timeliness": payable(on_time_count=1)}, "H1"),
    ("agreed_volume_completion.period", {"agreed_volume_completion": [{"period_start": D2, "period_end": D1}]}, "2020-10-02"),
    ("agreed_volume_rollup.completed_count", {"agreed_volume_rollup": [{"completed": 1}]}, "running"),
    ("payment_timeliness.on_time_rate_amount", {"payment_timeliness": payable(on_time_rate_amount=0.4)}, "H1"),
    (
        "two_invoice_compliance.compliance_rate_count",
        {"two_invoice_compliance": [{"compliant_count": 1, "compliance_rate_count": 1 - 1e-8}]},
        "0.99999999",
    ),
    (
        "agreed_volume_completion.excused_rate",
        {"agreed_volume_completion": [{"agreed_quantity": 0.3, "excused_quantity": 0.1}]},
        "0.3",
    ),
    ("payment_timeliness.all_rules", {"payment_timeliness": payable()[:3]}, "H1"),
    ("payment_timeliness.same_total", {"payment_timeliness": payable()[:3] + NOT_DUE}, "H1"),
    ("two_invoice_compliance.scope_amount", {"two_invoice_compliance": [{"scope_fen": 1}]}, "scope_fen"),
    ("two_invoice_compliance.scope_count", {"two_invoice_compliance": [{"scope_count": 1}]}, "scope_count"),
    ("two_invoice_compliance.lines", {"two_invoice_line": LINE}, "2020-10"),
    ("source_files.rows", {"source_files": [{"path": "b.csv", "rows_read": 1}]}, "b.csv"),
]


@pytest.mark.parametrize(("check_id", "tables", "named"), BROKEN)
def test_a_broken_row_is_named(nights, check_id, tables, named):
    failed = failures(nights, **tables)
    assert check_id in failed
    assert named in json.dumps(failed[check_id]["examples"], ensure_ascii=False)


def test_a_rate_above_one_is_allowed_where_it_may_be(nights):
    row = {"agreed_quantity": 100, "received_quantity": 219, "net_quantity": 219, "strict_rate": 2.19}
    row |= {"capped_rate": 1.0, "excused_rate": 2.19, "time_progress": 0.0}
    assert failures(nights, agreed_volume_completion=[row]) == {}


def test_a_lost_institution_is_named(nights):
    nights.run("R0", D1, payment_timeliness=payable() + payable(institution_code="LOST"))
    failed = failures(nights, D2, payment_timeliness=payable())
    assert failed["payment_timeliness.institutions_kept"]["examples"] == [{"institution_code": "LOST"}]
    assert set(failed) == {"payment_timeliness.institutions_kept"}


def test_an_institution_of_which_a_row_stays_is_not_lost(nights):
    nights.run("R0", D1, payment_unallocated=[], **ROLLUP, two_invoice_line=two_exempt("H1", "H1"))
    rows = audited(nights, D2, **ROLLUP, two_invoice_line=two_exempt("H1"))
    assert rows["two_invoice_line.institutions_kept"]["status"] == "passed"
    assert rows["agreed_volume_rollup.institutions_kept"]["status"] == "not_applicable"


def test_an_institution_lost_by_a_date_published_again_is_one_of_the_date_before(nights):
    nights.run("R0", D1, two_invoice_line=two_exempt("H1", "LOST"))
    nights.run("R1", D2, two_invoice_line=two_exempt("H1", "OWN"))
    failed = failures(nights, D2, two_invoice_line=two_exempt("H1"))
    assert failed["two_invoice_line.institutions_kept"]["examples"] == [{"institution_code": "LOST"}]


def test_an_institution_that_a_date_lost_is_named_when_it_is_published_again(nights):
    nights.run("R0", D1, two_invoice_line=two_exempt("H1", "LOST"))
    nights.run("R1", D2, two_invoice_line=two_exempt("H1"))
    failed = failures(nights, D2, two_invoice_line=two_exempt("H1"))
    assert failed["two_invoice_line.institutions_kept"]["examples"] == [{"institution_code": "LOST"}]


def test_an_institution_of_which_only_older_rows_ended_is_not_lost(nights):
    nights.run("R0", D1, two_invoice_line=two_exempt("H1", "H2"))
    nights.run("R1", D2, two_invoice_line=two_exempt("H2", "H1"))  # both rows are other ones by now
    rows = audited(nights, D2, two_invoice_line=two_exempt("H2", "H1"))
    assert rows["two_invoice_line.institutions_kept"]["status"] == "passed"


def two_exempt(*institutions):
    line = {"issued_on": D1, "verdict": "exempt"}
    return [{**line, "invoice_no": str(n), "institution_code": code} for n, code in enumerate(institutions)]


ROLLUP = {"agreed_volume_rollup": [{"level": "institution", "code": "H1"}, {"level": "all", "code": "all"}]}


def test_a_sound_change_of_every_table_passes(nights):
    nights.run("R0", D1, **SOUND)
    line = {"invoice_no": "3", "institution_code": "H1", "issued_on": D1, "net_fen": 5, "verdict": "no_batch"}
    whole = {"scope_fen": 15, "scope_count": 2, "unverifiable_fen": 5, "unverifiable_count": 1}
    whole |= {"verified_rate_amount": 10 / 15, "verified_rate_count": 0.5}
    changed = {
        "agreed_volume_rollup": [
            SOUND["agreed_volume_rollup"][0],
            rolled_up("H2", commitments=1, agreed_fen=6),
            rolled_up("all", commitments=2, agreed_fen=11),
        ],
        "payment_timeliness": [*SOUND["payment_timeliness"], *payable(not_due_fen=3, due_month="2020-11")],
        **unpaid(8),
        "two_invoice_line": [*SOUND["two_invoice_line"], line],
        "two_invoice_compliance": [SOUND["two_invoice_compliance"][0] | whole],
    }
    rows = audited(nights, D2, **(SOUND | changed))
    assert {name for name, row in rows.items() if row["status"] == "failed"} == set()
    assert rows["two_invoice_compliance.lines"]["status"] == "passed"
    assert rows["two_invoice_line.required"]["applied"] == 1


@pytest.mark.parametrize(
    ("check_id", "table", "rows"),
    [
        ("agreed_volume_rollup.all", "agreed_volume_rollup", SOUND["agreed_volume_rollup"][1:]),
        ("payment_timeliness.all_rules", "payment_timeliness", SOUND["payment_timeliness"][1:]),
        ("payment_timeliness.same_total", "payment_timeliness", SOUND["payment_timeliness"][1:]),
        ("two_invoice_compliance.lines", "two_invoice_line", SOUND["two_invoice_line"][1:]),
        ("two_invoice_compliance.lines", "two_invoice_compliance", []),
    ],
)
def test_what_no_longer_adds_up_because_a_row_leaves_is_noticed(nights, check_id, table, rows):
    nights.run("R0", D1, **SOUND)
    assert check_id in failures(nights, D2, **(SOUND | {table: rows}))


def change_by_hand(nights, came_rows, gone_rows):
    """Stage changes that do not fit what stands: H1 with 1 fen."""
    nights.run("R0", D1, payment_unallocated=[{"institution_code": "H1", "unallocated_fen": 1}])
    store = nights.write(D2, **TAKEN_IN, payment_unallocated=[{"institution_code": "H1", "unallocated_fen": 1}])
    columns = list(REPORTS["payment_unallocated"].columns[1:])
    columns = [column for column in columns if column.name != "run_id"]
    store.write(keys.came("payment_unallocated"), make_table(columns, came_rows))
    store.write(keys.gone("payment_unallocated"), make_table(columns, gone_rows))
    stage(nights.engine, "R", D2, nights.base, store)
    rows = audit(nights.engine, "R", D2, AuditLimits(), Local(nights.folder))
    return {row["check_id"] for row in rows if row["status"] == "failed"}


def test_a_row_that_comes_though_another_stands_and_stays(nights):
    assert change_by_hand(nights, [{"institution_code": "H1"}], []) == {"payment_unallocated.key"}


@pytest.mark.parametrize("codes", [["H9"], ["H1", "H1"]])
def test_a_row_that_leaves_without_standing_or_leaves_twice(nights, codes):
    leave = [{"institution_code": code} for code in codes]
    assert change_by_hand(nights, [], leave) == {"payment_unallocated.leaving"}


def test_what_is_not_met_and_then_cannot_be_listed_has_failed(nights, monkeypatch):
    config = {"type": "t", "kwargs": {}, "meta": {"check_id": "findings.required"}}
    monkeypatch.setattr(Library, "_detail", lambda *_: {"success": False, "expectation_config": config})
    failed = failures(nights, findings=[{"clause": None}])
    assert "检查未能执行" in failed["findings.required"]["message_zh"]


@pytest.mark.parametrize(
    ("read", "rejected", "status"),
    [(1000, 300, "passed"), (1000, 301, "failed"), (49, 49, "not_applicable"), (100_000, 30_001, "failed")],
)
def test_the_reject_rate(nights, read, rejected, status):
    file = {"dataset": "deliveries", "rows_read": read, "rows_rejected": rejected, "rows_accepted": read - rejected}
    assert audited(nights, source_files=[file])["reject_rate.deliveries"]["status"] == status


def test_the_reject_rate_is_that_of_all_files_of_the_dataset(nights):
    files = [
        {"path": "a", "dataset": "returns", "rows_read": 900, "rows_rejected": 600, "rows_accepted": 300},
        {"path": "b", "dataset": "returns", "rows_read": 1100, "rows_accepted": 1100},
    ]
    assert audited(nights, source_files=files)["reject_rate.returns"]["status"] == "passed"


def test_a_check_that_cannot_run_has_failed(nights, monkeypatch):
    blind = Check("blind", "findings", "findings", "SELECT nothing FROM staging_findings", "…", "SELECT COUNT(*) FROM runs")
    monkeypatch.setattr(audit_module, "expect_staged", lambda changed: [blind])
    failed = failures(nights, findings=[{}])
    assert "检查未能执行" in failed["blind"]["message_zh"]
    assert "nothing" in failed["blind"]["error"]


def test_no_connection_stays_open(tmp_path, nights_on):
    """SQLite writes its log back when the last connection is closed."""
    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    migrate(engine)
    audited(nights_on(engine), findings=[{}])
    engine.dispose()
    assert [path.name for path in tmp_path.glob("x.db*")] == ["x.db"]


def test_staging_of_another_run_is_refused(nights):
    nights.stage("R1", D1, findings=[{}])
    with pytest.raises(LedgerError, match="R1"):
        audit(nights.engine, "R2", D1, AuditLimits(), Local(nights.folder))
