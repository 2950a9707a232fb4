"""A pull: what a source offers and we do not have comes into the landing zone, each object whole, once, and on record."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from pipelines.database.open import migrate
from pipelines.database.open import opened as opened_database
from pipelines.errors import UsageError, VbpError, describe
from pipelines.ingest.hashes import digest_file
from pipelines.settings import Settings
from pipelines.sources import ledger
from pipelines.sources.described import Source
from pipelines.sources.ledger import Had, Line
from pipelines.sources.offer import ChangingError, Offer, Remote, TransientError
from pipelines.sources.opened import Connections, no_connections, opened
from pipelines.sources.place import Incoming, LandingError, Place, next_stamp
from pipelines.store.clock import SHANGHAI
from pipelines.store.private import make_home, privately
from pipelines.store.store import Store

Say = Callable[[str], None]
_MIB = 1 << 20


@dataclass
class Pulled:
    """How a pull ended: objects by what became of them, and why it failed (Chinese; '' where it did not)."""

    source: str
    kind: str
    new: int = 0
    known: int = 0
    waiting: int = 0
    failed: int = 0
    bytes: int = 0
    error: str = ""
    would_take: list[str] = field(default_factory=list)
    """Of a dry run: what would be read."""

    @property
    def seen(self) -> int:
        """All that was offered."""
        return self.new + self.known + self.waiting + self.failed

    @property
    def is_good(self) -> bool:
        """Whether nothing failed."""
        return not self.error


def pull(
    settings: Settings,
    source: Source,
    by: str,
    say: Say,
    *,
    connections: Connections = no_connections,
    again: bool = False,
    dry_run: bool = False,
) -> Pulled:
    """Take what is new of a source into `<landing>/<dataset>/<source>/<pull>/`, and return how it went: a source that fails is
    no error of ours. VbpError where landing zone or ledger cannot be written, or another pull of the source is under way.

    What decides is the content (SHA-256): an object that changed comes as another file, what was had is not taken twice. With
    `again` everything is read anew, whatever its source says of changes, and what the landing zone lacks is put back. With
    `dry_run` nothing is read, and nothing written.
    """
    if not settings.landing.is_dir():
        raise UsageError(f"找不到数据目录 {settings.landing}；请用 --landing 或环境变量 VBP_LANDING 指定")
    with privately():
        make_home(settings.home)
        with opened_database(settings.database_url) as engine, _alone(settings.home, source.id):
            _make_ready(settings.home, engine)
            had = ledger.read_had(engine, source.id)
            done = _Pull(settings, source, engine, had, say, again)
            return done.rehearse(connections) if dry_run else done.perform(connections, by)


@dataclass
class _Pull:
    settings: Settings
    source: Source
    engine: sa.Engine
    had: Had
    say: Say
    again: bool

    def __post_init__(self) -> None:
        self.place = Place(self.settings.landing.resolve(), self.source.id)
        self.came = Pulled(self.source.id, self.source.kind)
        self.stamp = next_stamp(datetime.now(SHANGHAI), self.had.last_pull)
        self.strays: dict[str, str] = {}

    def rehearse(self, connections: Connections) -> Pulled:
        try:
            with self._open(connections) as remote, closing(self._listed(remote)) as offers:
                for offer in offers:
                    if self._is_unchanged(offer):
                        self.came.known += 1
                    elif offer.is_waiting:
                        self.came.waiting += 1
                    else:
                        self.came.new += 1
                        self.came.would_take.append(offer.name)
        except Exception as error:
            self.came.error = describe(error)
        return self.came

    def perform(self, connections: Connections, by: str) -> Pulled:
        ledger.begin(self.engine, self.source.id, self.stamp, self.source.kind, by)
        try:
            self._adopt_strays()
            with self._open(connections) as remote, closing(self._listed(remote)) as offers:
                for offer in offers:
                    self._take(offer)
        except (LandingError, OSError, sa.exc.SQLAlchemyError) as error:  # ours: the disk, the ledger
            self._finish(describe(error))
            raise
        except Exception as error:
            self.came.error = describe(error)
        self._finish(self.came.error)
        return self.came

    def _open(self, connections: Connections) -> AbstractContextManager[Remote]:
        return opened(self.source, connections, "" if self.again else self.had.watermark, self.settings.settle_seconds)

    def _listed(self, remote: Remote) -> Generator[Offer]:
        """The offers of a source, in their order; asking for them is tried again as reading is."""
        for attempt in self._attempts():
            with attempt:
                offers = remote.offers()
                first = next(offers, None)
        with closing(offers):
            if first is not None:
                yield first
                yield from offers

    def _attempts(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(self.source.attempts),
            wait=wait_exponential(multiplier=self.source.retry_seconds, max=60),
            retry=retry_if_exception_type(TransientError),
            reraise=True,
        )

    def _is_unchanged(self, offer: Offer) -> bool:
        """Whether an object need not be read: its source says of it what it said when we read it, long enough after."""
        last = self.had.last.get(offer.name)
        if self.again or last is None or last.status == "reverted" or not offer.mark or offer.settles_at is None:
            return False
        return bool(last.mark == offer.mark and datetime.fromisoformat(last.read_at) >= offer.settles_at)

    def _take(self, offer: Offer) -> None:
        if self._is_unchanged(offer):
            self.came.known += 1
        elif offer.is_waiting:
            self._note(offer, "waiting", error="刚刚写入，留待下次")
        else:
            try:
                for attempt in self._attempts():
                    with attempt, self.place.incoming(self.stamp, offer.path, self.source.max_mib * _MIB) as (file, target):
                        offer.read(file.write)
                        self._settle(offer, file, target)
            except ChangingError as error:
                self._note(offer, "waiting", error=str(error))
            except LandingError:
                raise
            except VbpError as error:
                self._note(offer, "failed", error=str(error))

    def _settle(self, offer: Offer, file: Incoming, target: Path) -> None:
        """What is done with a content that was read whole."""
        sha256 = file.sha256
        had, last = self.had.contents.get(sha256), self.had.last.get(offer.name)
        is_there = had is not None and (self.place.landing / had).is_file()
        is_last = last is not None and last.sha256 == sha256
        is_back = not offer.watermark and not self.again and sha256 in self.had.versions.get(offer.name, ())
        if is_back and not (is_last and last is not None and last.status != "reverted"):
            error = f"内容退回到以前的一版（{had}），接收时会当作已收过；请对方另发一份内容有别的文件（如增删一个空行）"
            self._note(offer, "reverted", file, had, error)
        elif had is not None and (is_there or not self.again):
            self._note(offer, "known", file, had)
        elif sha256 in self.strays:
            self._note(offer, "landed", file, self.strays.pop(sha256))
        else:
            self._note(offer, "landed", file, self.place.keep(file, target))

    def _note(
        self, offer: Offer, status: str, file: Incoming | None = None, path: str | None = None, error: str | None = None
    ) -> None:
        """Enter what became of an object, and count it."""
        line = Line(self.source.id, offer.name, self.stamp, status, path=path, error=error)
        if file:
            read: dict[str, Any] = {
                "sha256": file.sha256,
                "bytes": file.size,
                "mark": offer.mark or None,
                "watermark": offer.watermark or None,
            }
            line = replace(line, **read)
        ledger.note(self.engine, line)
        came = self.came
        match status:
            case "landed":
                came.new, came.bytes = came.new + 1, came.bytes + (line.bytes or 0)
                self.say(f"{self.source.id}：取得 {offer.name}（{line.bytes} 字节）")
            case "known":
                came.known += 1
            case "waiting":
                came.waiting += 1
            case _:
                came.failed += 1
                came.error = came.error or f"{offer.name}：{error}"
        if file:
            self.had.last[offer.name] = line
            self.had.versions.setdefault(offer.name, set()).add(file.sha256)
            self.had.contents.setdefault(file.sha256, path or "")

    def _adopt_strays(self) -> None:
        """Find the files of pulls that were killed before they could enter them: their content is not taken a second time."""
        self.place.clear_halves()
        paths = [path for stamp in self.had.broken for path in self.place.files_of(stamp) if path not in self.had.paths]
        self.strays = {digest_file(self.place.landing / path): path for path in paths}

    def _finish(self, error: str) -> None:
        came = self.came
        if came.failed > 1:
            error = f"{error}（共 {came.failed} 个对象未取得）"
            came.error = error
        counts = {"new": came.new, "known": came.known, "waiting": came.waiting, "failed": came.failed, "seen": came.seen}
        columns = {f"objects_{name}": n for name, n in counts.items()}
        status = "failed" if error else "done"
        ledger.finish(self.engine, self.source.id, self.stamp, status=status, bytes=came.bytes, error=error or None, **columns)


def _make_ready(home: Store, engine: sa.Engine) -> None:
    """Make the ledger where it is not there yet; one process at a time."""
    with home.hold("pulls/ledger.lock", wait=True):
        try:
            is_there = sa.inspect(engine).has_table("pulled_objects")
        except sa.exc.OperationalError:  # the file of an embedded database
            is_there = False
        if not is_there:
            migrate(engine)


@contextmanager
def _alone(home: Store, source: str) -> Iterator[None]:
    """Hold a source; VbpError where another process does."""
    try:
        with home.hold(f"pulls/{source.replace('/', '.')}.lock"):
            yield
    except BlockingIOError as error:
        raise VbpError(f"来源 {source} 正由另一个进程拉取；请等它结束后再试") from error
