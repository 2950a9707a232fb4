"""The printed bulletin: its page of all sections as a PDF, by a headless Chromium where there is one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PATIENCE = 180
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-dev-shm-usage", "--no-first-run", "--no-pdf-header-footer", "--disable-sync",
)  # fmt: skip


def print_page(page: Path, target: Path, chromium: Path | None = None) -> str:
    """Print a page into a PDF, with its fonts embedded; return what is to be said where that could not be done (Chinese,
    empty where it was).

    The program is `chromium`, else the first of `PROGRAMS` on PATH.
    """
    target.unlink(missing_ok=True)
    program = chromium or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        return (
            "没有生成 PDF：找不到 Chromium。请安装 chromium 与中文字体（Debian：apt-get install chromium fonts-noto-cjk），"
            "或用环境变量 VBP_CHROMIUM 指明其路径；网页与工作簿不受影响"
        )
    with tempfile.TemporaryDirectory(prefix="vbp_print_", dir=target.parent) as profile:
        made = Path(profile) / "print.pdf"
        command = [
            program,
            *_FLAGS,
            f"--user-data-dir={profile}/profile",
            f"--print-to-pdf={made}",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"没有生成 PDF：{program} 未能完成（{type(error).__name__}）；网页与工作簿不受影响"
        if not made.exists():
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return f"没有生成 PDF：{program} 退出码 {done.returncode}（{''.join(last)[:200]}）；网页与工作簿不受影响"
        made.replace(target)
    return ""
