"""The upload page in a browser: choose, see what the night would say, send, see that it lies there."""

import json
import threading
import time
from contextlib import contextmanager

import uvicorn

from tests.chromium import open_chromium
from tests.reports.explained_nights import HEADS, Night, delivery
from tests.web.visitor import Visitor


@contextmanager
def served(application):
    """The address at which an application answers meanwhile."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def choose(sender):
    """What a script does to write a sender into the form."""
    return f"s = document.getElementById('sender'); s.value = '{sender}'; s.dispatchEvent(new Event('change'))"


def wait(page, script):
    """The value of a script once it has one."""
    until = time.monotonic() + 60
    while not (value := page.evaluate(script)):
        assert time.monotonic() < until, page.text("main")
        time.sleep(0.05)
    return value


def test_a_clerk_checks_and_sends_a_file(tmp_path):
    night = Night(tmp_path)
    night.run(deliveries=[delivery("D", "2020-02-01")])
    (night.landing / "deliveries" / "cixi").mkdir()
    visitor = Visitor(night.home, night.landing)
    rows = [HEADS["deliveries"], delivery("GOOD", "2020-03-01"), delivery("BAD", "2020-02-30")]
    (tmp_path / "发货 明细.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "notes.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    before = visitor.landed()
    with served(visitor.application) as address, open_chromium(tmp_path / "profile") as browser:
        (tmp_path / "blank.html").write_text("<p></p>", encoding="utf-8")
        page = browser.open(tmp_path / "blank.html")
        page.send("Network.setCookie", name="who", value="zhangsan", url=address)
        page.load(f"{address}/upload?dataset=deliveries")
        assert page.evaluate("[...document.querySelectorAll('#senders option')].map(o => o.value).join()") == "cixi"
        at = page.send("DOM.getDocument")["root"]["nodeId"]
        picker = page.send("DOM.querySelector", nodeId=at, selector="#files")["nodeId"]
        page.send("DOM.setFileInputFiles", nodeId=picker, files=[str(tmp_path / n) for n in ("发货 明细.csv", "notes.csv")])
        wait(page, "document.querySelectorAll('.file').length === 2")
        assert page.texts(".file .state") == ["请先选择数据集和报送单位。"] * 2
        page.evaluate(choose("new"))
        assert page.evaluate("document.getElementById('new-sender').hidden") is False
        page.evaluate(choose("cixi"))
        wait(page, "document.querySelectorAll('.file.warn, .file.bad').length === 2")
        told, refused = page.texts(".file .state")
        assert "会接收 1 / 2" in told and "会拒收 1" in told and refused.startswith("整个文件会被拒收： notes.csv：")
        assert "日期" in page.text(".file .said")
        assert page.evaluate("document.querySelector('.mend').download") == "退回整改表_发货 明细.xlsx"
        assert page.evaluate("[...document.querySelectorAll('.send')].map(b => b.disabled).join()") == "false,true"
        assert visitor.landed() == before
        page.click(".send")
        wait(page, "document.querySelector('.file.good') !== null")
        [landed] = set(visitor.landed()) - set(before)
        assert landed in page.text(".file .state")
        page.load(f"{address}/")
        assert page.evaluate("document.querySelector('#uploads tr[data-state=waiting] .text').innerText") == "发货 明细.csv"
        assert page.complaints == [], json.dumps(page.complaints, ensure_ascii=False)
        assert all(asked.startswith((address, "file:", "data:", "blob:")) for asked in page.requests)
