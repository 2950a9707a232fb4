"""The morning page says what the tables say."""

import datetime as dt
import re

import pytest

from pipelines.database.seals import seal
from pipelines.store import keys
from pipelines.store.local import Local
from pipelines.store.runs import objects_of
from tests.reports.mornings import MONDAY, TUESDAY, WEDNESDAY, cells, figures, plain, verdict

HOSTILE = '=cmd|calc<script>alert("1")</script>&amp;\'.csv'


def test_a_published_run_says_so_and_when(mornings):
    mornings.run("GOOD", MONDAY, code_version="0.1.0", result_digest="0123456789abcdef")
    page = mornings.page("GOOD")
    assert 'class="verdict good" id="verdict" data-status="published"' in page
    assert "已发布 统计截止日 2020-06-01" in verdict(page)
    assert "2020-06-02 02:00:00" in page and "2020-06-02 02:01:23" in page and "0:01:23" in page
    assert '<dd title="0123456789abcdef"><code>0123456789ab</code>' in page


def test_a_held_run_names_its_gates_and_the_figures_that_still_stand(mornings):
    mornings.run("GOOD", MONDAY)
    mornings.run("HELD", TUESDAY, "held", note="未通过的检查：reject_rate.payments")
    mornings.check("HELD", "reject_rate.payments", "failed", 1, message_zh="拒收率超过上限 30%")
    told = verdict(mornings.page("HELD"))
    assert "! 被扣留 统计截止日 2020-06-02" in told
    assert "reject_rate.payments 拒收率超过上限 30%" in told
    assert "对外仍以 2020-06-01 的数字为准（运行 GOOD）" in told


def test_a_failed_run_gives_its_reason_without_the_hashes_of_the_ledger(mornings):
    mornings.run("FAILED", MONDAY, "failed", note=f"OSError: 磁盘已满；原行哈希 {'a' * 64}")
    told = verdict(mornings.page("FAILED"))
    assert "✕ 失败 统计截止日 2020-06-01 原因：OSError: 磁盘已满" in told
    assert "原行哈希" not in told
    assert "尚无任何已发布的数字" in told


def test_an_interrupted_run_is_told_in_words(mornings):
    mornings.run("KILLED", MONDAY, "failed", note="中断")
    assert "进程在完成之前停止" in verdict(mornings.page("KILLED"))


def test_a_released_run_is_not_green_and_names_who_released_it(mornings):
    mornings.run("LET", MONDAY, released_by="王敏", note="已核对")
    mornings.check("LET", "findings.key", "failed", 2, message_zh="主键重复:2 处")
    page = mornings.page("LET")
    assert 'class="verdict warn"' in page
    assert "由 王敏 放行：已核对 放行时未通过的检查： findings.key 主键重复:2 处" in verdict(page)


def test_a_run_that_another_has_replaced_says_whose_figures_it_shows(mornings):
    mornings.run("FIRST", MONDAY)
    mornings.run("AGAIN", MONDAY, started_at="2020-06-02T09:00:00+08:00")
    assert "现由运行 AGAIN 发布" in verdict(mornings.page("FIRST"))


def test_a_run_of_a_frozen_date_says_that_it_only_restates(mornings):
    mornings.run("LATER", MONDAY, finished_at="2020-07-01T09:00:00+08:00")
    mornings.run("FROZEN", MONDAY)
    cell = {"table_name": "findings", "row_key": "a", "cause": "code", "column_name": "amount_fen"}
    mornings.add("restatements", as_of=MONDAY, run_id="LATER", **cell)
    page = mornings.page("LATER")
    assert "该日已随季度通报冻结，数字仍为运行 FROZEN 所发布；本次只登记修订 1 处。" in verdict(page)
    assert "季度通报冻结" not in verdict(mornings.page("FROZEN"))


def test_a_running_run_has_a_page(mornings):
    mornings.run("NOW", MONDAY, "running")
    assert "… 运行中" in verdict(mornings.page("NOW"))


def test_rows_per_dataset_beside_the_run_published_before(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("HELD", TUESDAY, "held")
    mornings.run("WED", WEDNESDAY)
    counts = {"dataset": "payments", "sha256": "s", "bytes": 1}
    mornings.add(
        "source_files",
        run_id="MON",
        path="payments/a",
        status="accepted",
        rows_read=1000,
        rows_accepted=990,
        rows_rejected=10,
        **counts,
    )
    mornings.add("source_files", run_id="HELD", path="payments/b", status="accepted", rows_read=77, **counts)
    mornings.add(
        "source_files",
        run_id="WED",
        path="payments/b",
        status="accepted",
        rows_read=1200,
        rows_accepted=1100,
        rows_rejected=90,
        rows_duplicate=10,
        **counts,
    )
    mornings.add("source_files", run_id="WED", path="payments/c", status="failed", **counts)
    mornings.add("source_files", run_id="WED", path="payments/a", status="skipped", **counts)
    mornings.add("source_files", run_id="WED", path="lots/a", status="skipped", **counts | {"dataset": "lots"})
    mornings.add("source_files", run_id="WED", path="payments/d.part", status="waiting", **counts)
    page = mornings.page("WED")
    assert '<b id="files_refused">1</b>' in page.split("<h2>")[0]  # on the first screen
    header, payments, total = cells(page, "intake")
    assert header == [
        "数据集",
        "接收的文件",
        "整份拒收的文件",
        "已收过的文件",
        "留待下次的文件",
        "读取行",
        "接收行",
        "拒收行",
        "重复行",
        "拒收率（占读取行）",
    ]
    assert payments[1:6] == ["1 ±0", "1 +1", "1", "1", "1,200 +200"]
    assert payments[6:] == ["1,100 +110", "90 +80", "10 +10", "7.50% 1.00%"]
    assert total[1:3] == payments[1:3] and total[3] == "2" and total[4:] == payments[4:]


def test_a_run_without_files_on_record_claims_no_counts(mornings):
    mornings.run("MON", MONDAY)
    mornings.add("source_files", run_id="MON", path="p", dataset="payments", status="accepted", rows_read=9)
    mornings.run("TUE", TUESDAY, "failed", note="x")
    page = mornings.page("TUE")
    assert "读取行— 本次没有文件记录" in plain(page)
    assert 'id="rows_read"' not in page and '<table id="intake">' not in page


def test_senders_with_their_rows_and_the_age_of_the_oldest(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("WED", WEDNESDAY)
    mornings.reject("r1", "MON", "deliveries/north/h1/a.csv")
    mornings.reject("r2", "WED", "deliveries/north/h1/b.csv")
    mornings.reject("r3", "WED", "payments/north/h1/c.csv")
    mornings.reject("r4", "WED", "payments/loose.csv")
    mornings.reject("r5", "MON", "payments/gone/d.csv", state="resolved", resolved_run="WED")
    page = mornings.page("WED")
    assert cells(page, "senders")[1:] == [
        ["north/h1 配送收货明细, 付款明细", "3", "2", "2"],
        ["（数据集根目录） 付款明细", "1", "1", "0"],
    ]
    assert cells(page, "ages") == [
        ["当日", "3"],
        ["1–7 天", "1"],
        ["8–30 天", "0"],
        ["31–90 天", "0"],
        ["超过 90 天", "0"],
        ["合计", "4"],
    ]
    assert "新增 3，解决 1" in plain(page)


@pytest.mark.parametrize(("days", "band"), [(0, 0), (1, 1), (7, 1), (8, 2), (30, 2), (31, 3), (90, 3), (91, 4)])
def test_bounds_of_the_age_bands(mornings, days, band):
    mornings.run("R1", MONDAY)
    mornings.run("R2", MONDAY + dt.timedelta(days=days))
    mornings.reject("r", "R1", "payments/s/a.csv")
    assert [row[1] for row in cells(mornings.page("R2"), "ages")] == [*("1" if n == band else "0" for n in range(5)), "1"]


def test_the_page_of_a_past_run_shows_what_waited_then(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("TUE", TUESDAY)
    mornings.reject("later", "TUE", "payments/s/b.csv")
    mornings.reject("mended", "MON", "payments/s/a.csv", state="resolved", resolved_run="TUE")
    assert cells(mornings.page("MON"), "senders")[1:] == [["s 付款明细", "1", "1", "0"]]
    assert cells(mornings.page("TUE"), "senders")[1:] == [["s 付款明细", "1", "1", "0"]]


def test_reasons_count_rows_not_mentions(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("TUE", TUESDAY)
    mornings.reject("r1", "MON", "payments/s/a.csv", "bad_date", "bad_date")
    mornings.reject("r2", "TUE", "payments/s/b.csv", "bad_date", "missing_value")
    assert cells(mornings.page("TUE"), "reasons")[1:] == [
        ["付款明细", "数量：bad_date bad_date · qty · 位置举例：payments/s/a.csv:7", "2", "1"],
        ["付款明细", "数量：missing_value missing_value · qty · 位置举例：payments/s/b.csv:7", "1", "1"],
    ]


def test_only_ten_reasons_and_ten_senders_but_all_are_counted(mornings):
    mornings.run("MON", MONDAY)
    for number in range(12):
        mornings.reject(f"r{number}", "MON", f"payments/s{number:02d}/a.csv", f"code{number:02d}")
    page = mornings.page("MON")
    assert [len(cells(page, table)) - 1 for table in ("reasons", "senders")] == [10, 10]
    assert "共 12 个报送单位有待改正行" in plain(page)


def test_headline_rates_are_sums_over_sums_beside_the_date_before(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("TUE", TUESDAY)
    key = {"due_rule": "applicable", "distributor_code": "D", "due_month": "2020-05"}
    mornings.figure("payment_timeliness", MONDAY, TUESDAY, institution_code="A", matured_fen=100, on_time_fen=0, **key)
    mornings.figure("payment_timeliness", TUESDAY, institution_code="A", matured_fen=100, on_time_fen=100, **key)
    mornings.figure("payment_timeliness", MONDAY, institution_code="B", matured_fen=29_900, on_time_fen=0, **key)
    other = key | {"due_rule": "D60"}
    mornings.figure("payment_timeliness", MONDAY, institution_code="B", matured_fen=1, on_time_fen=1, **other)
    shown = figures(mornings.page("TUE"))
    assert shown["paid_on_time"] == ["按时支付 1.00 ÷ 已到期 300.00 元", "0.33%", "0.00%", "+0.33"]
    assert shown["paid_on_time_count"] == ["按时付清笔数 0 ÷ 已到期笔数 0", "—", "—", "—"]


def test_volume_stands_apart_by_phase_and_duty(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    sums = {"level": "all", "code": "all", "duty": "mandatory", "commitments": 3, "completed": 1, "agreed_fen": 200}
    mornings.figure("agreed_volume_rollup", MONDAY, phase="running", net_fen=250, capped_fen=150, **sums)
    mornings.figure("agreed_volume_rollup", MONDAY, phase="ended", net_fen=20, capped_fen=20, **sums)
    lot = sums | {"level": "lot", "code": "L"}
    mornings.figure("agreed_volume_rollup", MONDAY, phase="ended", net_fen=9, capped_fen=9, **lot)
    shown = {key: row[1] for key, row in figures(mornings.page("MON")).items()}
    assert shown == {
        "executed/running/mandatory": "125.00%",
        "executed_capped/running/mandatory": "75.00%",
        "completed_share/running/mandatory": "33.33%",
        "executed/ended/mandatory": "10.00%",
        "executed_capped/ended/mandatory": "10.00%",
        "completed_share/ended/mandatory": "33.33%",
    }


def test_two_invoices_compliant_of_the_judged_and_judged_of_the_scope(mornings):
    mornings.run("MON", MONDAY)
    sums = {"scope_fen": 1000, "compliant_fen": 600, "violation_fen": 200, "unverifiable_fen": 200}
    mornings.figure("two_invoice_compliance", MONDAY, institution_code="A", month="2020-05", **sums)
    shown = figures(mornings.page("MON"))
    assert (shown["two_invoice_compliant"][1], shown["two_invoice_verified"][1]) == ("75.00%", "80.00%")


def test_findings_opened_and_cured(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("TUE", TUESDAY)
    for name, seen, state in (("f1", MONDAY, "open"), ("f2", TUESDAY, "open"), ("f3", MONDAY, "cured")):
        mornings.figure("findings", seen, finding_id=name, rule_code="payment_overdue", first_seen=seen, state=state)
    assert cells(mornings.page("TUE"), "findings")[1:] == [["货款逾期", "2", "1", "1"]]


def test_restatements_by_table_and_cause(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    for row, cause in (("a", "policy"), ("b", "policy"), ("c", "code")):
        mornings.add("restatements", as_of=MONDAY, table_name="findings", row_key=row, run_id="MON", cause=cause)
    mornings.add("restatements", as_of=MONDAY, table_name="findings", row_key="a", run_id="OTHER", cause="code")
    assert cells(mornings.page("MON"), "restated")[1:] == [["问题清单", "程序变化", "1"], ["问题清单", "政策变化", "2"]]


def test_checks_worst_first_and_what_is_new_marked(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("TUE", TUESDAY)
    mornings.check("MON", "format:x", "warning", 5)
    mornings.check("TUE", "format:x", "warning", 9, message_zh="格式", examples=["e1", "e2", "e3", "e4"])
    mornings.check("TUE", "findings.key", "failed", 1, message_zh="主键重复", examples=[{"finding_id": "f"}])
    mornings.check("TUE", "findings.range", "passed")
    page = mornings.page("TUE")
    assert cells(page, "checks")[1:] == [
        ["未通过 新 上一发布日没有", "主键重复 findings.key finding_id = f", "1", "0"],
        ["提示", "格式 format:x e1 e2 e3 另有 1 例，见审核明细", "9", "0 填有此项的在册记录"],
    ]
    assert "发布闸门：未通过 1 · 通过 1 · 不适用 0" in verdict(page)


def test_expectations_are_listed_with_what_they_ask_and_twenty_rows(mornings):
    mornings.run("MON", MONDAY)
    rows = [{"finding_id": f"F{number:02d}", "note": HOSTILE} for number in range(30)]
    outcome = {
        "success": False,
        "result": {"observed_value": 30, "details": {"unexpected_rows": rows}},
        "expectation_config": {
            "type": "t",
            "description": "主键重复",
            "kwargs": {"unexpected_rows_query": "SELECT 1 FROM {batch} WHERE 1 < 2"},
        },
    }
    outcome |= {"all_failing": "findings.key.csv"}
    fault = {"success": False, "error": "OperationalError: gone"}
    kwargs = {"column": "amount_fen", "min_value": 0, "max_value": 9}
    met = {"success": True, "expectation_config": {"type": "between", "description": "区间", "kwargs": kwargs}}
    found = {"findings.key": outcome, "findings.all": fault, "findings.range:amount_fen": met}
    objects_of(Local(mornings.home), "MON").put_json(keys.RESULTS, found)
    assert '<a href="../../../runs/MON/audit/ge_results.json.gz">' in mornings.page("MON")
    checks = (mornings.home / "site" / "morning" / "MON" / "checks.html").read_text(encoding="utf-8")
    assert checks.count("<td>F") == 20 and '<span class="observed">30</span>' in checks
    assert "SELECT 1 FROM {batch} WHERE 1 &lt; 2" in checks and "OperationalError: gone" in checks
    assert "<script>alert" not in checks
    assert '<a href="../../../runs/MON/audit/failing/findings.key.csv">' in checks
    row = ["findings.range:amount_fen", "区间", "between(column='amount_fen', min_value=0, max_value=9)"]
    assert cells(checks, "met")[1:] == [row]


def test_a_run_without_results_says_so_and_links_none(mornings):
    mornings.run("FAILED", MONDAY, "failed", note="x")
    assert "ge_results.json" not in mornings.page("FAILED")
    checks = (mornings.home / "site" / "morning" / "FAILED" / "checks.html").read_text(encoding="utf-8")
    assert "本次运行没有审核结果" in checks


def test_correction_workbooks_are_linked_whatever_they_are_called(mornings):
    mornings.run("MON", MONDAY)
    mornings.reject("r1", "MON", "payments/市一 #1?/a.csv")
    mornings.reject("r2", "MON", "payments/a.csv")
    mornings.returned("MON", ("payments", "市一 #1?", 1, 1), ("payments", "", 3000, 2000))
    page = mornings.page("MON")
    address = "../../../returns/MON/payments/%E5%B8%82%E4%B8%80%20%231%3F.xlsx"
    assert [len(re.findall(f'<a href="{re.escape(a)}">', page)) for a in (address, address[:-33] + ".xlsx")] == [2, 2]
    assert cells(page, "workbooks")[1:] == [
        ["（数据集根目录）", "付款明细", "3,000 表中列最近报送的 2,000 行"],
        ["市一 #1?", "付款明细", "1"],
    ]


def test_a_sender_without_a_workbook_is_listed_without_a_link(mornings):
    mornings.run("MON", MONDAY)
    mornings.reject("r", "MON", "payments/s/a.csv")
    page = mornings.page("MON")
    assert "付款明细" in cells(page, "senders")[1][0] and "/returns/" not in page
    assert "本次没有退回整改表" in page


def test_what_others_wrote_is_shown_as_text(mornings):
    mornings.run("MON", MONDAY, "failed", note=f"OSError: {HOSTILE}", code_version=HOSTILE)
    mornings.check("MON", f"x.{HOSTILE}", "warning", 1, message_zh=HOSTILE, examples=[HOSTILE])
    mornings.reject("r", "MON", f"payments/{HOSTILE}", HOSTILE)
    mornings.add("source_files", run_id="MON", path=HOSTILE, dataset=HOSTILE, status="accepted")
    page = mornings.page("MON")
    assert "<script>alert" not in page
    assert HOSTILE in verdict(page) and HOSTILE in cells(page, "reasons")[1][1]
    assert cells(page, "intake")[1][0] == HOSTILE


def test_sixty_runs_are_drawn_at_most(mornings):
    for number in range(62):
        mornings.run(f"R{number:02d}", MONDAY + dt.timedelta(days=number), rows_read=number + 1)
    page = mornings.page("R61")
    assert "近 60 次运行" in plain(page)
    bars = re.search(r"读取行数.*?<svg.*?</svg>", page, re.DOTALL)[0]
    assert bars.count('fill="#2e7d4f"') == 60


def test_the_head_of_the_chain_of_seals_stands_on_the_page(mornings):
    mornings.run("GOOD", MONDAY)
    assert "封存链头" not in mornings.page("GOOD")
    with mornings.engine.begin() as connection:
        seal_hash = seal(connection, "published", "GOOD", {})
    assert f"1-{seal_hash}" in mornings.page("GOOD")


def test_watched_amounts_say_what_rose_what_fell_and_of_whom_most(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("TUE", TUESDAY)
    mornings.add("institution_names", institution_code="UP", name="甲医院")
    key = {"distributor_code": "D", "month": "2020-05"}
    for code, before, now in (("UP", 100, 5_100), ("ALSO", 0, 900), ("DOWN", 3_000, 1_000), ("SAME", 700, 700)):
        mornings.figure("payment_arrears", MONDAY, TUESDAY, institution_code=code, unpaid_fen=before, **key)
        mornings.figure("payment_arrears", TUESDAY, institution_code=code, unpaid_fen=now, **key)
    [_, unpaid, over_90] = cells(mornings.page("TUE"), "amounts")
    assert unpaid[1:] == ["77.00", "38.00", "+39.00", "+59.00", "−20.00", "甲医院 +50.00", "DOWN −20.00"]
    assert over_90[1:] == ["0.00", "0.00", "±0", "±0", "±0", "—", "—"]
    assert cells(mornings.page("MON"), "amounts")[1][1:] == ["38.00"]
