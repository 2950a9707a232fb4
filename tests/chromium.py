"""Pages in headless Chromium: open one from disk, press and read what stands there, hear what it complains about.

Chromium is spoken to over a pair of pipes (`--remote-debugging-pipe`), so that no port and no library is needed.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_FLAGS = (
    "--headless",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_COMPLAINTS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening")
_PATIENCE = 60
# Chromium wants the pipes as descriptors 3 and 4; a process in between moves them there, forking no threads.
_MOVE_PIPES = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"


@contextmanager
def open_chromium(profile: Path) -> Iterator[Chromium]:
    """A browser that keeps its profile in an empty folder; the test is skipped where there is none on PATH."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on PATH: pages are not opened in a browser (Debian: package chromium)")
    (read_there, write_here), (read_here, write_there) = _pipe(), _pipe()
    launch = [sys.executable, "-c", _MOVE_PIPES, str(read_there), str(write_there)]
    process = subprocess.Popen(
        [*launch, program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(read_there, write_there),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for descriptor in (read_there, write_there):
        os.close(descriptor)
    try:
        browser = Chromium(read_here, write_here)
        yield browser
        browser.send("Browser.close")
        process.wait(timeout=_PATIENCE)
    finally:
        process.kill()
        process.wait()
        for descriptor in (read_here, write_here):
            os.close(descriptor)


def _pipe() -> tuple[int, int]:
    """A pipe with descriptors beyond those that Chromium expects."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class Chromium:
    """A running browser."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write, self._rest, self._calls = read, write, b"", 0
        self.heard: list[dict[str, Any]] = []

    def open(self, page: Path) -> Page:
        """Open a file in a new tab and wait until it is loaded."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Page(self, session)
        for domain in ("Runtime", "Log", "Network", "Page"):
            tab.send(f"{domain}.enable")
        tab.load(page.resolve().as_uri())
        return tab

    def send(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; AssertionError where it fails. Events that arrive meanwhile are `heard`."""
        self._calls += 1
        number = self._calls
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self.hear()).get("id") != number:
            pass
        assert "error" not in answer, f"{method}: {answer.get('error')}"
        result: dict[str, Any] = answer.get("result", {})
        return result

    def hear(self) -> dict[str, Any]:
        """The next message of the browser; TimeoutError when it stays silent for a minute."""
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            if not select.select([self._read], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("chromium does not answer")
            received = os.read(self._read, 1 << 16)
            if not received:
                raise EOFError("chromium has ended")
            self._rest += received
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self.heard.append(message)
        return message


class Page:
    """A tab: what it shows, what it asked for, and what it complained of."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self._browser, self._session = browser, session

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol in this tab."""
        return self._browser.send(method, self._session, **params)

    def load(self, address: str) -> None:
        """Go to an address and wait for its load event."""
        before = len(self._events("Page.loadEventFired"))
        self.send("Page.navigate", url=address)
        while len(self._events("Page.loadEventFired")) == before:
            self._browser.hear()

    def evaluate(self, script: str) -> Any:
        """The value of a script; AssertionError where it throws."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def text(self, selector: str) -> str:
        """What is to be read at a place, as shown in the language of the moment."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def texts(self, selector: str) -> list[str]:
        """What is to be read at each of several places."""
        return list(self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.innerText)"))

    def click(self, selector: str) -> None:
        """Press what stands at a place."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """Exceptions, console messages, blocked or failed resources, and dialogs since the tab was opened."""
        return [params for method in _COMPLAINTS for params in self._events(method)]

    @property
    def requests(self) -> list[str]:
        """Every address the page asked for."""
        return [params["request"]["url"] for params in self._events("Network.requestWillBeSent")]

    def _events(self, method: str) -> list[dict[str, Any]]:
        own = (m for m in self._browser.heard if m.get("sessionId") == self._session)
        return [message["params"] for message in own if message["method"] == method]
