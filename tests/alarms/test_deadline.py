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
    assert "台账中没有任何运行" in overdue(engine, at(6), DAY, SIX).body
    engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert "结果库无法读取" in overdue(engine, at(6), DAY, SIX, since=at(8)).body


def test_no_alarm_for_days_before_the_first_night(ledger, site):
    """It was installed at eight, and its first night has not come; the day after it must have."""
    ask = lambda moment: check_deadline(ledger.engine, site.home, site.settings, moment)  # noqa: E731
    assert ask(at(8)) is None and ask(at(9)) is None
    assert "台账中没有任何运行" in ask(at(6, minute=1, day=2)).body


def test_no_alarm_for_hours_that_were_over_when_the_first_night_began(ledger):
    ledger.run("R1", as_of=DAY - dt.timedelta(days=30))  # begun on January 1, 02:01
    before = DAY - dt.timedelta(days=1)
    assert overdue(ledger.engine, at(6), before, SIX) is None and overdue(ledger.engine, at(6), DAY, SIX) is not None


def test_a_database_without_a_ledger_is_new_only_on_the_first_day(tmp_path, site):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    assert check_deadline(engine, site.home, site.settings, at(8)) is None
    assert check_deadline(engine, site.home, site.settings, at(6, minute=1, day=2)) is not None


def test_yesterday_is_shanghais(ledger, site):
    ledger.run("R1")
    utc = dt.datetime(2020, 12, 31, 22, 30, tzinfo=dt.UTC)  # 06:30 of January 1 in Shanghai
    assert check_deadline(ledger.engine, site.home, site.settings, utc) is None
    assert check_deadline(ledger.engine, site.home, site.settings, at(6, day=2)) is not None
    assert len(site.received) == 1


def test_said_once_and_ended_by_the_publication(ledger, site):
    check_deadline(ledger.engine, site.home, site.settings, at(5))
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
