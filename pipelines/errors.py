"""What can go wrong, how it is told in one line, and what must not be shown then: passwords and tokens in addresses."""

from __future__ import annotations

import errno
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    import sqlalchemy as sa
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_FULL = (
    "No space left on device",
    "database or disk is full",
    "Disk quota exceeded",
    "os error 28",
    "os error 122",
    "Errno 28",
    "not enough space",
)
_FILE_FAULTS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "文件系统只读",
    errno.ENOENT: "不存在",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EIO: "存储设备读写故障",
    errno.ESTALE: "网络存储已断开",
    errno.EMFILE: "打开的文件过多（ulimit -n）",
    errno.ENFILE: "系统打开的文件过多",
    errno.ELOOP: "符号链接成环",
    errno.EFBIG: "超过文件大小上限",
    errno.ETXTBSY: "正被占用",
    errno.EBUSY: "正被占用",
    errno.ENOMEM: "内存不足",
}
_IN_LAKE = re.compile(r"[^\s'\"]*(?:/lake/(?P<table>\w+)/|/(?P<part>\w+)/_batch=)[^\s'\":,)]*")
_OF_STORE = ("polars", "deltalake", "_internal", "pyarrow", "pyo3_runtime")


class VbpError(Exception):
    """Ends the run with exit status 1; the message names file, row, value and remedy."""

    exit_status = 1


class UsageError(VbpError):
    """A wrong call or a wrong configuration: exit status 2."""

    exit_status = 2


class FileRefusedError(VbpError):
    """A file that cannot be taken in as a whole; other files go on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoHeaderError(FileRefusedError):
    """A file without any header that we know; what is no data is often sent beside data."""

    def __init__(self, message: str) -> None:
        super().__init__("missing_column", message)


def printable(name: str) -> str:
    """A name of the file system as it can be told and stored: bytes that are no UTF-8, and characters that nobody sees, as
    escapes.
    """
    if name.isprintable():
        return name
    text = os.fsencode(name).decode(errors="backslashreplace")
    return "".join(ascii(c)[1:-1] if unicodedata.category(c).startswith("C") else c for c in text)


def tell_faults(error: ValidationError, model: type[BaseModel], of_value: Callable[[str, ErrorDetails], str]) -> str:
    """What does not fit in a table of a TOML file that is one `model`, each fault once; `of_value` tells, of a key, what is wrong
    with its value.
    """

    def tell(fault: ErrorDetails) -> str:
        key = printable(str(fault["loc"][0])) if fault["loc"] else ""
        match fault["type"]:
            case "extra_forbidden":
                return f"未知的键 {key}；请删去或改正，可用的键：{'、'.join(model.model_fields)}"
            case "missing":
                return f"缺少必填的键 {key}；请补上"
            case "value_error":
                return str(fault["ctx"]["error"])
        return of_value(key, fault)

    return "；".join(dict.fromkeys(map(tell, error.errors())))


class ConflictError(VbpError):
    """Somebody else wrote what this run was writing: nothing of it counts, and the step is to be done again."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}正由另一个进程写入（本次运行可能已失去租约）；本次所写不计，请稍后从本步骤重新运行")


class DamagedError(VbpError):
    """A file of the home that is not what was written; the message names it and says what to restore."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(
            f"{what}已损坏或缺失（{why}）；不要删改其他文件，请按 docs/runbook.md 的 Damaged home 一节恢复后重新运行"
        )


def why(error: OSError) -> str:
    """The cause of a failure of the file system in a few Chinese words."""
    return _FILE_FAULTS.get(error.errno or 0) or error.strerror or type(error).__name__


def describe(error: BaseException) -> str:
    """An error in one Chinese line for whoever runs the batch, without any secret: our own as they are; a full disk, a
    file that cannot be used, a database that went away and a damaged lake with their remedy, whichever library met
    them; any other by its kind and text.
    """
    return conceal(" ".join(_tell(error).split("\n")).strip())


def _tell(error: BaseException) -> str:
    if isinstance(error, VbpError):
        return str(error)
    text = f"{type(error).__name__}: {_first_line(str(error))}"
    if any(_is_full(e) for e in _chain(error)):
        place = getattr(error, "filename2", None) or getattr(error, "filename", None)
        where = (
            "数据库服务器的磁盘空间不足" if _is_of(error, "psycopg", "sqlalchemy") and _is_postgres(error) else "磁盘空间不足"
        )
        return f"{where}{f'，写不下 {place}' if place else ''}；请腾出空间后重新运行（{text}）"
    if isinstance(error, KeyboardInterrupt):
        return "KeyboardInterrupt：已被人中断；重新执行同一命令即可继续"
    if isinstance(error, MemoryError) or "memory allocation" in text or "out of memory" in text.lower():
        return f"内存不足；请为该进程提供更多内存，或减少同时运行的程序后重新运行（{text}）"
    if _is_of(error, "sqlalchemy", "psycopg", "sqlite3"):
        return _tell_database(error)
    if lake := _IN_LAKE.search(str(error)):
        return str(DamagedError(f"数据湖的表 {lake['table'] or lake['part']}（{lake[0]}）", text))
    if _is_of(error, *_OF_STORE):
        return f"数据湖或运行的中间文件无法读写（{text}）；请按 docs/runbook.md 的 Damaged home 一节检查"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"有文件内容已损坏，无法读取（{text}）；请加 --debug 查看是哪个文件"
    if isinstance(error, OSError):
        return _tell_file(error, text)
    return _tell_fault(text)


def _tell_fault(text: str) -> str:
    return f"程序出错（{text}）；请加 --debug 重新运行，把输出连同运行编号交给开发者"


def _tell_file(error: OSError, text: str) -> str:
    place = error.filename2 or error.filename
    fault = _FILE_FAULTS.get(error.errno or 0, "")
    if not place or not fault:
        return f"文件或网络读写失败{f'：{place}' if place else ''}（{text}）；请排除后重新运行"
    return f"无法读写 {place}：{fault}；请核对路径、所有者与权限后重新运行（{type(error).__name__}）"


def _tell_database(error: BaseException) -> str:
    met = getattr(error, "orig", None) or error
    said, kind = _first_line(str(met)), type(error).__name__
    if any(words in said for words in ("malformed", "file is not a database", "file is encrypted")):
        remedy = "请核对 --home、--database，或按 docs/runbook.md 的 Restore 一节恢复"
        return f"结果库已损坏，或不是 SQLite 数据库：{said}；{remedy}（{kind}）"
    if "no such table" in said or type(met).__name__ == "UndefinedTable":
        return f"结果库里还没有所需的表：{said}；请核对 --home、--database，或先执行一次 vbp run（{kind}）"
    if kind in ("OperationalError", "InterfaceError"):  # not reachable; any other is a wrong statement
        return f"结果库无法读写：{said}；请恢复结果库后重新运行（{kind}）"
    return _tell_fault(f"{kind}: {said}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, each once."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and not any(following is e for e in seen):
        seen.append(following)
        following = following.__cause__ or following.__context__
    return iter(seen)


def _is_full(error: BaseException) -> bool:
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or any(full in str(error) for full in _FULL)


def _is_of(error: BaseException, *libraries: str) -> bool:
    return any(kind.__module__.partition(".")[0] in libraries for kind in type(error).__mro__)


def _is_postgres(error: BaseException) -> bool:
    return any(_is_of(e, "psycopg") for e in (error, getattr(error, "orig", error)))


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")


HIDDEN = "***"
_SHORTEST = 4
_SECRET_NAME = r"\w*(?:passw|pwd|secret|token|credential|access_?key|api_?key)\w*"
_IN_ADDRESS = re.compile(r"(\b[a-zA-Z][\w+.-]*://)(?:[^\s/?'\"]*:[^\n]*|[^\s'\"]*)@")
_AS_PARAMETER = re.compile(rf"\b({_SECRET_NAME})(\s*=\s*)('[^']*'|\"[^\"]*\"|[^\s&;,'\")]+)", re.IGNORECASE)
_IS_SECRET_NAME = re.compile(_SECRET_NAME, re.IGNORECASE)

_secrets: set[str] = set()


def keep_secret(*texts: str) -> None:
    """Have `conceal` hide these texts from now on, as they are and as addresses write them. What is shorter than four
    characters is hidden within addresses only: it would tear holes into every message.
    """
    for text in texts:
        _secrets.update(s for s in (text, unquote(text), quote(text, safe="")) if len(s) >= _SHORTEST)


def conceal(text: str) -> str:
    """A text without what was kept secret, without user and password of addresses in it, and without the values of
    parameters whose names speak of secrets.
    """
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _IN_ADDRESS.sub(rf"\1{HIDDEN}@", text)
    return _AS_PARAMETER.sub(rf"\1\2{HIDDEN}", text)


def secret_address(url: str) -> sa.URL:
    """Read a SQLAlchemy URL and keep its passwords secret; one given as `?password=` becomes the address's own.

    Raises sa.exc.ArgumentError where it is no address, and where it is not clear which part is the password.
    """
    import sqlalchemy as sa

    scheme, _, rest = url.partition("://")
    if not scheme.startswith("sqlite") and "@" in rest:
        password = rest.rpartition("@")[0].partition(":")[2]
        keep_secret(password, *password.split("@"))
        if rest.count("@") > 1:
            raise sa.exc.ArgumentError("more than one @")
    try:
        address = sa.make_url(url)
    except ValueError as error:  # a port that is no number may be half a password
        raise sa.exc.ArgumentError("port") from error
    hidden = {n: v for n, v in address.query.items() if _IS_SECRET_NAME.fullmatch(n)}
    for value in hidden.values():
        keep_secret(*([value] if isinstance(value, str) else value))
    if address.password:
        keep_secret(str(address.password))
    given = hidden.get("password")
    if given and not address.password:
        address = address.set(password=given if isinstance(given, str) else given[-1])
        address = address.difference_update_query(["password"])
    return address


def has_password(url: str) -> bool:
    """Whether an address holds a password, or what may be one."""
    import sqlalchemy as sa

    try:
        return secret_address(url).password is not None
    except sa.exc.ArgumentError:
        return "@" in url


def show_address(address: sa.URL) -> str:
    """An address to be printed: neither its password nor a secret among its parameters is in it."""
    query = {n: HIDDEN if _IS_SECRET_NAME.fullmatch(n) else v for n, v in address.query.items()}
    return address.set(query=query).render_as_string(hide_password=True)
