"""The pages as a plugin of Airflow's api-server, found by its entry point; every process of Airflow imports this file."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

PREFIX = "/vbp"


class Pages:
    """The application, built when the first browser asks: what it needs takes seconds to import, and only one of Airflow's
    processes serves pages.
    """

    def __init__(self) -> None:
        self._application: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI application."""
        if self._application is None:
            self._application = await asyncio.to_thread(_build)
        await self._application(scope, receive, send)


def _build() -> Any:
    from pipelines.web.application import make_application
    from pipelines.web.login import AirflowLogin

    return make_application(AirflowLogin())


def _address() -> str:
    """Where a browser finds the pages, whatever Airflow itself is mounted under."""
    return urlsplit(conf.get("api", "base_url", fallback="") or "").path.rstrip("/") + PREFIX + "/"


class VbpPages(AirflowPlugin):
    """带量采购监测：页面与上传。"""

    name = "vbp_pages"
    fastapi_apps: list[Any] = [  # noqa: RUF012
        {"app": Pages(), "url_prefix": PREFIX, "name": "带量采购监测"}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        {"name": "采购监测", "href": _address(), "destination": "nav", "nav_top_level": True}
    ]
