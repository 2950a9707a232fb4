"""Who is told, where, and by when: the variables `VBP_ALARM_…` and `VBP_SITE_URL`."""

from __future__ import annotations

import re
from datetime import time

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class AlarmSettings(BaseSettings):
    """Addresses (apprise, separated by spaces or line breaks), owner, deadline (HH:MM, Shanghai), morning page.

    Addresses hold secrets: they are never shown, neither here nor in errors.
    """

    model_config = SettingsConfigDict(
        env_prefix="VBP_ALARM_", extra="forbid", frozen=True, env_ignore_empty=True, hide_input_in_errors=True,
        populate_by_name=True,
    )  # fmt: skip

    urls: SecretStr = SecretStr("")
    owner: str = ""
    deadline: time = time(6)
    site_url: str = Field(default="", validation_alias="VBP_SITE_URL")

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
