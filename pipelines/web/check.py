"""What the night would say of a file that is about to be sent: asked of a process of its own, whose memory goes with it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipelines.errors import VbpError, conceal, describe
from pipelines.settings import Settings
from pipelines.store.places import open_store
from pipelines.store.private import privately
from pipelines.store.store import Store

_PATIENCE = 900
_TURN = 60
_TOLD = 12
"""So many kinds of problems are told; the workbook has them all."""
_ALL_THE_SAME = "可以直接报送，由夜间检查"
_two_at_a_time = threading.BoundedSemaphore(2)


class CheckFailedError(VbpError):
    """The check itself came to nothing; the file may be sent all the same."""


def check_file(settings: Settings, place: Path, dataset: str) -> dict[str, Any]:
    """What would become of a file of a dataset: `read`, `accepted`, `rejected`, `duplicate` (rows), `refused` (why it would be as
    a whole, else ''), `notes`, `reasons` ({message, rows}), `workbook` ({name, content in base64}; None without a row to mend).

    Two are checked at a time, others wait for a minute. CheckFailedError where the check came to no end, or took too long.
    """
    home = settings.home
    command = [sys.executable, "-m", "pipelines.web.check", str(place), dataset, str(home) if _is_begun(home) else ""]
    if not _two_at_a_time.acquire(timeout=_TURN):
        raise CheckFailedError(f"正在检查别的文件，请稍后再试；{_ALL_THE_SAME}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise CheckFailedError(f"检查超过 {_PATIENCE // 60} 分钟没有结束；{_ALL_THE_SAME}") from error
    finally:
        _two_at_a_time.release()
    said = done.stdout.strip().rpartition("\n")[2]
    if done.returncode != 0 or not said:
        told = conceal(done.stderr.strip().rpartition("\n")[2])[:300]
        raise CheckFailedError(f"检查没有完成（{told or f'进程以 {done.returncode} 结束'}）；{_ALL_THE_SAME}")
    return dict(json.loads(said))


def _is_begun(home: Store) -> bool:
    """Whether a night has been there: before the first, nothing is on record that rows could refer to."""
    return bool(home.folders("batches"))


def _answer(place: Path, dataset: str, home: Store | None) -> dict[str, Any]:
    """What the process of its own says."""
    from pipelines.senders.check import check_files

    with TemporaryDirectory(prefix="vbp-web-mend-") as mend:
        checked = check_files([place], dataset, home, to=Path(mend))
        book = next(iter(checked.workbooks), None)
        content = base64.b64encode(book.read_bytes()).decode() if book else ""
    reasons = Counter(reason["message_zh"] for row in checked.rejected["reasons"].to_list() for reason in row)
    (file,) = checked.files
    told = ["相同内容夜间已经收过，再报送也会跳过"] if file.status == "skipped" else []
    told += ["此名称的文件夜间不读取"] if file.status == "waiting" else []
    told += ["尚无夜间运行过的数据目录，引用的机构、产品等没有核对"] if not checked.has_home else []
    told += [f"没有识别的列：{'、'.join(file.unknown_columns)}"] if file.unknown_columns else []
    return {
        "read": file.rows_read,
        "accepted": file.rows_accepted,
        "rejected": file.rows_rejected,
        "duplicate": file.rows_duplicate,
        "refused": _as_named(file.message, place) if file.status == "failed" else "",
        "notes": [_as_named(note, place) for note in (*told, *file.remarks) if note],
        "reasons": [{"message": message, "rows": rows} for message, rows in reasons.most_common(_TOLD)],
        "workbook": {"name": f"退回整改表_{place.stem}.xlsx", "content": content} if content else None,
    }


def _as_named(message: str, place: Path) -> str:
    return message.replace(str(place), place.name)


def main() -> int:
    """The process of its own: path, dataset, home ('' for none) → a line of JSON."""
    os.nice(10)  # the night, and Airflow, come first
    with suppress(OSError):  # and where memory is short, this process goes
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    place, dataset, home = sys.argv[1:]
    try:
        with privately():
            print(json.dumps(_answer(Path(place), dataset, open_store(home) if home else None), ensure_ascii=False))
    except Exception as error:
        print(_as_named(describe(error), Path(place)), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
