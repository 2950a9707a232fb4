"""The container files name only what the code, the repository and the installed Airflow really have."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
BUILT_HERE = {name: service for name, service in SERVICES.items() if "build" in service}
# ${NAME}, ${NAME:-default} or ${NAME:?message}; $$ is a dollar sign for the shell inside.
VARIABLES = re.findall(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}", TEXT)
EXAMPLE = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
SECRET = re.compile(r"(PASSWORD|SECRET|_KEY|_CONN|_CONN_ASYNC)$")


def _environment() -> list[tuple[str, str]]:
    return [pair for service in SERVICES.values() for pair in service["environment"].items()]


def _names(prefix: str) -> list[str]:
    return sorted({name for name, _ in _environment() if name.startswith(prefix)})


def _volumes(service: dict) -> dict[str, str]:
    return {target: source for source, target, *_ in (volume.split(":") for volume in service["volumes"])}


def _copied() -> set[str]:
    lines = re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE)
    return {source for line in lines for source in line.split()}


def _documented(pattern: str) -> list[str]:
    return re.findall(rf"^#.*?{pattern}", TEXT, re.MULTILINE)


def _airflow_commands() -> list[list[str]]:
    texts = _documented(r"(airflow [a-z].*)")
    for service in SERVICES.values():
        for step in (service.get("command", ""), service.get("healthcheck", {}).get("test", "")):
            texts.append(step if isinstance(step, str) else " ".join(step))
    return [shlex.split(line) for text in texts for line in re.findall(r"(?<!\S)airflow (.+)", text)]


@pytest.fixture(scope="module")
def airflow() -> Path:
    return Path(find_spec("airflow").submodule_search_locations[0])


@pytest.fixture(scope="module")
def options(airflow: Path) -> dict:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (airflow / "config_templates/config.yml").read_text("utf-8")
    return {section: body["options"] for section, body in yaml.load(text, loader).items()}


def test_every_variable_stands_in_the_example_and_every_example_is_used():
    assert {name for name, _, _ in VARIABLES} == set(EXAMPLE)


def test_defaults_are_those_of_the_example():
    defaults = {name: value for name, operator, value in VARIABLES if operator == "-"}
    assert {n: v for n, v in defaults.items() if v} == {n: v for n, v in EXAMPLE.items() if v}
    assert defaults.keys() <= EXAMPLE.keys()


def test_every_secret_comes_from_the_environment_file_and_is_demanded():
    secrets = [(name, value) for name, value in _environment() if SECRET.search(name)]
    used = {variable for _, value in secrets for variable in re.findall(r"\$\{(\w+)", value)}
    assert [name for name, value in secrets if "${" not in value] == []
    assert used == {name for name, operator, _ in VARIABLES if operator == "?"}
    assert {EXAMPLE[name] for name in used} == {""}


def test_environment_file_never_enters_the_repository_or_the_image():
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "*" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def test_every_vbp_variable_is_a_setting():
    from pipelines.alarms.settings import AlarmSettings
    from pipelines.settings import Settings

    classes = (Settings, AlarmSettings)
    known = {(c.model_config["env_prefix"] + name).upper() for c in classes for name in c.model_fields}
    assert set(_names("VBP_")) <= known | {"VBP_SITE_URL"}


def test_every_airflow_option_exists(options):
    keys = [name.lower().split("__")[1:] for name in _names("AIRFLOW__")]
    assert keys != []
    assert [key for key in keys if key[1] not in options.get(key[0], {})] == []


def test_every_airflow_command_parses(tmp_path):
    commands = _airflow_commands()
    assert ["db", "migrate"] in commands
    code = """
import json, sys
from airflow.cli.cli_parser import get_parser
for command in json.loads(sys.argv[1]):
    get_parser().parse_args(command)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands)],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_health_checks_ask_where_airflow_answers(airflow, options):
    paths = (airflow / "api_fastapi/core_api/openapi/v2-rest-api-generated.yaml").read_text("utf-8")
    port, watched = (options["api"]["port"], options["scheduler"]["scheduler_health_check_server_port"])
    assert "\n  /api/v2/monitor/health:\n" in paths
    assert f"localhost:{port['default']}/api/v2/monitor/health" in str(SERVICES["api-server"]["healthcheck"])
    assert f"localhost:{watched['default']}/health" in str(SERVICES["scheduler"]["healthcheck"])


def test_database_addresses_name_a_service_and_an_installed_driver():
    addresses = {value for _, value in _environment() if value.startswith("postgresql+")}
    for url in (make_url(re.sub(r"\$\{.*?\}", "SECRET", address)) for address in addresses):
        server = SERVICES[url.host]["environment"]
        assert (url.username, url.database) == (server["POSTGRES_USER"], server["POSTGRES_DB"])
        assert url.get_dialect().import_dbapi()


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_or_runs_once(name):
    awaited = {need: wait["condition"] for s in SERVICES.values() for need, wait in s.get("depends_on", {}).items()}
    if SERVICES[name].get("restart") == "no":
        assert awaited[name] == "service_completed_successfully"
    else:
        assert SERVICES[name]["healthcheck"]["test"]
        assert awaited.get(name, "service_healthy") == "service_healthy"


def test_every_bind_mount_exists_or_is_made_by_a_documented_step():
    made = {folder for step in _documented(r"mkdir -p ((?:\w+ )+)") for folder in step.split()}
    mounts = {source for service in SERVICES.values() for source in _volumes(service).values()}
    paths = [Path(source) for source in mounts if source.startswith(".")]
    assert paths != []
    assert [path for path in paths if str(path) not in made and not (ROOT / path).exists()] == []


def test_every_directory_of_the_environment_is_mounted_and_belongs_to_the_user():
    made = shlex.split(re.search(r"mkdir -p (.+?) \\", DOCKERFILE)[1])
    for service in BUILT_HERE.values():
        volumes, environment = _volumes(service), service["environment"]
        assert volumes[environment["VBP_LANDING"]] == "./landing"
        assert volumes[environment["VBP_POLICIES"]] == "./policies"
        assert environment["VBP_HOME"] in volumes
        assert {target for target, source in volumes.items() if source in COMPOSE["volumes"]} == set(made)


def test_every_copied_source_exists_and_passes_the_ignore_file():
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [source for source in _copied() if not (ROOT / source).exists()] == []
    assert _copied() == {line.removeprefix("!") for line in ignore if line.startswith("!")}


def test_image_holds_every_package_and_the_nightly_dag():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= _copied()
    assert _documented(r"airflow dags unpause (\w+)") == ["nightly_compliance"]
    assert (ROOT / "dags/nightly_compliance.py").exists()


def test_image_installs_by_hash_from_no_named_index():
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"https?://|index", DOCKERFILE)
