"""Chromium prints within its sandbox where it can have one, says so where not, and leaves nothing behind."""

import time
from pathlib import Path

import pytest

from pipelines.reports.bulletin.form import printed
from pipelines.reports.bulletin.form.printed import print_page

PROGRAM = """#!/bin/sh
case " $* " in *" --no-sandbox "*) ;; *) {refuses} ;; esac
for word in "$@"; do case "$word" in
  --print-to-pdf=*) echo made > "${{word#*=}}" ;;
  --user-data-dir=*) mkdir -p "${{word#*=}}"; stat -c %a "$(dirname "${{word#*=}}")" > "{folder}/mode"; (umask 0; sleep 60) & ;;
esac; done
echo "$*" > "{folder}/words"
"""
REFUSES = "echo 'FATAL: No usable sandbox!' >&2; exit 1"


@pytest.fixture
def printing(tmp_path, monkeypatch):
    def start(user, refuses="true"):
        monkeypatch.setattr(printed.os, "geteuid", lambda: user)
        program = tmp_path / "chromium"
        program.write_text(PROGRAM.format(folder=tmp_path, refuses=refuses))
        program.chmod(0o755)
        (tmp_path / "out").mkdir()
        said = print_page(tmp_path / "page.html", tmp_path / "out" / "x.pdf", program)
        return said, (tmp_path / "words").read_text()

    return start


@pytest.mark.parametrize(
    ("user", "refuses", "said", "is_open"),
    [(10001, "true", "", False), (10001, REFUSES, "系统不允许建立沙箱", True), (0, "true", "以 root 运行", True)],
)
def test_the_sandbox_is_used_where_there_is_one(printing, tmp_path, user, refuses, said, is_open):
    told, words = printing(user, refuses)
    assert said in told and bool(told) == is_open
    assert ("--no-sandbox" in words) == is_open
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["x.pdf"]
    assert (tmp_path / "mode").read_text().strip() == "700"


def test_a_browser_that_hangs_goes_with_all_that_it_started(printing, tmp_path, monkeypatch):
    monkeypatch.setattr(printed, "_PATIENCE", 1)
    told, _ = printing(10001, f'sleep 77 & echo $! > "{tmp_path}/child"; echo x > "{tmp_path}/words"; sleep 77')
    assert "没有生成 PDF" in told and not list((tmp_path / "out").iterdir())
    stat = Path("/proc", (tmp_path / "child").read_text().strip(), "stat")
    until = time.monotonic() + 10
    while stat.exists() and stat.read_text().split()[2] not in "ZX":
        assert time.monotonic() < until
