"""What lies in the landing zone, links followed; where a folder of a dataset cannot be read, nothing is."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import UsageError, printable, why

_KINDS = {stat.S_IFIFO: "命名管道", stat.S_IFSOCK: "套接字", stat.S_IFCHR: "设备", stat.S_IFBLK: "设备"}
_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


@dataclass(frozen=True)
class Found:
    """Something with the name of a file: its path below the landing zone, with escapes where that is no UTF-8, its place,
    and why it is not read (Chinese, with the remedy; empty for a file).
    """

    path: str
    place: Path
    problem: str = ""


def walk(landing: Path, roots: Sequence[Path], datasets: Collection[str], suffixes: Collection[str]) -> list[Found]:
    """Whatever below `landing` has the name of a file, in the order of the relative paths.

    Links to folders are followed, each folder once in a dataset, so that loops end and a file is found where it lies and
    not a second time through a link. What leads out of the landing zone is read below one of `roots` only. UsageError
    for a folder of `datasets` that cannot be read or leads elsewhere: it would count as empty. A folder that is called
    like a file (`suffixes`) is told as well as read.
    """
    allowed = [_real(folder) for folder in (landing, *roots)]
    found = list(_Walk(landing, allowed, datasets, suffixes).find())
    return sorted(found, key=lambda f: f.place.relative_to(landing).as_posix())


@dataclass
class _Walk:
    landing: Path
    allowed: list[Path]
    datasets: Collection[str]
    suffixes: Collection[str]
    links: list[Path] = field(default_factory=list)
    """Folders that links lead to: they are read after all that lies here itself."""
    known: set[tuple[str, int, int]] = field(default_factory=set)

    def find(self) -> Iterator[Found]:
        folders = [self.landing]
        while folders or self.links:
            folder = folders.pop() if folders else self.links.pop(0)
            try:
                entries = self._list(folder)
            except OSError as error:
                remedy = "恢复运行用户读取并进入该目录的权限"
                yield self._tell(folder, self._refuse(folder, f"无法读取（{why(error)}）", remedy))
                continue
            for entry in entries:
                path = Path(entry.path)
                is_folder, problem = self._look(entry, path)
                if is_folder:
                    (self.links if entry.is_symlink() else folders).append(path)
                if problem or not is_folder:
                    yield self._tell(path, problem)

    def _list(self, folder: Path) -> list[os.DirEntry[str]]:
        """The entries of a folder; none where it was read in this dataset already, or leads back to where it stands."""
        if folder.is_symlink() and _real(folder.parent).is_relative_to(_real(folder)):
            if folder.parent == self.landing:
                self._refuse(folder, "是指回数据目录自身的链接", "放入目录本身")
            return []
        info = folder.stat()
        known = ("".join(folder.relative_to(self.landing).parts[:1]), info.st_dev, info.st_ino)
        if known in self.known:
            return []
        self.known.add(known)
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)

    def _look(self, entry: os.DirEntry[str], path: Path) -> tuple[bool, str]:
        """Whether an entry is a folder to be read, and what there is to be told of it."""
        try:
            mode = entry.stat().st_mode
        except OSError as error:
            return False, self._tell_unread(entry, path, error)
        is_folder, has_suffix = stat.S_ISDIR(mode), path.suffix.lower() in self.suffixes
        if entry.is_symlink() and not any(_real(path).is_relative_to(root) for root in self.allowed):
            told = f"是指向数据目录之外（{printable(str(_real(path)))}）的链接"
            remedy = "，或把它指向的目录加入环境变量 VBP_LANDING_ROOTS"
            if is_folder:
                return False, self._refuse(path, told, f"放入目录本身{remedy}")
            return False, f"{told}，没有读取；请放入文件本身{remedy}"
        if is_folder:
            return True, "这是文件夹，不是文件；其中的文件照常读取，请给文件夹改名" if has_suffix else ""
        if not stat.S_ISREG(mode):
            kind = _KINDS.get(stat.S_IFMT(mode), "特殊文件")
            return False, f"这是{kind}，不是普通文件，没有读取；请移走，放入文件本身"
        return False, _find_problem(path.relative_to(self.landing))

    def _tell_unread(self, entry: os.DirEntry[str], path: Path, error: OSError) -> str:
        if not entry.is_symlink():
            return f"无法读取（{why(error)}）；请检查权限与磁盘"
        may_be_folder = error.errno not in _NOWHERE and path.suffix.lower() not in self.suffixes
        if may_be_folder or (path.parent == self.landing and path.name in self.datasets):
            return self._refuse(path, f"是一个链接，它指向的位置读不到（{why(error)}）", "恢复它指向的目录")
        return f"是一个链接，它指向的位置读不到（{why(error)}）；请放入文件本身"

    def _refuse(self, folder: Path, told: str, remedy: str) -> str:
        """UsageError for a folder of a dataset; of any other nothing would be taken in anyway."""
        relative = folder.relative_to(self.landing)
        if relative.parts and relative.parts[0] not in self.datasets:
            return f"目录{told}，也不属于任何数据集"
        raise UsageError(
            f"目录 {printable(str(folder))} {told}，其中的文件会全部漏收，因此没有运行；请{remedy}，或把它移出数据目录"
        )

    def _tell(self, path: Path, problem: str) -> Found:
        relative = path.relative_to(self.landing)
        return Found(printable(str(relative)) if _is_foreign(relative) else str(relative), path, problem)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _is_foreign(relative: Path) -> bool:
    """Whether a name is no UTF-8: it fits into no table, no page and no terminal."""
    return any("\udc80" <= c <= "\udcff" for c in str(relative))


def _find_problem(relative: Path) -> str:
    if not _is_foreign(relative):
        return ""
    guess = printable(os.fsencode(relative).decode("gb18030", errors="replace"))
    return f"文件名或目录名不是 UTF-8 编码（按 GBK 读作“{guess}”），没有读取；请改名后重新放入"
