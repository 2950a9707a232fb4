"""One grouped message per run, really sent: quiet when nothing changed, loud when figures did not appear."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from pipelines.alarms.alarm import alarm, alarm_night, alarm_unopened
from pipelines.alarms.message import LARGEST, Message, sign
from pipelines.alarms.settings import AlarmSettings
from pipelines.database.open import METADATA
from pipelines.errors import VbpError
from pipelines.settings import Settings
from tests.alarms.conftest import DAY, at

NEWS = {"checks": [("format:products:product_code", "warning", 3)], "refused": ["invoices/a.csv"]}


def say(ledger, site, run_id, now=None):
    return alarm(ledger.engine, site.home, run_id, site.settings, now or at(2))


def test_one_message_says_all_that_is_new(ledger, site):
    ledger.run("R1", rejected=[("payments", "bad_date"), ("payments", "bad_date")], restated=["paid_fen"], **NEWS)
    say(ledger, site, "R1")
    [(_, content)] = site.received
    assert content["title"] == "【带量采购监测】2020-12-31 已发布，有 4 项新情况"
    assert content["message"].splitlines() == [
        "运行：R1",
        "新增或增多的提示 1 项（check_results）：",
        "  · format:products:product_code：说明 format:products:product_code，3（上次 0）",
        "整个文件被拒收 1 个，改正后重新放入即可：",
        "  · invoices/a.csv：缺少必填列",
        "新拒收 2 行（vbp rejects list）：",
        "  · payments 2 行，bad_date 2",
        "更正既往数字 1 处（restatements）：",
        "  · 2020-12-31 货款支付及时情况（payment_timeliness）：1 处",
        "负责人：张三",
    ]


def test_what_could_not_be_fetched_comes_first(ledger, site):
    ledger.run("R1", checks=[*NEWS["checks"], ("source:deliveries/cixi", "warning", 1)])
    say(ledger, site, "R1")
    [(_, content)] = site.received
    assert content["message"].splitlines()[1:4] == [
        "没有取全的来源 1 个（vbp pull）：",
        "  · 说明 source:deliveries/cixi",
        "新增或增多的提示 1 项（check_results）：",
    ]


def test_pages_that_could_not_be_written_are_loud_once_a_day(ledger, site):
    ledger.run("R1")
    assert say(ledger, site, "R1") is None
    tell = lambda seconds: alarm(  # noqa: E731
        ledger.engine, site.home, "R1", site.settings, at(2, minute=seconds), [f"报告网站未能写出（磁盘空间不足 {seconds}）"]
    )
    message = tell(1)
    assert message.is_loud and message.title.endswith("已发布，但页面未能写出")
    assert "报告网站未能写出（磁盘空间不足 1）" in message.body and "执行 vbp site" in message.body
    assert tell(2) is None


def test_a_frozen_date_is_not_said_to_be_corrected(ledger, site):
    ledger.run("FROZEN", finished_at="1")
    with ledger.engine.begin() as connection:
        stands = {"as_of": DAY, "run_id": "FROZEN"}
        connection.execute(sa.insert(METADATA.tables["publications"]), [stands])
    ledger.run("R2", finished_at="2", restated=["paid_fen"])
    say(ledger, site, "R2")
    [(_, content)] = site.received
    assert content["title"] == "【带量采购监测】2020-12-31 已发布，有 1 项新情况（该日已冻结，只登记修订）"
    assert "该日已随季度通报冻结，数字不变；登记修订 1 处（restatements）：" in content["message"]


def test_a_warning_says_by_name_what_is_new_about_it(ledger, site):
    ledger.run("R1", checks=[("unknown_company:payments:payee_code", "warning", 3, "E1")])
    ledger.run("R2", checks=[("unknown_company:payments:payee_code", "warning", 5, "E1", "E2", "E3")])
    say(ledger, site, "R2")
    [(_, content)] = site.received
    said = "  · unknown_company:payments:payee_code：说明 unknown_company:payments:payee_code，5（上次 3）：E2、E3"
    assert said in content["message"].splitlines()


def test_published_with_nothing_new_is_silence(ledger, site):
    ledger.run("R1", **NEWS)
    ledger.run("R2", **NEWS)
    assert say(ledger, site, "R2") is None
    assert site.received == []


def test_the_same_run_is_told_once(ledger, site):
    ledger.run("R1", **NEWS)
    assert say(ledger, site, "R1") is not None
    assert say(ledger, site, "R1") is None


def test_as_many_rejected_rows_of_the_next_run_are_news(ledger, site):
    for run_id in ("R1", "R2"):
        ledger.run(run_id, rejected=[("payments", "bad_date")])
        assert say(ledger, site, run_id) is not None


def test_held_names_every_gate_and_how_to_release(ledger, site):
    gates = [("findings.key", "failed", 1), ("reject_rate.deliveries", "failed", 1)]
    ledger.run("R1", "held", checks=gates)
    message = say(ledger, site, "R1")
    assert message.is_loud and "被扣留" in message.title and "未通过的检查 2 项" in message.body
    assert "vbp release R1 --note" in message.body
    assert "vbp rejects list --dataset deliveries" in message.body
    assert site.received[0][1]["type"] == "failure"


def test_held_again_by_the_same_gate_is_said_once_a_day(ledger, site):
    for run_id in ("R1", "R2", "R3"):
        ledger.run(run_id, "held", checks=[("findings.key", "failed", 1)], refused=["invoices/a.csv"])
    assert say(ledger, site, "R1") is not None
    assert say(ledger, site, "R2", at(3)) is None
    assert say(ledger, site, "R3", at(2, day=2)) is not None


@pytest.mark.parametrize("status", ["held", "failed"])
def test_another_date_held_or_failed_is_said_at_once(ledger, site, status):
    for n in (1, 2):
        ledger.run(f"R{n}", status, DAY + timedelta(days=n), checks=[("findings.key", "failed", 1)], note="断电")
        assert say(ledger, site, f"R{n}") is not None


def test_held_by_another_gate_is_said_at_once(ledger, site):
    ledger.run("R1", "held", checks=[("findings.key", "failed", 1)])
    ledger.run("R2", "held", checks=[("findings.key", "failed", 2)])
    say(ledger, site, "R1")
    assert say(ledger, site, "R2", at(3)) is not None


def test_failed_says_why(ledger, site):
    ledger.run("R1", "failed", note="OSError: [Errno 28] No space left on device: '/var/R1/a7.parquet'")
    message = say(ledger, site, "R1")
    assert message.is_loud and "运行失败，数字未更新" in message.title
    assert "No space left on device" in message.body and "vbp run --as-of 2020-12-31" in message.body


def test_the_same_failure_tried_again_is_said_once_a_day(ledger, site):
    for n in (1, 2, 3):
        ledger.run(f"R{n}", "failed", note=f"OSError: No space left: '/var/2020123{n}-a{n}/x.parquet'")
    ledger.run("R4", "failed", note="VbpError: 另一个原因")
    assert [say(ledger, site, run_id) is not None for run_id in ("R1", "R2", "R4")] == [True, False, True]
    assert say(ledger, site, "R3", at(2, day=2)) is not None


def test_the_publication_after_an_alarm_is_told(ledger, site):
    for run_id, status in (("R1", "failed"), ("R2", "published"), ("R3", "published")):
        ledger.run(run_id, status, note="VbpError: 锁" if status == "failed" else None)
    say(ledger, site, "R1")
    assert say(ledger, site, "R2").title.endswith("已恢复发布")
    assert say(ledger, site, "R3") is None


def test_a_released_run_says_who_released_it_and_not_again_what_it_found(ledger, site):
    ledger.run("R1", released_by="李四", note="已核实；原行哈希 " + "0" * 64, **NEWS)
    message = say(ledger, site, "R1")
    body = message.body
    assert message.title.endswith("已放行发布") and message.facts == ("R1:released",)
    assert "由 李四 放行：已核实\n" in body and "原行哈希" not in body and "invoices/a.csv" not in body


def test_a_running_run_is_silence(ledger, site):
    ledger.run("R1", "running")
    assert say(ledger, site, "R1") is None


def test_a_run_that_never_opened_is_told_without_a_ledger(site):
    message = alarm_unopened(site.home, "政策文件 site.toml 不是合格的 TOML", site.settings, at(2))
    assert message.is_loud and "运行未能开始" in message.body and "site.toml" in message.body
    assert len(site.received) == 1


def test_a_database_that_cannot_be_read_is_told(site, tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'nothing' / 'here.db'}")
    message = alarm(engine, site.home, "R1", site.settings, at(2))
    assert message.is_loud and "结果库无法读取" in message.body


def test_a_fault_of_the_alarm_itself_is_told_and_raises_nothing(ledger, site, monkeypatch, caplog):
    monkeypatch.setattr("pipelines.alarms.alarm.compose", lambda *_, **__: 1 / 0)
    ledger.run("R1")
    assert "消息未能写成" in say(ledger, site, "R1").body
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("status", ["published", "held"])
def test_a_message_always_fits_the_smallest_channel(ledger, site, status):
    names = [f"{n:02d}." + "很长的名字" * 30 for n in range(40)]
    outcome = "failed" if status == "held" else "warning"
    checks = [(name, outcome, 1) for name in names]
    ledger.run("R1", status, checks=checks, refused=names, rejected=[(name, "bad_date") for name in names])
    message = say(ledger, site, "R1")
    assert len(f"{message.title}\n{message.body}".encode()) <= LARGEST
    assert message.body.endswith("负责人：张三") and "…另有 39 项" in message.body


def test_a_long_signature_is_kept_whole_and_the_body_gives_way():
    settings = AlarmSettings(owner="张三", site_url="https://example.org/" + "x" * 900)
    signed = sign(Message("标题", "正文" * 500, False, ()), settings)
    assert len(f"{signed.title}\n{signed.body}".encode()) <= LARGEST
    assert "…\n负责人：张三\n页面：" + settings.site_url in signed.body


def test_without_addresses_the_log_has_it(ledger, site, caplog):
    ledger.run("R1", "failed", note="断电")
    with caplog.at_level(logging.INFO):
        alarm(ledger.engine, site.home, "R1", site.settings.model_copy(update={"urls": type(site.settings.urls)("")}))
    assert "断电" in caplog.text and not (site.home.folder / "alarms" / "unsent").exists()


@pytest.fixture
def night(ledger, site, monkeypatch):
    """The settings of a night whose alarms go to the HTTP receiver, by the environment."""
    monkeypatch.setenv("VBP_ALARM_URLS", site.settings.urls.get_secret_value())
    return Settings(home=site.home, database=ledger.engine.url.render_as_string())


def test_a_night_is_told_with_the_settings_of_the_environment(ledger, night, site):
    ledger.run("R1", "failed", note="断电")
    alarm_night(night, "R1", RuntimeError("断电"))
    assert "断电" in site.received[0][1]["message"]


def test_a_failure_that_the_ledger_does_not_know_is_told(ledger, night, site):
    ledger.run("R1", "running")
    alarm_night(night, "R1", RuntimeError("台账写不进去"))
    assert "台账写不进去" in site.received[0][1]["message"]


def test_an_error_before_the_run_was_opened_is_told(night, site):
    alarm_night(night, error=VbpError("正被另一次运行占用"))
    assert "原因：正被另一次运行占用\n" in site.received[0][1]["message"]


def test_wrong_alarm_settings_do_not_fail_a_night(night, monkeypatch, caplog):
    monkeypatch.setenv("VBP_ALARM_DEADLINE", "six")
    assert alarm_night(night, "R1") is None
    assert "请核对 VBP_ALARM_" in caplog.text
