"""The members of a zip container before anything of it is read."""

from __future__ import annotations

import zipfile
from collections import Counter

from pipelines.errors import FileRefusedError

_MOST_MEMBERS = 10_000
_ENCRYPTED = 0x1
_MOST_BYTES, _ALWAYS_BYTES, _MOST_TIMES = 4 * 2**30, 256 * 2**20, 200


def check_members(container: zipfile.ZipFile) -> None:
    """FileRefusedError for a container that is encrypted, holds two members of one name (readers would not agree
    on which counts), too many, or more bytes than a container of its size ever has: full sheets are a hundredth of
    their text, bombs a thousandth.
    """
    members = container.infolist()
    if any(m.flag_bits & _ENCRYPTED for m in members):
        raise FileRefusedError("encrypted_file", "设有密码，无法读取；请去掉密码后重新报送")
    name, times = max(Counter(m.filename for m in members).items(), key=lambda n: n[1], default=("", 0))
    if times > 1:
        raise FileRefusedError("unreadable_file", f"包内有 {times} 个同名文件“{name}”；请重新导出")
    total = sum(m.file_size for m in members)
    most_bytes = min(_MOST_BYTES, max(_ALWAYS_BYTES, _MOST_TIMES * container.start_dir))
    if len(members) > _MOST_MEMBERS or total > most_bytes:
        raise FileRefusedError(
            "too_large",
            f"包内有 {len(members)} 个文件、解压后共 {total / 2**20:,.0f} MiB，超过上限"
            f"（{_MOST_MEMBERS} 个、{most_bytes / 2**20:,.0f} MiB）；请拆分后重新报送",
        )
