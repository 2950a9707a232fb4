"""Before the first start: the environment file that is made, and what is refused, in words that say what to do."""

import os
import re
import shutil
import stat
import subprocess
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from deploy.init import WrongError, check_environment_file, check_writable, passwords_of, write_privately

ROOT = Path(__file__).parents[2]
LONG = "correct-horse"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".env.example", tmp_path)
    return tmp_path


def prepare(checkout: Path, *people: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", checkout / "deploy/prepare.sh", *people]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def variables(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", path.read_text("utf-8"), re.MULTILINE))


def test_secrets_are_made_once_for_their_owner_alone(checkout):
    assert prepare(checkout, "张三:admin", "李四:user").returncode == 0
    made, example = variables(checkout / ".env"), variables(checkout / ".env.example")
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    assert made.keys() == example.keys()
    assert {name: made[name] for name, value in example.items() if value} == {n: v for n, v in example.items() if v}
    secrets = [value for name, value in made.items() if name.endswith(("_PASSWORD", "_SECRET", "_KEY"))]
    assert len(set(secrets)) == len(secrets) == 8 and min(map(len, secrets)) >= 44
    assert len(urlsafe_b64decode(made["AIRFLOW_FERNET_KEY"])) == 32 and len(made["AIRFLOW_JWT_SECRET"]) >= 64
    assert passwords_of(made["AIRFLOW_USERS"], made["AIRFLOW_PASSWORDS"]).keys() == {"张三", "李四"}
    assert prepare(checkout, "王五:admin").returncode == 0
    assert variables(checkout / ".env") == made
    assert {p.name for p in checkout.iterdir()} >= {"landing", "policies", "out", "backups"}
    if os.geteuid() == 0:
        assert {(checkout / name).stat().st_uid for name in ("out", "backups")} == {10001}


@pytest.mark.parametrize("people", [[], ["张三"], ["张三:boss"], ["张,三:admin"], ["a$b:user"], [":user"], ["a:b:user"]])
def test_people_that_airflow_would_misread_are_refused_before_anything_is_made(checkout, people):
    ran = prepare(checkout, *people)
    assert ran.returncode == 2
    assert "张三:admin" in ran.stderr or "不可用" in ran.stderr
    assert not (checkout / ".env").exists()


@pytest.mark.parametrize(("mode", "is_refused"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_an_environment_file_that_others_may_read_is_refused(tmp_path, mode, is_refused):
    path = tmp_path / "env"
    path.touch()
    path.chmod(mode)
    if is_refused:
        with pytest.raises(WrongError, match=r"chmod 600 \.env"):
            check_environment_file(path)
    else:
        check_environment_file(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    check_writable(tmp_path, "out")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(WrongError, match=r"chown 10001:10001 out"):
        check_writable(tmp_path, "out")


@pytest.mark.parametrize(
    ("users", "passwords", "said"),
    [
        ("张三:admin,李四:user", f"张三:{LONG}", "李四 没有口令"),
        ("张三:admin", "张三:short", "不足 12 个字符"),
        ("张三:admin", f"张三:{LONG},王五:{LONG}", "王五 不在 AIRFLOW_USERS"),
        ("张三:boss", f"张三:{LONG}", "角色“boss”不可用"),
        ("张三:admin,张三:user", f"张三:{LONG}", "不止一次"),
        ("张三", f"张三:{LONG}", "AIRFLOW_USERS 应写作"),
        ("张三:admin", LONG, "AIRFLOW_PASSWORDS 应写作"),
    ],
)
def test_users_and_passwords_that_do_not_fit_are_refused(users, passwords, said):
    with pytest.raises(WrongError, match=said) as refused:
        passwords_of(users, passwords)
    assert LONG not in str(refused.value)


def test_users_are_those_that_airflow_will_know(tmp_path, monkeypatch):
    assert passwords_of("张三:admin, 李四:user", f"张三:{LONG}, 李四:a:{LONG}") == {"张三": LONG, "李四": f"a:{LONG}"}
    write_privately(tmp_path / "passwords.json", "{}")
    assert stat.S_IMODE((tmp_path / "passwords.json").stat().st_mode) == 0o600
