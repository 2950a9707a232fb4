"""Loud when yesterday is not published by the hour."""

import datetime as dt

import pytest
import sqlalchemy as sa

from pipelines.alarms.alarm import alarm
from pipelines.alarms.deadline import check_deadline, overdue
from pipelines.alarms.settings import AlarmSettings
from pipelines.errors import UsageError
from tests.alarms.conftest import DAY, at

SIX = dt.time(6)


def test_before_the_hour_there_is_time(ledger):
    assert overdue(ledger.engine, at(5, minute=59), DAY, SIX) is None
    assert overdue(ledger.engine, at(6), DAY, SIX) is not None


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([], "台账中没有任何运行"),
        ([("running", None)], "仍在进行"),
        ([("held", "未通过的检查：findings.key")], "findings.key"),
        ([("held", None), ("failed", "断电")], "失败。断电"),
    ],
)
def test_it_says_how_the_last_run_stands(ledger, runs, said):
    for n, (status, note) in enumerate(runs):
        ledger.run(f"R{n}", status, note=note)
    message = overdue(ledger.engine, at(6), DAY, SIX)
    assert message.is_loud and "2020-12-31 逾期未发布" in message.title and said in message.body


def test_published_is_in_time_even_when_a_later_run_failed(ledger):
    ledger.run("R1")
    ledger.run("R2", "failed")
    assert overdue(ledger.engine, at(6), DAY, SIX) is None


def test_another_date_published_does_not_count(ledger):
    ledger.run("R1", as_of=DAY - dt.timedelta(days=1))
    assert "最后一次运行是 R1（published）" in overdue(ledger.engine, at(6), DAY, SIX).body


def test_a_database_that_is_gone_is_overdue(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'nothing' / 'here.db'}")
    assert "结果库无法读取" in overdue(engine, at(6), DAY, SIX).body


def test_yesterday_is_shanghais(ledger, site):
    ledger.run("R1")
    utc = dt.datetime(2020, 12, 31, 22, 30, tzinfo=dt.UTC)  # 06:30 of January 1 in Shanghai
    assert check_deadline(ledger.engine, site.home, site.settings, utc) is None
    assert check_deadline(ledger.engine, site.home, site.settings, at(6, day=2)) is not None
    assert len(site.received) == 1


def test_said_once_and_ended_by_the_publication(ledger, site):
    for minute in (0, 30):
        assert check_deadline(ledger.engine, site.home, site.settings, at(6, minute=minute)) is not None
    ledger.run("R1")
    assert alarm(ledger.engine, site.home, "R1", site.settings, at(7)).title.endswith("已恢复发布")
    assert len(site.received) == 2


@pytest.mark.parametrize("value", ["6", "25:00", "06:00:00", "six"])
def test_an_hour_is_written_in_full(monkeypatch, value):
    monkeypatch.setenv("VBP_ALARM_DEADLINE", value)
    with pytest.raises(UsageError, match="06:00"):
        AlarmSettings()


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("VBP_ALARM_URLS", "json://a json://b")
    monkeypatch.setenv("VBP_ALARM_DEADLINE", "07:30")
    monkeypatch.setenv("VBP_SITE_URL", "https://example.org")
    settings = AlarmSettings()
    assert (settings.deadline, settings.site_url) == (dt.time(7, 30), "https://example.org")
    assert settings.addresses == ["json://a", "json://b"]
