"""Variables `VBP_…`: what they are called, and one clear line where one of them is wrong."""

from __future__ import annotations

import difflib
import os
from typing import Any, ClassVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from pipelines.errors import UsageError

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
