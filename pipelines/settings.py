"""Settings: every option of the command line has an environment variable `VBP_…`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are. Unknown names are errors; environment variables fill what is not given."""

    model_config = SettingsConfigDict(env_prefix="VBP_", extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Path("var")
    landing: Path = Path("landing")
    database: str = ""
    policies: Path | None = None
    settle_seconds: int = 0
    keep_pages: int = 60
    sheet_rows: int = Field(default=1_048_576, ge=10, le=1_048_576)
    chromium: Path | None = None

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the report tables: the embedded database unless another is named."""
        return self.database or f"sqlite:///{self.home.resolve() / 'compliance.db'}"
