"""Settings: every option of the command line has an environment variable `VBP_…`."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.errors import UsageError, printable
from pipelines.store.local import Local
from pipelines.store.places import open_store
from pipelines.store.store import Store

_PREFIX = "VBP_"
OF_COMMANDS = ("VBP_AS_OF", "VBP_JURISDICTION", "VBP_DEMO_HOME")
"""Variables of single options, which no settings hold."""

_known: set[str] = set(OF_COMMANDS)


class EnvironmentSettings(BaseSettings):
    """Settings from variables. A field's `description` says in Chinese which values it takes.

    Raises UsageError for a value that does not fit (the variable's name, its value unless the field is no
    secret, and what is allowed) and for a name that begins like ours and is none of them.
    """

    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise UsageError("；".join(_tell(type(self), fault, given) for fault in error.errors())) from None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Have the variables of these settings known."""
        _known.update(_variable(cls, name) for name in cls.model_fields)


def refuse_unknown_variables() -> None:
    """UsageError where a variable `VBP_…` is none of ours: a slip of the pen would leave a default standing in silence."""
    for name in sorted(n for n in os.environ if n.upper().startswith(_PREFIX)):
        if name.upper() not in _known:
            near = difflib.get_close_matches(name.upper(), _known, 1)
            remedy = f"是否应为 {near[0]}？" if near else f"可用：{'、'.join(sorted(_known))}"
            raise UsageError(f"没有环境变量 {name}；{remedy}请改正或取消该变量")


def _variable(settings: type[EnvironmentSettings], name: str) -> str:
    alias = settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"{settings.model_config['env_prefix']}{name}".upper()


def _tell(settings: type[EnvironmentSettings], fault: Any, given: dict[str, Any]) -> str:
    name = str(fault["loc"][0])
    known = {n: n for n in settings.model_fields} | {_variable(settings, n): n for n in settings.model_fields}
    if name not in known:
        return f"没有设置 {name}；可用：{'、'.join(settings.model_fields)}"
    name = known[name]
    place = f"设置 {name}" if name in given else f"环境变量 {_variable(settings, name)}"
    value = "" if name in settings.secrets else f"“{fault['input']}”"
    allowed = settings.model_fields[name].description
    return f"{place} 的值{value}不可用：应为{allowed}；请改正或取消该变量"


_NOT_IN_LAKE = re.compile(r"[\[\]\\|^\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}")


class Settings(EnvironmentSettings):
    """Where things are. Unknown names are errors; environment variables fill what is not given."""

    model_config = SettingsConfigDict(
        env_prefix="VBP_",
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
    )
    secrets: ClassVar[frozenset[str]] = frozenset({"database"})

    home: Annotated[Store, BeforeValidator(open_store)] = Field(
        default="var", validate_default=True, description="文件夹路径，或 s3://桶/前缀"
    )
    landing: Path = Field(default=Path("landing"), description="文件夹路径")
    database: str = Field(default="", description="SQLAlchemy URL", repr=False)
    policies: Path | None = Field(default=None, description="文件夹路径")
    landing_roots: str = Field(default="", description="文件夹路径，多个以冒号分隔")
    settle_seconds: int = Field(default=0, ge=0, description="不小于 0 的整数（秒）")
    keep_pages: int = Field(default=60, ge=1, description="不小于 1 的整数（次运行）")
    keep_nights: int = Field(default=0, ge=0, description="0（不清理）或不小于 92 的整数（天）")
    sheet_rows: int = Field(default=1_048_576, ge=10, le=1_048_576, description="10 至 1048576 的整数（行）")
    debug: bool = Field(default=False, description="true 或 false")
    chromium: Path | None = Field(default=None, description="程序的路径")
    reader_memory_mib: int = Field(default=1024, ge=64, description="不小于 64 的整数（MiB）")
    reader_seconds: int = Field(default=60, ge=1, description="不小于 1 的整数（秒）")
    tasks_at_once: int = Field(default=2, ge=1, description="不小于 1 的整数（个）")
    upload_limit_mib: int = Field(default=512, ge=1, description="不小于 1 的整数（MiB）")

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the report tables: the embedded database unless another is named. UsageError where there can be
        none: a file of SQLite lies on a disk.
        """
        if self.database:
            return self.database
        from sqlalchemy import URL

        if not isinstance(self.home, Local):
            raise UsageError(
                f"数据目录 {self.home} 在对象存储中，不能放内置的结果库；请用 --database 或 VBP_DATABASE 指定 PostgreSQL 结果库"
            )
        own = URL.create("sqlite", database=str(self.home.folder / "compliance.db"))
        return own.render_as_string(hide_password=False)

    @property
    def roots(self) -> list[Path]:
        """The folders outside the landing zone that links in it may lead to."""
        return [Path(root) for root in self.landing_roots.split(os.pathsep) if root]

    @field_validator("landing", "policies")
    @classmethod
    def _can_be_named(cls, path: Path | None) -> Path | None:
        refuse_unnamable(path)
        return path

    @field_validator("keep_nights")
    @classmethod
    def _covers_a_quarter(cls, nights: int) -> int:
        """Gates and bulletins look back as far as a quarter."""
        if 0 < nights < 92:
            raise ValueError("less than a quarter")
        return nights

    @field_validator("home")
    @classmethod
    def _can_hold_the_lake(cls, home: Store) -> Store:
        if isinstance(home, Local):
            refuse_unnamable(home.folder)
            refuse_for_lake(home.folder, "--home（VBP_HOME）")
        return home


def refuse_unnamable(path: Path | None) -> None:
    """UsageError for a path that is no UTF-8: it can be written down nowhere, neither in a run's files nor on a terminal."""
    try:
        str(path.resolve() if path else "").encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"目录 {printable(str(path))} 的名称不是 UTF-8 编码，无法使用；请改名，或改用另一个目录") from error


def refuse_for_lake(folder: Path, option: str) -> None:
    """UsageError for a folder in which no lake can be: its library takes some characters of a path for parts of an address,
    whatever is done to them before.
    """
    path = str(folder.resolve())
    if found := _NOT_IN_LAKE.search(path):
        raise UsageError(
            f"目录 {printable(path)} 不能用作 {option}：路径中的“{printable(found.group())}”是数据湖无法处理的字符"
            "（[ ] \\ | ^、控制字符、百分号后接两位十六进制数）；请改用路径中没有这些字符的目录"
        )
