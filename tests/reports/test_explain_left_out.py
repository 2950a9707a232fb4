"""What a figure leaves out, and why; what stood in an earlier run; what became of a line."""

import pytest
from rich.console import Console

from pipelines.errors import UsageError
from pipelines.night import steps as nightly
from pipelines.reports.explain import explain_finding
from pipelines.reports.explain.as_json import figure_as_json
from pipelines.reports.explain.render import show_figure
from pipelines.store import keys
from tests.acceptance.night import audited, compute_night
from tests.reports.explained_nights import AS_OF, HEADS, H, Night, S, X, delivery, send

pytestmark = pytest.mark.thorough


@pytest.fixture
def night(tmp_path):
    return Night(tmp_path)


def invoice(number, issued, packs, status="normal", red_of=""):
    return f",{number},1,MAKER,{H},{issued},{X},B,{packs},{packs}0.00,{status},{red_of}"


def reasons(answer, dataset):
    """Name → reasons of the rows left out."""
    return {
        list(x.key.values())[1 if dataset in ("deliveries", "returns", "payments") else 0]: "；".join(x.reasons)
        for x in answer.left_out
        if x.dataset == dataset and x.role != "被拒收"
    }


def test_receipts_that_do_not_count_say_why(night):
    night.run(
        deliveries=[
            delivery("COUNTS", "2020-02-01"),
            delivery("GIFT", "2020-02-01", "1,"),
            delivery("OFFLINE", "2020-02-01", ",offline"),
            delivery("ORDERED", ""),
            delivery("AFTER", "2021-01-01"),
            delivery("BEFORE", "2019-12-31"),
        ]
    )
    answer = night.figure("agreed_volume_completion", "C")
    why = reasons(answer, "deliveries")
    assert [x.key["delivery_id"] for x in answer.lines if x.dataset == "deliveries"] == ["COUNTS"]
    assert "赠品" in why["GIFT"] and "线下" in why["OFFLINE"] and "尚未验收" in why["ORDERED"]
    assert "晚于统计截止日" in why["AFTER"] and "不在采购周期" in why["BEFORE"]
    assert "COUNTS" not in why
    taken = night.figure("agreed_volume_completion", "LATER")
    assert "不在采购周期" in reasons(taken, "deliveries")["COUNTS"]


def test_a_receipt_of_two_commitments_counts_to_the_first(night):
    night.run(deliveries=[delivery("BOTH", "2020-07-01")])
    assert [x.key["delivery_id"] for x in night.figure("agreed_volume_completion", "C").lines if x.role == "收货"] == ["BOTH"]
    assert "已整笔计入协议 C" in reasons(night.figure("agreed_volume_completion", "LATER"), "deliveries")["BOTH"]


def test_returns_that_lessen_nothing_say_why(night):
    night.run(
        deliveries=[delivery("D", "2020-02-01")],
        returns=[
            f"{H},BACK,D,1,2020-03-01,confirmed",
            f"{H},ASKED,D,1,2020-03-01,requested",
            f"{H},NO,D,1,2020-03-01,refused",
            f"{H},AFTER,D,1,2021-01-01,confirmed",
        ],
    )
    for answer in (night.figure("agreed_volume_completion", "C"), night.figure("payment_timeliness", "D30", H, S, "2020-03")):
        why = reasons(answer, "returns")
        assert set(why) == {"ASKED", "NO", "AFTER"}
        assert "尚未确认" in why["ASKED"] and "被拒绝" in why["NO"] and "晚于统计截止日" in why["AFTER"]
        assert [x.key["return_id"] for x in answer.lines if x.dataset == "returns"] == ["BACK"]


def test_payments_that_settle_nothing_of_the_row_say_why(night):
    night.run(
        deliveries=[delivery("FEB", "2020-02-01"), delivery("MAY", "2020-05-01")],
        payments=[f"{H},PARTS,1,{S},2020-03-01,12.00", f"{H},AFTER,1,{S},2021-01-01,5.00", f"{H},MUCH,1,{S},2020-06-01,20.00"],
    )
    answer = night.figure("payment_timeliness", "D30", H, S, "2020-03")
    why = reasons(answer, "payments")
    assert {x.key["payment_id"] for x in answer.lines if x.dataset == "payments"} == {"PARTS"}
    assert "2.00 元用于" in why["PARTS"] and "MAY" in why["PARTS"]
    assert "晚于统计截止日" in why["AFTER"]
    assert "8.00 元用于" in why["MUCH"] and "余额 12.00 元" in why["MUCH"]
    assert reasons(answer, "deliveries")["MAY"].startswith("到期月份")
    left = night.figure("payment_unallocated", H, S)
    assert [x.key["payment_id"] for x in left.lines] == ["MUCH"]
    assert left.steps[0].value == 1200


def test_lines_of_other_days_are_left_out_of_the_year_and_not_of_their_month(night):
    days = {"NOW": "2020-02-01", "A_YEAR_AGO": "2019-12-31", "OLD": "2018-02-01"}
    night.run(selections=[f"L,I,{X},1,2018-01-01"], deliveries=[delivery(name, day) for name, day in days.items()])
    key = (H, X[:10], "other")
    year, month = night.figure("usage_mix_year", *key), night.figure("usage_mix", *key, "2018-02")
    assert {x.key["delivery_id"] for x in year.lines if x.dataset == "deliveries"} == {"NOW", "A_YEAR_AGO"}
    assert reasons(year, "deliveries") == {"OLD": "不在本年和上年同期之内"}
    assert {x.key["commitment_id"] for x in year.lines if x.dataset == "commitments"} == {"C", "LATER"}
    assert [x.key["delivery_id"] for x in month.lines if x.dataset == "deliveries"] == ["OLD"]
    assert not month.left_out


@pytest.mark.thorough
def test_a_head_that_pays_for_its_branch_is_listed(night):
    branch = "H33028200002"
    night.run()
    columns = {
        "institutions": f"{HEADS['institutions']},parent_institution_code\n{branch},分院,,330282,public,{H}",
        "deliveries": f"{HEADS['deliveries']},invoice_no\n{delivery('D', '2020-02-01').replace(H, branch)},00000001",
        "payments": f"{HEADS['payments']},invoice_no\n{H},P,1,{S},2020-02-20,10.00,00000001",
    }
    for dataset, text in columns.items():
        path = night.landing / dataset / "branch.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    night.run()
    answer = night.figure("payment_timeliness", branch, S, "2020-03")
    assert answer.differences == []
    assert [x.key["institution_code"] for x in answer.lines if x.role == "付款"] == [H]


def test_invoices_that_do_not_count_say_why(night):
    night.run(
        invoices=[
            invoice("00000001", "2020-03-01", 10),
            invoice("00000002", "2020-03-01", 10, "void"),
            invoice("00000003", "2020-03-05", 10),
            invoice("00000004", "2020-03-06", -10, red_of="00000003"),
            invoice("00000005", "2020-04-06", -4, red_of="00000001"),
        ]
    )
    answer = night.figure("two_invoice_compliance", H, "2020-03")
    why = {x.key["invoice_no"][-1]: x.reasons[0] for x in answer.left_out}
    assert "作废" in why["2"] and "冲完" in why["3"] and "红字" in why["4"]
    assert [(x.key["invoice_no"][-1], x.role) for x in answer.lines] == [("1", "发票"), ("5", "红字冲减")]
    own = night.figure("two_invoice_line", "00000001", "1")
    assert {s.column: s.value for s in own.steps} == {"net_quantity": 6.0, "net_fen": 6000, "hops": 0, "verdict": "direct"}


def test_a_rejected_row_of_the_same_parties_is_named(night):
    night.run(deliveries=[delivery("GOOD", "2020-02-01"), delivery("BAD", "2020-02-30")])
    [bad] = [x for x in night.figure("agreed_volume_completion", "C").left_out if x.role == "被拒收"]
    assert (bad.line, bad.key["主键"]) == (3, f"{H}|BAD") and "被拒收" in bad.reasons[0]
    assert night.line("deliveries/a.csv", 3).state == "rejected"


@pytest.mark.thorough
def test_a_past_run_is_explained_as_it_was(night):
    first = night.run(deliveries=[delivery("D", "2020-02-01")])
    second = night.run("b.csv", deliveries=[delivery("D", "2020-02-01", packs=8)])
    was, now = (night.figure("agreed_volume_completion", "C", run_id=r) for r in (first, second))
    numbers = [{s.column: s.value for s in a.steps}["net_quantity"] for a in (was, now)]
    assert numbers == [70.0, 56.0]
    assert was.shown is None and "不是该日现行发布" in "".join(was.notes)
    assert now.shown is not None and now.differences == []
    restated = {c.column_name: (*c.values, c.cause, c.run_id, c.previous_run_id) for c in now.restated}
    assert restated["net_quantity"] == ("70", "56", "correction", second, first)
    assert figure_as_json(now)["restatements"][0]["cause_zh"] == "更正"
    [old] = [x for x in now.left_out if x.role == "旧版本"]
    assert "deliveries/b.csv 第 2 行" in old.reasons[0]
    assert night.line("deliveries/a.csv", 2, run_id=first).state == "accepted"
    assert night.line("deliveries/a.csv", 2).state == "replaced"
    with pytest.raises(UsageError, match="没有接收过文件"):
        night.line("deliveries/b.csv", 2, run_id=first)


@pytest.mark.thorough
def test_a_withdrawn_row_is_named(night):
    night.run(deliveries=[delivery("D", "2020-02-01"), delivery("E", "2020-02-01")])
    path = night.landing / "deliveries" / "b.csv"
    path.write_text(f"{HEADS['deliveries']},is_withdrawn\n{delivery('E', '2020-02-01')},1\n", encoding="utf-8")
    night.run()
    answer = night.figure("agreed_volume_completion", "C")
    assert answer.differences == []
    why = {x.file: x.reasons[0] for x in answer.left_out if x.key.get("delivery_id") == "E"}
    assert any("撤回" in reason for reason in why.values()) and len(why) == 2
    assert {s.column: s.value for s in answer.steps}["net_quantity"] == 70.0


@pytest.mark.thorough
def test_a_row_that_is_gone_says_which_run_took_it_out(night):
    night.run(deliveries=[delivery("D", "2020-02-01")])
    path = night.landing / "deliveries" / "b.csv"
    path.write_text(f"{HEADS['deliveries']},is_withdrawn\n{delivery('D', '2020-02-01')},1\n", encoding="utf-8")
    second = night.run()
    with pytest.raises(UsageError, match=f"由运行 {second}.*（撤回）.*--run"):
        night.figure("payment_timeliness", "D30", H, S, "2020-03")


@pytest.mark.thorough
def test_a_held_run_is_explained_with_its_findings(night):
    night.run(deliveries=[delivery("D", "2020-02-01")])
    send(night.landing, "deliveries", delivery("E", "2020-02-01"), name="b.csv")
    run = compute_night(night.landing, night.home, AS_OF)
    failed = {"check_id": "volume.deliveries", "scope": "deliveries", "applied": 1, "passed": 0, "failed": 1}
    failed |= {"not_applicable": 0, "status": "failed", "details": "{}"}
    assert nightly.publish(audited(run, failed)) == "held"
    answer = night.figure("agreed_volume_completion", "C", run_id=run.run_id)
    assert {s.column: s.value for s in answer.steps}["net_quantity"] == 140.0 and answer.shown is None
    assert night.line("deliveries/b.csv", 2, run_id=run.run_id).state == "accepted"
    findings = run.store.scan(keys.findings("agreed_volume")).collect()
    [finding] = findings.filter(subject_key="C")["finding_id"]
    found = night.ask(explain_finding, finding[:12], run_id=run.run_id)
    assert found.key == {"commitment_id": "C"} and "140" in found.finding["message_zh"]
    console = Console(record=True, width=200)
    show_figure(found, console)
    assert "依据" in console.export_text()


@pytest.mark.thorough
def test_a_row_falls_with_what_it_refers_to(night):
    night.run(deliveries=[delivery("D", "2020-02-01")], returns=[f"{H},BACK,D,1,2020-03-01,confirmed"])
    path = night.landing / "deliveries" / "b.csv"
    path.write_text(f"{HEADS['deliveries']},is_withdrawn\n{delivery('D', '2020-02-01')},1\n", encoding="utf-8")
    night.run()
    found = night.line("returns/a.csv", 2)
    assert found.state == "replaced" and "随之失效" in found.reasons[0]


@pytest.mark.thorough
def test_a_repeated_line_counts_once(night):
    night.run(deliveries=[delivery("D", "2020-02-01"), delivery("D", "2020-02-01")])
    states = {night.line("deliveries/a.csv", n).state for n in (2, 3)}
    assert states == {"accepted", "duplicate"}
    with pytest.raises(UsageError, match="没有第 9 行"):
        night.line("deliveries/a.csv", 9)


def test_a_line_that_counts_nowhere_says_why_once(night):
    night.run(deliveries=[delivery("D", "2020-02-01"), delivery("GIFT", "2020-02-01", "1,")])
    found = night.line("deliveries/a.csv", 3)
    assert found.state == "accepted" and not [c for c in found.contributions if c.counts]
    of_payment = {"payment_timeliness", "payment_arrears", "payment_unpaid"}
    assert {c.table for c in found.contributions} == {"agreed_volume_completion", "lot_execution", *of_payment}
