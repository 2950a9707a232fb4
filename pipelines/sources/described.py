"""Sources as `sources.toml` describes them: one `[[source]]` for each dataset that is fetched from one place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.errors import UsageError, printable, secret_address, tell_faults
from schemas.records import RECORDS

FILE = "sources.toml"
_SECRET = re.compile(
    r"pass(word|wd|phrase|code)?|pwd|secret.*|.*_secret|.*token|api_?key|(secret_)?access_key|private_key", re.I
)
_NAME = re.compile(r"(?!(?:19|20)\d\d)[^\W_][\w-]{0,63}")
_VARIABLE = re.compile(r"(?!VBP_)[A-Za-z_][A-Za-z0-9_]*")
_DIALECTS = ("postgresql+psycopg", "sqlite", "sqlite+pysqlite")


class SourcesError(UsageError):
    """A `sources.toml` that cannot be used; the message names file, source, key and remedy."""


class _Source(BaseModel):
    """What every source has: whose data it is, where its secret is found, how patiently it is asked.

    `environment` names a variable that holds the password (key, token); `connection` an Airflow connection whose password
    it is, and whose login is the user where none is named here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    dataset: str
    enabled: bool = True
    environment: str = ""
    connection: str = ""
    attempts: int = Field(4, ge=1, le=10)
    retry_seconds: float = Field(2.0, ge=0, le=600)
    timeout_seconds: int = Field(60, ge=1, le=3600)
    max_mib: int = Field(4096, ge=1)

    @property
    def id(self) -> str:
        """`deliveries/cixi`: its folder below the landing zone, and how the arrival calendar calls it."""
        return f"{self.dataset}/{self.name}"

    @field_validator("name")
    @classmethod
    def _is_a_folder(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("name 应为来源的目录名：字母、数字、汉字、_、-，不以年份开头，如 cixi")
        return name

    @field_validator("dataset")
    @classmethod
    def _is_known(cls, dataset: str) -> str:
        if dataset not in RECORDS:
            raise ValueError(f"dataset “{dataset}”不是数据集；应为 {'、'.join(RECORDS)} 之一")
        return dataset

    @field_validator("environment")
    @classmethod
    def _can_be_set(cls, name: str) -> str:
        if name and not _VARIABLE.fullmatch(name):
            raise ValueError("environment 应为存放口令的环境变量的名称，如 CIXI_SFTP；不能以 VBP_ 开头，也不是口令本身")
        return name

    @model_validator(mode="after")
    def _has_one_secret(self) -> _Source:
        if self.environment and self.connection:
            raise ValueError("environment 与 connection 只写一个：口令或在环境变量里，或在 Airflow 连接里")
        return self


class _Folder(_Source):
    pattern: tuple[str, ...] = ()
    """Shell patterns of the names that are taken, below the folder; without one every kind of file that can be read."""


def _check_address(url: str, unencrypted: bool, key: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{key} 应为 https:// 开头的地址")
    if parts.username or parts.password:
        raise ValueError(f"{key} 里不要写用户与口令；用户写在自己的键里，口令用 environment 或 connection 指明")
    if parts.scheme == "http" and not unencrypted:
        raise ValueError(f"{key} 没有加密；请改用 https://，确在专网内的加 unencrypted = true")


class S3Source(_Folder):
    """Objects below a prefix of a bucket."""

    kind: Literal["s3"]
    endpoint: str
    bucket: str = Field(min_length=1)
    prefix: str = ""
    region: str = "us-east-1"
    user: str = ""
    """The access key's id; its secret is found by `environment` or `connection`. Without one requests are not signed."""
    virtual_hosted: bool = False
    unencrypted: bool = False

    @model_validator(mode="after")
    def _is_safe(self) -> S3Source:
        _check_address(self.endpoint, self.unencrypted, "endpoint")
        return self


class SftpSource(_Folder):
    """Files below a folder of an SFTP server that shows one of the host keys."""

    kind: Literal["sftp"]
    host: str = Field(min_length=1)
    port: int = Field(22, ge=1, le=65535)
    user: str = ""
    folder: str = "."
    host_keys: tuple[str, ...] = Field(min_length=1)
    key_file: Path | None = None
    """A private key that is readable by us alone; the secret is its passphrase then."""

    @field_validator("host_keys")
    @classmethod
    def _are_keys(cls, host_keys: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [key for key in host_keys if not re.fullmatch(r"(ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+( .*)?", key)]:
            raise ValueError(f"host_keys 的“{wrong[0][:40]}”不是主机公钥；应为 ssh-keyscan 打印的后两段，如 ssh-ed25519 AAAA…")
        return host_keys


class SqlSource(_Source):
    """The rows of a query, from where the last pull came to."""

    kind: Literal["sql"]
    url: str
    query: str = Field(min_length=1)
    watermark: str = Field(min_length=1)
    overlap: int = Field(1440, ge=0)
    """So far behind the last watermark each pull begins: minutes, or for a whole number so many."""
    rows_per_file: int = Field(200_000, ge=1, le=5_000_000)

    @field_validator("url")
    @classmethod
    def _can_be_asked(cls, url: str) -> str:
        try:
            address = secret_address(url)
        except sa.exc.ArgumentError as error:
            raise ValueError("url 应写成 postgresql+psycopg://用户@主机:端口/库名 或 sqlite:///路径，不含口令") from error
        if address.password or re.search(r"[?&][^=]*(pass|secret|token)[^=]*=", url, re.I):
            raise ValueError("url 里不要写口令；用 environment 或 connection 指明")
        if address.drivername not in _DIALECTS:
            raise ValueError(f"url 的 {address.drivername} 不能保证只读；可用 {'、'.join(_DIALECTS[:2])}，其他库请导出为文件")
        return url


class HttpSource(_Source):
    """One address, downloaded whole."""

    kind: Literal["http"]
    url: str
    user: str = ""
    """With a user the secret is their password (Basic), without one a bearer token."""
    file_name: str = ""
    """The file's name in the landing zone, where the address does not end in one."""
    unencrypted: bool = False

    @model_validator(mode="after")
    def _is_safe(self) -> HttpSource:
        _check_address(self.url, self.unencrypted, "url")
        return self


Source = S3Source | SftpSource | SqlSource | HttpSource
_KINDS: dict[str, type[Source]] = {"s3": S3Source, "sftp": SftpSource, "sql": SqlSource, "http": HttpSource}


def read_sources(folder: Path | None) -> tuple[Source, ...]:
    """The sources of a policy folder's `sources.toml` in their order; none without the file. SourcesError."""
    path = folder / FILE if folder else None
    if path is None or not path.exists():
        return ()
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SourcesError(f"来源文件 {path} 不是合格的 TOML：{error}；请改正") from error
    except UnicodeDecodeError as error:
        raise SourcesError(f"来源文件 {path} 不是 UTF-8 编码；请另存为 UTF-8") from error
    tables = content.pop("source", [])
    if content:
        raise SourcesError(f"来源文件 {path} 有未知的键 {'、'.join(map(printable, content))}；每个来源写在 [[source]] 之下")
    if not isinstance(tables, list):
        raise SourcesError(f"来源文件 {path}：请写 [[source]]（双方括号），不是 [source]")
    sources = tuple(_check(path, number, table) for number, table in enumerate(tables, start=1))
    _refuse_repeats(path, sources)
    return sources


def _check(path: Path, number: int, table: Any) -> Source:
    where = f"来源文件 {path} 第 {number} 个来源 {table.get('name', '（无 name）') if isinstance(table, dict) else ''}"
    if not isinstance(table, dict):
        raise SourcesError(f"{where}：不是表")
    if secrets := [key for key in table if _SECRET.fullmatch(key)]:
        raise SourcesError(
            f"{where}：键 {printable(secrets[0])} 是口令，不能写在文件里；请删去（已写过的口令应更换），"
            "把口令放进环境变量并用 environment 写其名称，或放进 Airflow 连接并用 connection 写其名称"
        )
    kind = _KINDS.get(str(table.get("kind")))
    if kind is None:
        raise SourcesError(f"{where}：键 kind 应为 {'、'.join(_KINDS)} 之一")
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        told = tell_faults(
            error, kind, lambda key, fault: f"键 {key} 的值不合格（{fault['msg']}）；写法见 seeds/sources.example.toml"
        )
        raise SourcesError(f"{where}：{told}") from None


def _refuse_repeats(path: Path, sources: tuple[Source, ...]) -> None:
    ids = [source.id.casefold() for source in sources]
    if twice := [source.id for source in sources if ids.count(source.id.casefold()) > 1]:
        raise SourcesError(f"来源文件 {path}：来源 {twice[0]} 写了两次；请删去一个，或给其中一个改 name")
