"""What could not be sent waits for the address that missed it, and goes out with the next message."""

import json
import logging

import pytest

from pipelines.alarms.deliver import deliver
from pipelines.alarms.message import Message
from pipelines.alarms.settings import AlarmSettings
from pipelines.store.local import Local
from tests.alarms.conftest import at

SECRET = "s3cr3ts3cr3t"


def message(title):
    return Message(title, "正文", True, (title,))


@pytest.fixture
def send(monkeypatch):
    """Stands for sending: addresses in `down` fail, the others are noted in `sent`."""

    class Send:
        def __init__(self):
            self.down, self.sent, self.tried = set(), [], []

        def __call__(self, address, title, body, *, is_loud):
            self.tried.append(address)
            if address in self.down:
                return "无法连接，或对方未接受"
            self.sent.append((address, title))
            return ""

    stand_in = Send()
    monkeypatch.setattr("pipelines.alarms.deliver.send", stand_in)
    return stand_in


SETTINGS = AlarmSettings(urls="json://a\n  json://b json://a")
A, B = SETTINGS.addresses


def waiting(home):
    return [json.loads(p.read_text("utf-8")) for p in sorted((home / "alarms" / "unsent").glob("*.json"))]


def test_only_the_address_that_missed_it_gets_it_later_and_first(tmp_path, send):
    send.down = {B}
    assert not deliver(message("M1"), Local(tmp_path), SETTINGS, at(2))
    send.down = set()
    assert deliver(message("M2"), Local(tmp_path), SETTINGS, at(3))
    again = "M1（补发，原定 2021-01-01 02:00）"
    assert send.sent == [(A, "M1"), (B, again), (A, "M2"), (B, "M2")]
    assert waiting(tmp_path) == []


def test_silence_sends_what_waits_too(tmp_path, send):
    send.down = {A}
    deliver(message("M1"), Local(tmp_path), SETTINGS, at(2))
    send.down = set()
    deliver(None, Local(tmp_path), SETTINGS, at(3))
    assert len(send.sent) == 2 and waiting(tmp_path) == []


def test_an_address_that_is_down_is_tried_once(tmp_path, send):
    send.down = {B}
    for hour in (2, 3, 4):
        send.tried.clear()
        deliver(message(f"M{hour}"), Local(tmp_path), SETTINGS, at(hour))
        assert send.tried.count(B) == 1
    assert [kept["title"] for kept in waiting(tmp_path)] == ["M2", "M3", "M4"]


def test_the_last_twenty_are_kept(tmp_path, send):
    send.down = {A, B}
    for minute in range(25):
        deliver(message(f"M{minute}"), Local(tmp_path), SETTINGS, at(2, minute=minute))
    assert [kept["title"] for kept in waiting(tmp_path)] == [f"M{minute}" for minute in range(5, 25)]


def test_an_address_taken_out_of_the_settings_is_owed_nothing(tmp_path, send):
    send.down = {B}
    deliver(message("M1"), Local(tmp_path), SETTINGS, at(2))
    deliver(None, Local(tmp_path), AlarmSettings(urls=A), at(3))
    assert waiting(tmp_path) == []


def test_a_file_that_cannot_be_read_does_not_block_the_rest(tmp_path, send, caplog):
    (tmp_path / "alarms" / "unsent").mkdir(parents=True)
    (tmp_path / "alarms" / "unsent" / "0.json").write_text("{", "utf-8")
    deliver(message("M1"), Local(tmp_path), SETTINGS, at(2))
    assert send.sent == [(A, "M1"), (B, "M1")] and "无法读取" in caplog.text


def test_a_home_that_cannot_be_written_stops_nothing(tmp_path, send, caplog):
    (tmp_path / "alarms").write_text("not a folder", "utf-8")
    send.down = {B}
    assert not deliver(message("M1"), Local(tmp_path), SETTINGS, at(2))
    assert send.sent == [(A, "M1")] and "未能送达或保存" in caplog.text


def test_neither_log_nor_disk_holds_a_secret(tmp_path, caplog):
    settings = AlarmSettings(urls=f"json://user:{SECRET}@127.0.0.1:1/x {SECRET}")
    with caplog.at_level(logging.DEBUG):
        deliver(message("M1"), Local(tmp_path), settings, at(2))
    kept = "".join(p.read_text("utf-8") for p in tmp_path.rglob("*.json"))
    assert "第 1 个地址（json）未送达" in caplog.text and "第 2 个地址（地址无法识别）" in caplog.text
    assert SECRET not in caplog.text + kept + repr(settings)
