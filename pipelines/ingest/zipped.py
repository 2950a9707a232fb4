"""The files in a zip, one after the other, within bounds."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from pipelines.errors import FileRefusedError, NoHeaderError
from pipelines.ingest.encoding import decode
from pipelines.ingest.readers.zip_members import check_members
from pipelines.ingest.sheet import Sheet

_IN_UTF8 = 0x800
_HIDDEN = ("__MACOSX", ".", "~$")
_OF_FOLDERS = ("thumbs.db", "desktop.ini")

Read = Callable[[Path], tuple[list[Sheet], str, list[str]]]


def read_zip(path: Path, read: Read) -> tuple[list[Sheet], str, list[str]]:
    """The sheets of all files in a zip, each named by its file (`file` or `file/sheet`), what they are, and remarks.

    Documents, pictures and files without a recognizable header are passed over and told. Raises FileRefusedError for a
    zip that is damaged, encrypted or too large, for a zip within, and where a file in it is refused: then nothing of it
    is read, so that a later one brings all.
    """
    sheets: list[Sheet] = []
    kinds, remarks, headless = set(), [], []
    with _open(path) as container, tempfile.TemporaryDirectory(prefix="vbp_zip_") as folder:
        for name, member in sorted(_files(path, container).items()):
            suffix = Path(name).suffix.lower()
            copy = Path(folder) / f"member.in.zip{suffix if suffix[1:].isalnum() and len(suffix) < 9 else ''}"
            try:
                with container.open(member) as source, copy.open("wb") as target:
                    shutil.copyfileobj(source, target, 2**20)
            except Exception as error:
                raise _damaged(path, error) from error
            where = f"{path.name} 中的 {name}"
            try:
                found, kind, told = read(copy)
            except NoHeaderError:
                headless.append(name)
                continue
            except FileRefusedError as error:
                message = str(error).replace(copy.name, where)
                if error.code != "unsupported_type":
                    raise FileRefusedError(error.code, message) from None
                remarks.append(f"{message}（未读取）")
                continue
            kinds.add(kind)
            remarks += [r.replace(copy.name, where) for r in told]
            sheets += [Sheet(f"{name}/{s.name}" if s.name else name, s.header, s.rows) for s in found]
    if not sheets:
        raise NoHeaderError(f"{path.name}：压缩包内没有找到可识别的表格，请检查内容与所在目录")
    remarks += [f"{path.name}：压缩包内的“{name}”没有可识别的表头，未读取" for name in headless]
    return sheets, f"zip({','.join(sorted(kinds))})", remarks


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except Exception as error:  # of a damaged archive zipfile says many things
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> FileRefusedError:
    return FileRefusedError("unreadable_file", f"{path.name}：压缩包已损坏或压缩方式不支持，请重新压缩（zip）；{error}")


def _files(path: Path, container: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Name → member, without folders and what systems add."""
    try:
        check_members(container)
    except FileRefusedError as error:
        raise FileRefusedError(error.code, f"{path.name}：{error}") from None
    found: dict[str, zipfile.ZipInfo] = {}
    for member in container.infolist():
        name = _read_name(member)
        parts = name.split("/")
        if member.is_dir() or any(p.startswith(_HIDDEN) for p in parts) or parts[-1].lower() in _OF_FOLDERS:
            continue
        if name in found:
            raise FileRefusedError("unreadable_file", f"{path.name}：压缩包内有同名文件“{name}”，请重新压缩")
        found[name] = member
    return found


def _read_name(member: zipfile.ZipInfo) -> str:
    """UTF-8 where the zip says so; otherwise, whatever the standard says, what the sender's system writes."""
    name = member.orig_filename
    if not member.flag_bits & _IN_UTF8:
        name = decode(name.encode("cp437"))[0]
    return name.replace("\\", "/")
