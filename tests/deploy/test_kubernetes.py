"""The values for Airflow's Helm chart say what the compose file says, and name only what the code has."""

import re
from importlib.metadata import version

import pytest
import yaml

from tests.test_compose import DOCKERFILE, ROOT, SECRET, SERVICES, airflow, options, provided  # noqa: F401

TEXT = (ROOT / "deploy/kubernetes/values.yaml").read_text("utf-8")
VALUES = yaml.safe_load(TEXT)
ENV = {entry["name"]: entry["value"] for entry in VALUES["env"]}
WORKER = SERVICES["worker"]
OWN = {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "VBP_TASKS_AT_ONCE"}
"""What a site sets as it needs it, here and in .env."""
IN_SECRETS = {"VBP_ALARM_URLS"}


def _default(value: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def test_every_variable_of_ours_is_the_one_of_compose():
    composed = {n: _default(str(v)) for n, v in WORKER["environment"].items() if n.startswith("VBP_")}
    assert ENV.keys() & {n for n in ENV if n.startswith("VBP_")} == composed.keys() - IN_SECRETS
    assert {n: v for n, v in ENV.items() if n in composed and n not in OWN} == {
        n: v for n, v in composed.items() if n in ENV and n not in OWN
    }
    assert all(name in TEXT for name in IN_SECRETS)


def test_options_of_airflow_exist_and_are_those_of_compose(options):  # noqa: F811
    names = [name for name in ENV if name.startswith("AIRFLOW__")]
    assert [n for n in names if n.lower().split("__")[2] not in options[n.lower().split("__")[1]]] == []
    assert {n: ENV[n] for n in names if n not in OWN} == {n: _default(WORKER["environment"][n]) for n in names if n not in OWN}


def test_tasks_see_what_workers_of_compose_see():
    mounts = {mount["mountPath"]: mount["name"] for mount in VALUES["volumeMounts"]}
    composed = {volume.split(":")[1] for volume in WORKER["volumes"]} - {"/out", "/opt/airflow/logs"}
    assert mounts.keys() == composed
    assert set(mounts.values()) == {volume["name"] for volume in VALUES["volumes"]}
    assert VALUES["logs"]["persistence"]["enabled"]
    assert {ENV[name] for name in ("VBP_HOME", "VBP_LANDING", "VBP_POLICIES", "TMPDIR")} <= mounts.keys()


def test_image_user_and_version_are_those_that_are_built():
    user = int(re.search(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)[1])
    pod = VALUES["securityContexts"]["pod"]
    assert {VALUES["uid"], pod["runAsUser"], pod["fsGroup"]} == {user}
    assert VALUES["airflowVersion"] == version("apache-airflow")
    assert VALUES["images"]["airflow"]["repository"].endswith(f"/{WORKER['image']}")
    assert f"ln -s /opt/venv/lib/python3.11/site-packages/dags {ENV['AIRFLOW__CORE__DAGS_FOLDER']}" in DOCKERFILE


@pytest.mark.parametrize(("provider", "executor"), [("cncf/kubernetes", VALUES["executor"]), ("celery", "CeleryExecutor")])
def test_the_image_has_both_executors(airflow, provider, executor):  # noqa: F811
    assert executor in {path.rpartition(".")[2] for path in provided(airflow, provider)["executors"]}
    assert f'"apache-airflow-providers-{provider.replace("/", "-")}' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_no_secret_stands_in_the_file():
    assert [name for name in ENV if SECRET.search(name)] == []
    named = {entry["envName"] for entry in VALUES["secret"]}
    assert named == {"PGPASSWORD", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"}
    assert not re.search(r"://[^\s/]*:[^\s/@]*[A-Za-z0-9][^\s/@]*@", TEXT.replace("…", ""))
