"""DingTalk and WeCom robots, which answer 200 to a message they refuse and say so only in `errcode`.

A wrong key, a missing keyword, too many messages a minute: apprise takes all of them for sent. So what it
makes of the address (token, signature, telephone numbers) is kept, and the answer is read here.
"""

from __future__ import annotations

from typing import Any

_ENOUGH = 200


def is_robot(server: Any) -> bool:
    """Whether an apprise server object is one of the two."""
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.wecombot import NotifyWeComBot

    return isinstance(server, NotifyDingTalk | NotifyWeComBot)


def post_to_robot(server: Any, text: str) -> str:
    """Post a plain text; return '' when the robot took it, else the number of its error."""
    import requests

    url, parameters, at = _read_server(server)
    answer = requests.post(
        url,
        params=parameters,
        json={"msgtype": "text", "text": {"content": text}, **at},
        verify=server.verify_certificate,
        timeout=server.request_timeout,
        allow_redirects=False,
    )
    if answer.status_code != _ENOUGH:
        return f"HTTP {answer.status_code}"
    code = answer.json().get("errcode")
    return "" if code == 0 else f"机器人拒收，errcode {code}"


def _read_server(server: Any) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Address, signature, and whom to call by name."""
    if hasattr(server, "api_url"):  # WeCom: the key stands in it
        return server.api_url, {}, {}
    signed = dict(zip(("timestamp", "sign"), server.get_signature(), strict=True)) if server.secret else {}
    at = {"at": {"atMobiles": server.targets, "isAtAll": False}}
    return server.notify_url.format(token=server.token), signed, at
