"""What the one-shot service `airflow-init` does before Airflow starts: checks that speak plainly, then database and users.

Airflow's simple auth manager takes people and roles from one variable and their passwords from a file; here both come from
`.env`: `AIRFLOW_USERS=张三:admin,李四:user` and `AIRFLOW_PASSWORDS=张三:…,李四:…`. Standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROLES = ("viewer", "user", "op", "admin")
SHORTEST = 12


class WrongError(Exception):
    """What has to be mended before anything starts; the message names place and remedy."""


def check_environment_file(path: Path) -> None:
    """WrongError when others than its owner may read the file with the secrets."""
    if path.exists() and (mode := path.stat().st_mode & 0o777) & 0o077:
        raise WrongError(f".env 可被他人读取（权限 {mode:o}）；请执行 chmod 600 .env 后重新启动")


def check_writable(folder: Path, name: str) -> None:
    """WrongError when the user of the containers may not write into a mounted folder."""
    if not os.access(folder, os.W_OK):
        raise WrongError(f"目录 {name} 不可写；请执行 sudo chown 10001:10001 {name} 后重新启动")


def passwords_of(users: str, passwords: str) -> dict[str, str]:
    """The password of every user. WrongError for a user without role or password, a password without user, a short one."""
    named = [_pair("AIRFLOW_USERS", entry) for entry in users.split(",")]
    given = dict(_pair("AIRFLOW_PASSWORDS", entry) for entry in passwords.split(","))
    names = [name for name, _ in named]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise WrongError(f"AIRFLOW_USERS 中 {'、'.join(twice)} 出现不止一次；请只留一项")
    for name, role in named:
        if role not in ROLES:
            raise WrongError(f"AIRFLOW_USERS 中 {name} 的角色“{role}”不可用；应为 {'、'.join(ROLES)} 之一")
        if len(given.get(name, "")) < SHORTEST:
            raise WrongError(f"AIRFLOW_PASSWORDS 中 {name} 没有口令，或口令不足 {SHORTEST} 个字符；请补上，写作 {name}:口令")
    if unknown := sorted(given.keys() - set(names)):
        raise WrongError(f"AIRFLOW_PASSWORDS 中的 {'、'.join(unknown)} 不在 AIRFLOW_USERS 中；请补上其角色，或删去其口令")
    return given


def _pair(variable: str, entry: str) -> tuple[str, str]:
    name, colon, rest = entry.strip().partition(":")
    if not (name and colon and rest):
        raise WrongError(f"{variable} 应写作“姓名:…,姓名:…”，其中一项不是；请检查 .env（各项以英文逗号分隔）")
    return name, rest


def write_privately(path: Path, text: str) -> None:
    """Replace a file by one that its owner alone may read."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def main() -> int:
    """Check, migrate, write the passwords; the exit status is 1 when something has to be mended first."""
    try:
        check_environment_file(Path("/run/vbp/env"))
        for name in ("out", "backups"):
            check_writable(Path("/", name), name)
        passwords = passwords_of(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"], os.environ["AIRFLOW_PASSWORDS"])
    except WrongError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 1
    subprocess.run(["airflow", "db", "migrate"], check=True)
    write_privately(Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]), json.dumps(passwords))
    return 0


if __name__ == "__main__":
    sys.exit(main())
