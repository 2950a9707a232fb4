"""What a file is, by its content: a name's end says what somebody called it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from pipelines.errors import FileRefusedError
from pipelines.ingest.encoding import decode

_HEAD = 65_536
_WORKBOOK_OF_OLD = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")
_FOREIGN = {
    b"%PDF-": "PDF 文档",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"Rar!": "RAR 压缩包",
    b"7z\xbc\xaf": "7z 压缩包",
    b"\x1f\x8b": "gzip 压缩包",
    b"PARE": "加密的 Parquet 文件",
    b"{\\rtf": "RTF 文档",
}
_SPREADSHEETML = re.compile(r"urn:schemas-microsoft-com:office:spreadsheet", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|meta|body|table|style|div|title|center)\b", re.IGNORECASE)
_JSON = re.compile(r"^(?:\[\s*(?:[{\]]|$)|\{\s*(?:[\"}]|$))")
_WEB_ARCHIVE = re.compile(r"^MIME-Version:", re.IGNORECASE)


def recognize(path: Path) -> str:
    """Return xlsx, xlsb, ods, xls, html, spreadsheetml, parquet, zip, json or text.

    Raises FileRefusedError for an empty file and for what cannot hold rows (PDF, a picture, a Word document, …).
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise FileRefusedError("empty_file", f"{path.name}：文件为空（{path.stat().st_size} 字节），请重新导出")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _recognize_container(path)
    if head.startswith(_WORKBOOK_OF_OLD):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise _foreign(path, name, "packed_file" if "压缩包" in name else "unsupported_type")
    return _recognize_text(path, decode(head)[0].lstrip())


def _recognize_container(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as container:
            names = set(container.namelist())
            kind = container.read("mimetype")[:100] if "mimetype" in names else b""
    except Exception as error:
        raise FileRefusedError(
            "unreadable_file",
            f"{path.name}：不是可读取的 {path.suffix[1:].lower() or 'zip'} 工作簿（可能被截断或改名），请重新导出；{error}",
        ) from error
    if "[Content_Types].xml" in names:
        if "xl/workbook.bin" in names:
            return "xlsb"
        if any(name.startswith("xl/") for name in names):
            return "xlsx"
        raise _foreign(path, "Word 或 PowerPoint 文档")
    if b"opendocument" in kind or {"content.xml", "META-INF/manifest.xml"} <= names:
        if b"spreadsheet" in kind or not kind:
            return "ods"
        raise _foreign(path, "OpenDocument 文档（不是表格）")
    return "zip"


def _recognize_text(path: Path, text: str) -> str:
    if text.startswith("<"):
        if _SPREADSHEETML.search(text):
            return "spreadsheetml"
        if _HTML.search(text):
            return "html"
        if text.startswith("<?xml"):
            raise _foreign(path, "XML 文件，但不是 Excel 2003 的 XML 表格")
    if _WEB_ARCHIVE.match(text):
        raise _foreign(path, "单个文件网页（mht）")
    return "json" if _JSON.match(text) else "text"


def _foreign(path: Path, name: str, code: str = "unsupported_type") -> FileRefusedError:
    return FileRefusedError(code, f"{path.name}：内容是{name}，不能读取；请改用 xlsx、xls、csv 或 parquet 重新报送")
