"""Prints as JSON what Airflow's own api-server answers below `/vbp`, without a socket.

Run as `python -m tests.dags.ask_pages folder`: in the folder lies what is installed beside everything else.
"""

import asyncio
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import httpx

HERE = "http://airflow.test"
PEOPLE = {"viewer": "viewer", "clerk": "user"}


async def _ask(application: Any) -> dict[str, Any]:
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        cookies, found = {}, {}
        for name in PEOPLE:
            given = await client.post("/auth/token", json={"username": name, "password": name})
            cookies[name] = {"_token": given.json()["access_token"]}

        async def asked(what: str, who: str, method: str, path: str, **given: Any) -> None:
            headers = {"cookie": f"_token={cookies[who]['_token']}"} if who in cookies else {}
            answer = await client.request(method, path, headers=headers | given.pop("headers", {}), **given)
            kept = [answer.status_code, answer.headers.get("location", ""), answer.text[:200_000]]
            found[what] = kept

        file = "/vbp/files?dataset=deliveries&sender=cixi&name=a.csv"
        own = {"origin": HERE}
        await asked("nobody", "", "GET", "/vbp/site/index.html?a=1")
        await asked("forged", "", "GET", "/vbp/", headers={"cookie": "_token=x.y.z"})
        await asked("viewer reads", "viewer", "GET", "/vbp/site/index.html")
        await asked("viewer enters", "viewer", "GET", "/vbp/")
        await asked("viewer wants to send", "viewer", "GET", "/vbp/upload")
        await asked("viewer sends", "viewer", "PUT", file, content=b"x", headers=own)
        await asked("clerk is tricked", "clerk", "PUT", file, content=b"x", headers={"origin": "http://evil.test"})
        await asked("clerk sends", "clerk", "PUT", file, content=b"x", headers=own)
        token = {"authorization": f"Bearer {cookies['clerk']['_token']}"}
        await asked("program sends", "", "PUT", file, content=b"y", headers=token)
        await asked("menu", "viewer", "GET", "/api/v2/plugins")
        return found


def main() -> None:
    warnings.simplefilter("ignore")
    sys.path.insert(0, sys.argv[1])
    from airflow.api_fastapi.app import create_app
    from airflow.configuration import conf

    passwords = Path(conf.get("core", "simple_auth_manager_passwords_file"))
    passwords.write_text(json.dumps({name: name for name in PEOPLE}), encoding="utf-8")
    print(json.dumps(asyncio.run(_ask(create_app(apps="core")))))


if __name__ == "__main__":
    main()
