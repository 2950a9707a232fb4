"""Where a file that somebody sends is to lie in the landing zone, or why it cannot."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.errors import UsageError, printable

_LONGEST = 180
"""Bytes of a name: 255 are allowed, and the moment stands before it."""
_DEEPEST = 4


@dataclass(frozen=True)
class Wanted:
    """A file as it is announced: its dataset, the folders of its sender, its name."""

    dataset: str
    sender: str
    name: str


def read_wanted(dataset: str, sender: str, name: str) -> Wanted:
    """What somebody wants to send. UsageError for what names no place below a sender of a dataset, and for a file that the night
    would not read.

    Names are brought to the one form that Unicode has for each (NFC): some systems send 'é' as two characters.
    """
    from pipelines.ingest.discover import SUFFIXES
    from schemas.records import RECORDS

    if dataset not in RECORDS:
        raise UsageError(f"没有数据集“{printable(dataset)}”；请在页面上选择")
    folders = [unicodedata.normalize("NFC", part) for part in sender.strip("/").split("/")]
    if not sender.strip("/"):
        raise UsageError("没有填写报送单位；文件要放在报送单位自己的目录中")
    if len(folders) > _DEEPEST:
        raise UsageError(f"报送单位“{printable(sender)}”的目录超过 {_DEEPEST} 层；请填写较短的目录")
    for folder in folders:
        _refuse_name(folder, "报送单位目录")
        if Path(folder).suffix.lower() in {*SUFFIXES, ".part"}:
            raise UsageError(f"报送单位目录“{folder}”像是文件名；请填写单位的目录名")
    name = unicodedata.normalize("NFC", name)
    _refuse_name(name, "文件名")
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        kind = f"“{suffix}”类型的文件" if suffix else "没有扩展名的文件"
        raise UsageError(f"文件“{name}”：夜间批处理不读取{kind}，请改用 csv、xlsx、xls、ods、json、parquet 或 zip")
    return Wanted(dataset, "/".join(folders), name)


def _refuse_name(name: str, what: str) -> None:
    told = printable(name)
    if not name or name in (".", ".."):
        raise UsageError(f"{what}“{told}”不可用")
    if any(c in '/\\:*?"<>|' for c in name):
        raise UsageError(f'{what}“{told}”含有 / \\ : * ? " < > | 之一；请改名后再传')
    if told != name or "\ufffd" in name:
        raise UsageError(f"{what}“{told}”含有看不见或无法识别的字符；请改名后再传")
    if name.startswith((".", "~$")):
        raise UsageError(f"{what}“{told}”是隐藏文件或 Office 的临时文件；请关闭工作簿后选择原文件")
    if name != name.strip() or name.endswith("."):
        raise UsageError(f"{what}“{told}”首尾有空格或末尾有句点；请改名后再传")
    if len(name.encode()) > _LONGEST:
        raise UsageError(f"{what}“{told[:30]}…”过长（超过 {_LONGEST} 字节）；请缩短后再传")


def folder_of(landing: Path, roots: Sequence[Path], wanted: Wanted) -> Path:
    """The folder of the sender. UsageError where a link leads out of the landing zone and of `roots`, or a file stands there."""
    folder = landing / wanted.dataset / wanted.sender
    real = Path(os.path.realpath(folder))
    if not any(real.is_relative_to(os.path.realpath(root)) for root in (landing, *roots)):
        raise UsageError(f"目录 {wanted.dataset}/{wanted.sender} 指向数据目录之外；请联系管理员")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{wanted.dataset}/{wanted.sender} 不是目录；请另选报送单位")
    return folder


def name_landed(name: str, at: datetime) -> str:
    """The name under which a file lies there: the moment before it, so that of two sent one day the later wins."""
    return f"{at:%Y%m%d-%H%M%S}-{at.microsecond // 1000:03d}_{name}"


def list_senders(landing: Path) -> dict[str, list[str]]:
    """Dataset → its senders: the folders below it, as far as they can be read and are not hidden."""
    from schemas.records import RECORDS

    found: dict[str, list[str]] = {}
    for dataset in RECORDS:
        top, senders = landing / dataset, []
        for place, below, _ in os.walk(top):
            folder = Path(place).relative_to(top)
            below[:] = [name for name in below if printable(name) == name and not name.startswith(".")]
            if folder.parts:
                senders.append(folder.as_posix())
            if len(folder.parts) >= _DEEPEST:
                below.clear()
        found[dataset] = sorted(senders)
    return found
