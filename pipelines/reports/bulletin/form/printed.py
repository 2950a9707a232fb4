"""The printed bulletin: its page of all sections as a PDF, by a headless Chromium where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PATIENCE = 180
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--disable-sync",
    "--disable-extensions",
)
_OPEN = "打印版由没有沙箱的 Chromium 打印（{}）；所印的只是本机写出的网页"


def print_page(page: Path, target: Path, chromium: Path | None = None) -> str:
    """Print a page into a PDF, with its fonts embedded; return what is to be said of it (Chinese): why there is none, or
    that Chromium ran without its sandbox, which it cannot have as root, nor where the kernel allows none.

    The program is `chromium`, else the first of `PROGRAMS` on PATH. Its profile is private and goes with it.
    """
    target.unlink(missing_ok=True)
    program = chromium or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        return (
            "没有生成 PDF：找不到 Chromium。请安装 chromium 与中文字体（Debian：apt-get install chromium fonts-noto-cjk），"
            "或用环境变量 VBP_CHROMIUM 指明其路径；网页与工作簿不受影响"
        )
    if os.geteuid() == 0:
        return _print(program, page, target, "--no-sandbox") or _OPEN.format("以 root 运行；请改用普通用户")
    said = _print(program, page, target)
    if "sandbox" in said.lower():
        said = _print(program, page, target, "--no-sandbox") or _OPEN.format("系统不允许建立沙箱")
    return said


def _print(program: Path | str, page: Path, target: Path, *more: str) -> str:
    with tempfile.TemporaryDirectory(prefix="vbp_print_", dir=target.parent, ignore_cleanup_errors=True) as profile:
        made = Path(profile) / "print.pdf"
        places = (f"--user-data-dir={profile}/profile", f"--print-to-pdf={made}")
        try:
            status, told = _run([str(program), *_FLAGS, *more, *places, page.resolve().as_uri()], Path(profile) / "log")
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"没有生成 PDF：{program} 未能完成（{type(error).__name__}）；网页与工作簿不受影响"
        if not made.exists():
            last = next((line for line in told if "sandbox" in line.lower()), "".join(told[-1:]))
            return f"没有生成 PDF：{program} 退出码 {status}（{last[:200]}）；网页与工作簿不受影响"
        made.replace(target)
    return ""


def _run(command: list[str], log: Path) -> tuple[int, list[str]]:
    """Exit status and error lines of a program; it and all that it started end with it."""
    with (
        log.open("wb") as told,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told, start_new_session=True) as process,
    ):
        try:
            process.wait(_PATIENCE)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, log.read_text(errors="replace").strip().splitlines()
