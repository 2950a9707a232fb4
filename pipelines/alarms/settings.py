"""Who is told, where, and by when: the variables `VBP_ALARM_…` and `VBP_SITE_URL`."""

from __future__ import annotations

import re
from datetime import time
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from pipelines.settings import EnvironmentSettings, refuse_unknown_variables


class AlarmSettings(EnvironmentSettings):
    """Addresses (apprise, separated by spaces or line breaks), owner, deadline (HH:MM, Shanghai), morning page.

    Addresses hold secrets: they are never shown, neither here nor in errors.
    """

    model_config = SettingsConfigDict(
        env_prefix="VBP_ALARM_",
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    secrets: ClassVar[frozenset[str]] = frozenset({"urls"})

    urls: SecretStr = Field(default=SecretStr(""), description="以空格分隔的 apprise 地址")
    owner: str = Field(default="", description="姓名与电话")
    deadline: time = Field(default=time(6), description="上海时间的时:分，写作 06:00")
    site_url: str = Field(default="", validation_alias="VBP_SITE_URL", description="网址")

    @property
    def addresses(self) -> list[str]:
        """The addresses, each once, in the order given."""
        return list(dict.fromkeys(self.urls.get_secret_value().split()))

    @field_validator("deadline", mode="before")
    @classmethod
    def _refuse_numbers(cls, value: object) -> object:
        # A bare 6 would be taken for six seconds after midnight.
        if isinstance(value, str) and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError("VBP_ALARM_DEADLINE 请写作 06:00（上海时间，时:分）")
        return value


def check_variables() -> None:
    """UsageError where a variable `VBP_…` is unknown, or one of the alarms does not fit."""
    refuse_unknown_variables()
    AlarmSettings()
