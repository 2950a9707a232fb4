"""Who asks: Airflow's own users, and what Airflow lets them do with the nightly DAG."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

DAG = "nightly_compliance"
"""Who may see this DAG may see the pages; who may trigger it may send files that it reads."""


class NotLoggedInError(Exception):
    """Nobody is logged in; `login` is the address of the page where one does that."""

    def __init__(self, login: str) -> None:
        super().__init__(login)
        self.login = login


class Login(Protocol):
    """Tells who asks."""

    async def name(self, request: Request, *, to_send: bool) -> str:
        """The name of the user. NotLoggedInError, or HTTPException 403 for a user who may not."""
        ...

    def origin(self) -> str:
        """The origin under which browsers know this server, empty where nobody has said it."""
        ...


class AirflowLogin:
    """Airflow's users, known by the cookie of their login, or by a token as its API takes it."""

    async def name(self, request: Request, *, to_send: bool) -> str:
        """See `Login`. May see the DAG: read; may trigger it: send."""
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
        from airflow.api_fastapi.core_api import security
        from starlette.concurrency import run_in_threadpool

        try:
            user: Any = await security.get_user(request, None, await security.bearer_scheme(request))
        except HTTPException as error:
            path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            raise NotLoggedInError(get_auth_manager().get_url_login(next_url=path)) from error
        allowed = (
            security.requires_access_dag("POST", DagAccessEntity.RUN, DAG)
            if to_send
            else security.requires_access_dag("GET", None, DAG)
        )
        await run_in_threadpool(allowed, request, user)
        return str(user.get_name() or user.get_id())

    def origin(self) -> str:
        """That of `[api] base_url`."""
        from airflow.configuration import conf

        address = urlsplit(conf.get("api", "base_url", fallback="") or "")
        return f"{address.scheme}://{address.netloc}" if address.netloc else ""


def is_own(request: Request, origin: str) -> bool:
    """Whether a request that changes something comes from a page of this server, or from a program that named its token.

    A browser sends the cookie along with what any other site asks of it, and says who asked (`Origin`); mounted applications get
    no such check from Airflow.
    """
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return True
    asked = request.headers.get("origin", "")
    if origin and asked == origin:
        return True
    host = urlsplit(asked)
    return host.scheme in ("http", "https") and host.netloc != "" and host.netloc == request.headers.get("host")
