"""Before a file is sent it is checked as the night checks, by a process of its own; nothing is taken."""

import base64
import subprocess
import sys

import pytest

from pipelines.settings import Settings
from pipelines.web import check
from tests.reports.explained_nights import HEADS, Night, delivery
from tests.web.visitor import HERE, Visitor

ROWS = [HEADS["deliveries"], delivery("GOOD", "2020-03-01"), delivery("BAD", "2020-02-30")]


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """After a night that knows hospital and product."""
    night = Night(tmp_path_factory.mktemp("checked"))
    night.run(deliveries=[delivery("D", "2020-02-01")])
    return Visitor(night.home, night.landing)


def ask(visitor, content, name="发货 1.csv"):
    asked = {"dataset": "deliveries", "sender": "cixi", "name": name}
    return visitor.ask("PUT", "/check", params=asked, content=content, headers={"origin": HERE})


def test_it_says_what_the_night_would_say_and_takes_nothing(visitor):
    before = visitor.landed()
    answer = ask(visitor, "\n".join(ROWS).encode()).json()
    assert [answer[what] for what in ("read", "accepted", "rejected", "duplicate", "refused")] == [2, 1, 1, 0, ""]
    [reason] = answer["reasons"]
    assert (reason["rows"], "2020-02-30" in reason["message"] or "日期" in reason["message"]) == (1, True)
    assert answer["workbook"]["name"] == "退回整改表_发货 1.xlsx"
    assert base64.b64decode(answer["workbook"]["content"])[:2] == b"PK"
    assert visitor.landed() == before
    assert not (visitor.home / "uploads").exists()


def test_a_file_that_is_none_is_refused_in_words_without_our_paths(visitor):
    answer = ask(visitor, b"a,b\n1,2\n").json()
    assert answer["refused"].startswith("发货 1.csv：") and answer["workbook"] is None
    assert "/" not in answer["refused"].partition("：")[0]


def test_a_check_that_fails_does_not_hinder_sending(visitor, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    answer = ask(visitor, b"x")
    assert (answer.status_code, "可以直接报送" in answer.text) == (503, True)

    def too_long(*_, **__):
        raise subprocess.TimeoutExpired("check", 900)

    monkeypatch.setattr(check.subprocess, "run", too_long)
    answer = ask(visitor, b"x")
    assert (answer.status_code, "15 分钟" in answer.text) == (503, True)


def test_nobody_waits_longer_than_a_minute_for_a_turn(visitor, monkeypatch):
    monkeypatch.setattr(check, "_TURN", 0.01)
    with check._two_at_a_time, check._two_at_a_time:
        answer = ask(visitor, b"x")
    assert (answer.status_code, "正在检查别的文件" in answer.text) == (503, True)


def test_who_may_not_send_may_not_check(visitor):
    viewer = Visitor(visitor.home, visitor.landing, who="viewer")
    assert ask(viewer, b"x").status_code == 403


def test_before_the_first_night_what_is_named_is_trusted(tmp_path):
    place = tmp_path / "a.csv"
    place.write_text("\n".join(ROWS), encoding="utf-8")
    answer = check.check_file(Settings(home=tmp_path / "home", landing=tmp_path), place, "deliveries")
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    assert not (tmp_path / "home").exists()
