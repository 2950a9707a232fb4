"""The morning page has words in both languages for all that it may have to say, and its numbers say of what they are."""

import datetime as dt
import re
from pathlib import Path

import pytest

from pipelines.reports import morning, site
from pipelines.reports.bulletin import form
from pipelines.reports.morning.waiting import BANDS
from pipelines.reports.pages.words import words_of
from schemas.reports import REPORTS
from tests.reports.mornings import MONDAY, TUESDAY, WEDNESDAY, cells, figures, plain

PAGES = {"morning": morning, "site": site, "bulletin": form}


@pytest.mark.parametrize("page", PAGES)
def test_every_word_of_the_templates_stands_in_both_languages(page):
    templates = sorted((Path(PAGES[page].__file__).parent / "templates").iterdir())
    texts = {path.name: path.read_text(encoding="utf-8") for path in templates}
    asked = {key for text in texts.values() for key in re.findall(r'\bt\("(\w+)"[,)]', text)}
    assert asked and asked <= set(words_of(page))
    assert all(zh and en and not re.search(r"[\u4e00-\u9fff]", en) for zh, en in words_of(page).values())
    assert [name for name, text in texts.items() if re.search(r"[\u4e00-\u9fff]", text.replace("中文", ""))] == []


def test_the_catalogue_calls_a_state_of_a_run_as_the_report_tables_do():
    statuses = REPORTS["runs"].column("status").values
    assert {code: words_of("morning")[code][0] for code in statuses} == dict(statuses)


@pytest.mark.parametrize(
    "values",
    [
        REPORTS["runs"].column("status").values,
        REPORTS["check_results"].column("status").values,
        [{"code": "code_cause"}.get(cause, cause) for cause in REPORTS["restatements"].column("cause").values],
        [name for _, name in BANDS],
    ],
    ids=["runs", "checks", "causes", "bands"],
)
def test_every_value_of_a_list_has_its_words(values):
    assert values and set(values) <= set(words_of("morning"))


def test_the_reject_rate_says_of_how_many_rows(mornings):
    mornings.run("MON", MONDAY)
    counts = {"dataset": "payments", "sha256": "s", "bytes": 1, "run_id": "MON"}
    mornings.add("source_files", path="payments/a", status="accepted", rows_read=1600, rows_rejected=40, **counts)
    mornings.add("source_files", path="payments/b", status="failed", **counts)
    first_screen = plain(mornings.page("MON").split("<h2>")[0])
    assert "拒收率2.50% 1,600 行中的 40 行" in first_screen
    assert "读取的文件2" in first_screen and "其中整份拒收1" in first_screen


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("files_taken_in", "33 本次读取的文件"),
        ("rule:payments:bad_date:paid_on", "33 本次读取的行"),
        ("format:products:product_code", "33 填有此项的在册记录"),
        ("invoice_matched:payments", "33 填有此项的在册记录"),
        ("findings.key", "33"),
    ],
)
def test_a_check_says_what_it_looked_at(mornings, check, told):
    mornings.run("MON", MONDAY)
    mornings.check("MON", check, "warning", 2, applied=33)
    assert cells(mornings.page("MON"), "checks")[1][2:] == ["2", told]


def test_new_are_the_rows_that_the_published_date_before_did_not_have(mornings_anywhere):
    mornings = mornings_anywhere
    for run_id, day, status in (("MON", MONDAY, "published"), ("HELD", TUESDAY, "held"), ("WED", WEDNESDAY, "published")):
        mornings.run(run_id, day, status)
        mornings.reject(run_id, run_id, "payments/s/a.csv")
    mornings.reject("gone", "MON", "payments/s/b.csv", state="resolved", resolved_run="HELD")
    page = mornings.page("WED")
    assert cells(page, "senders")[1][1:3] == ["3", "2"] and cells(page, "reasons")[1][2:] == ["3", "2"]
    assert "新增 2，解决 1" in plain(page)
    assert "新增：2020-06-01 那次发布以后首次被拒收的行。" in plain(page)
    assert "此前没有已发布的日期，各行都算新增。" in plain(mornings.page("MON"))


def test_rows_whose_waiver_is_over_are_told_as_such_and_not_as_new(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    mornings.run("WED", WEDNESDAY)
    for number, until in enumerate((dt.date(2020, 3, 31), TUESDAY, WEDNESDAY)):
        mornings.reject(f"r{number}", "MON", "payments/s/a.csv", decided_until=until)
    page = plain(mornings.page("WED"))
    assert "新增 0，解决 0，豁免到期 1" in page
    assert "豁免已于 2020-03-31 到期：1 行 豁免已于 2020-06-02 到期：1 行" in page
    assert "2020-06-03 到期" not in page


def test_time_progress_stands_beside_the_execution_rate_weighed_alike(mornings_anywhere):
    mornings = mornings_anywhere
    mornings.run("MON", MONDAY)
    group = {"phase": "running", "duty": "mandatory", "agreed_quantity": 40, "agreed_fen": 4000, "net_fen": 1000}
    for level, code in (("all", "all"), ("item", "L/I")):
        mornings.figure("agreed_volume_rollup", MONDAY, level=level, code=code, capped_fen=1000, **group)
    own = {
        "lot_code": "L",
        "item_code": "I",
        "institution_code": "H",
        "status": "on_track",
        "period_end": dt.date(2020, 12, 31),
    }
    for number, quantity, progress in (("C1", 10, 1.0), ("C2", 30, 0.2)):
        mornings.figure(
            "agreed_volume_completion", MONDAY, commitment_id=number, agreed_quantity=quantity, time_progress=progress, **own
        )
    mornings.add("institution_names", institution_code="H", ownership="public")
    shown = figures(mornings.page("MON"))
    assert shown["executed/running/mandatory"] == ["净采购 10.00 ÷ 约定采购 40.00 元", "25.00%"]
    assert shown["time_progress/running/mandatory"] == ["按时间应采购 16.00 ÷ 约定采购 40.00 元", "40.00%"]


def test_a_restated_table_is_called_by_its_name(mornings):
    mornings.run("MON", MONDAY)
    mornings.add("restatements", as_of=MONDAY, table_name="payment_timeliness", run_id="MON", cause="code")
    assert cells(mornings.page("MON"), "restated") == [
        ["表", "原因", "本次修订的单元格"],
        ["货款支付及时情况", "程序变化", "1"],
    ]
