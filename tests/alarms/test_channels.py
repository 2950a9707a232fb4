"""Mail, plain HTTP, DingTalk and WeCom: sent through apprise to receivers on this machine."""

import logging

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot

from pipelines.alarms.send import send
from pipelines.alarms.settings import AlarmSettings
from pipelines.alarms.try_out import try_out

TITLE, BODY = "【带量采购监测】被扣留", "运行：R1\n  · rule:x:key:y <b>&"
SECRET = "s3cr3ts3cr3t"


def test_a_mail_arrives_as_plain_text(mail):
    address = f"mailto://127.0.0.1:{mail.port}?from=vbp@example.org&to=owner@example.org"
    assert send(address, TITLE, BODY, is_loud=True) == ""
    [(subject, text)] = mail.received
    assert (subject, text.splitlines()) == (TITLE, BODY.splitlines())


@pytest.fixture
def robots(http, monkeypatch):
    """Both robots with their hosts on this machine."""
    here = f"http://127.0.0.1:{http.port}"
    monkeypatch.setattr(NotifyDingTalk, "notify_url", here + "/ding?access_token={token}")
    monkeypatch.setattr(NotifyWeComBot, "notify_url", here + "/wecom?key={key}")
    return http


def test_wecom(robots):
    assert send(f"wecombot://{SECRET}", TITLE, BODY, is_loud=True) == ""
    content = {"msgtype": "text", "text": {"content": f"{TITLE}\n{BODY}"}}
    assert robots.received == [(f"/wecom?key={SECRET}", content)]


def test_dingtalk_signs_and_calls_by_name(robots):
    assert send(f"dingtalk://{SECRET}@abc123/13800000000", TITLE, BODY, is_loud=True) == ""
    [(path, content)] = robots.received
    assert path.startswith("/ding?access_token=abc123&timestamp=") and "&sign=" in path
    assert content["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}
    assert content["text"] == {"content": f"{TITLE}\n{BODY}"}


@pytest.mark.parametrize("address", [f"wecombot://{SECRET}", f"dingtalk://{SECRET}"])
def test_a_robot_that_refuses_with_status_200_has_not_taken_the_message(robots, address):
    robots.errcode = 310000
    assert send(address, TITLE, BODY, is_loud=True) == "机器人拒收，errcode 310000"


@pytest.mark.parametrize(
    "address",
    [
        f"json://user:{SECRET}@127.0.0.1:1/{SECRET}",
        f"mailto://user:{SECRET}@127.0.0.1:1?to=owner@example.org",
        f"wecombot://{SECRET}?cto=0.01",
        f"dingtalk://{SECRET}!/",
        f"nothing://{SECRET}",
        SECRET,
    ],
)
def test_no_secret_gets_out_when_sending_fails(address, monkeypatch, caplog, capfd):
    monkeypatch.setattr(NotifyWeComBot, "notify_url", "http://127.0.0.1:1/wecom?key={key}")
    with caplog.at_level(logging.DEBUG):
        reason = send(address, TITLE, BODY, is_loud=True)
    assert reason
    assert SECRET not in reason + caplog.text + "".join(capfd.readouterr())


def test_every_address_is_tried_out(http):
    settings = AlarmSettings(urls=f"json://127.0.0.1:{http.port}/ json://127.0.0.1:1/", owner="张三")
    assert try_out(settings) == [("第 1 个地址（json）", ""), ("第 2 个地址（json）", "无法连接，或对方未接受")]
    assert "张三" in http.received[0][1]["message"]
