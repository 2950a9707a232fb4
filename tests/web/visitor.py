"""The pages as a browser asks for them, behind a login that believes what it is told."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipelines.settings import Settings
from pipelines.web.application import make_application
from pipelines.web.login import NotLoggedInError

HERE = "http://vbp.test"


class Believing:
    """Whoever names itself in the cookie is that user; names that begin with `viewer` may not send."""

    async def name(self, request: Request, *, to_send: bool) -> str:
        who = request.cookies.get("who", "")
        if not who:
            raise NotLoggedInError(f"/auth/login?next={request.url.path}")
        if to_send and who.startswith("viewer"):
            raise HTTPException(403)
        return who

    def origin(self) -> str:
        return ""


class Visitor:
    """Somebody with a browser."""

    def __init__(self, home: Path, landing: Path, who: str = "zhangsan", **settings: Any) -> None:
        self.home, self.landing, self.who = home, landing, who
        self.application = make_application(Believing(), Settings(home=home, landing=landing, **settings))

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.application, raise_app_exceptions=False)
            cookies = {"who": self.who} if self.who else {}
            async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=cookies) as client:
                return await client.request(method, path, **given)

        return asyncio.run(asked())

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def send(
        self, name: str = "a.csv", content: Any = b"x", sender: str = "cixi", dataset: str = "deliveries", **headers: str
    ) -> httpx.Response:
        """Send a file from the upload page."""
        asked = {"dataset": dataset, "sender": sender, "name": name}
        return self.ask("PUT", "/files", params=asked, content=content, headers={"origin": HERE} | headers)

    def landed(self) -> list[str]:
        """What lies in the landing zone."""
        return sorted(p.relative_to(self.landing).as_posix() for p in self.landing.rglob("*") if p.is_file())
