"""Read a file in a child process with limits, so that none can end the night or take the machine's memory."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from io import BytesIO
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.readers.grid import Grid
from pipelines.settings import Settings

_ROOT = str(Path(__file__).parents[3])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from pipelines.ingest.readers.child import serve; serve(int(sys.argv[2]))"
)
_MIB = 2**20
_MEMORY_PER_BYTE, _BYTES_PER_SECOND = 64, _MIB // 4
_WALL_PER_CPU = 5
_LARGE = 16 * _MIB
_NAMES = {"parquet": "Parquet 文件", "html": "网页表格", "spreadsheetml": "XML 表格", "json": "JSON 文件"}
_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT}


def read_grids(path: Path, kind: str, dataset: str = "") -> list[Grid]:
    """The grids of a file of that kind (see `child.READERS`); what a json file holds is told by names of the `dataset`.

    Raises FileRefusedError, naming the file and what to do, for one that is damaged, and for one whose reader died or asked for
    more memory or time than the settings allow a file of its size (`reader_memory_mib`, `reader_seconds`: at least;
    both grow with it).
    """
    settings, size = Settings(), path.stat().st_size
    memory = settings.reader_memory_mib * _MIB + _MEMORY_PER_BYTE * size
    seconds = settings.reader_seconds + size // _BYTES_PER_SECOND
    request = {"path": str(path.absolute()), "kind": kind, "memory": memory, "seconds": seconds, "dataset": dataset}
    try:
        return _SHARED.read(request, is_large=size > _LARGE)
    except _DiedError as death:
        raise FileRefusedError(death.code, f"{path.name}：{death.tell(memory, seconds)}") from None
    except FileRefusedError as error:
        raise FileRefusedError(error.code, f"{path.name}：{str(error).removeprefix(f'{path.name}：')}") from None


class _DiedError(Exception):
    """The child ended while it read: of what, and what that means to whoever sent the file."""

    def __init__(self, status: int, is_late: bool = False) -> None:
        super().__init__(status)
        self._is_late = is_late or status == -signal.SIGXCPU
        self.is_from_outside = not self._is_late and -status in _FROM_OUTSIDE
        self.code = "too_slow" if self._is_late else "unreadable_file"

    def tell(self, memory: int, seconds: int) -> str:
        """In Chinese, with what to do."""
        if self._is_late:
            return (
                f"读取超过 {seconds} 秒仍未完成，已放弃（文件可能已损坏）；请重新导出，数据量大时请拆分或改用 csv"
                "（上限见 VBP_READER_SECONDS）"
            )
        return (
            f"读取程序异常中止：文件已损坏，或读取所需内存超过 {memory // _MIB:,} MiB（例如有单元格远离其余数据）；"
            "请重新导出，数据量大时请拆分或改用 csv（上限见 VBP_READER_MEMORY_MIB）"
        )


class _Child:
    """A child process and the connection to it."""

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        quiet = {"RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2", "POLARS_MAX_THREADS": "2"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, _ROOT, str(theirs.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=os.environ | quiet,
            start_new_session=True,
        )
        theirs.close()

    def is_alive(self) -> bool:
        """Whether it can take a request."""
        return self._process.poll() is None

    def read(self, request: dict[str, Any]) -> list[Grid]:
        """Answer a request; _DiedError when the child ends meanwhile."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(request["seconds"] * _WALL_PER_CPU, give_up)
        timer.start()
        try:
            self._connection.send_bytes(json.dumps(request).encode())
            grids, end = self._receive()
        except (EOFError, OSError):
            raise _DiedError(self._process.wait(), late.is_set()) from None
        finally:
            timer.cancel()
        if end.get("is_panic"):  # what a panic left behind is not to be trusted
            self.close()
        if "refused" in end:
            raise FileRefusedError(end["refused"], end["message"])
        if "error" in end:
            first = next(iter(end["error"].splitlines()), "")
            name = _NAMES.get(request["kind"], f"{request['kind']} 工作簿")
            raise FileRefusedError("unreadable_file", f"不是可读取的 {name}（可能被截断或改名），请重新导出；{first}")
        return grids

    def _receive(self) -> tuple[list[Grid], dict[str, Any]]:
        """The grids, and how the answer ended."""
        grids: list[Grid] = []
        pieces: list[pl.DataFrame] = []
        while True:
            message = self._connection.recv_bytes()
            if not message.startswith(b"{"):
                pieces.append(pl.read_ipc_stream(BytesIO(message)))
                continue
            about = json.loads(message)
            if "name" not in about:
                return grids, about
            has_numbers = about.pop("has_numbers")
            numbers = pl.read_ipc_stream(BytesIO(self._connection.recv_bytes())) if has_numbers else None
            unreadable = {int(column): why for column, why in about.pop("unreadable").items()}
            cells = pl.concat(pieces) if pieces else pl.DataFrame(schema={"_line": pl.Int64})
            grids.append(Grid(cells=cells, numbers=numbers, unreadable=unreadable, **about))
            pieces = []

    def close(self) -> None:
        """End the child."""
        self._process.kill()
        self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Let go of a child that is not ours: this process is a copy of the one that started it."""
        self._connection.close()
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        self._process.returncode = self._process.returncode or 0  # or it complains of a child that still runs


class _Shared:
    """The one child of this process, started when it is first needed and used for file after file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def read(self, request: dict[str, Any], *, is_large: bool) -> list[Grid]:
        """Answer a request; once more where somebody else ended the child."""
        with self._lock:
            try:
                return self._read_once(request)
            except _DiedError as death:
                if not death.is_from_outside:
                    raise
                return self._read_once(request)
            finally:
                if is_large:  # its memory goes back to the system
                    self.close()

    def _read_once(self, request: dict[str, Any]) -> list[Grid]:
        if self._child is None or not self._child.is_alive():
            self.close()
            self._child = _Child()
        try:
            return self._child.read(request)
        except FileRefusedError:
            raise
        except BaseException:  # an answer half read is no beginning for the next
            self.close()
            raise

    def close(self) -> None:
        """End the child if there is one."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def forget(self) -> None:
        """In a forked copy of the process: the child is the original's."""
        if self._child is not None:
            self._child.forget()
        self.__init__()  # type: ignore[misc]


_SHARED = _Shared()
atexit.register(_SHARED.close)
os.register_at_fork(after_in_child=_SHARED.forget)
