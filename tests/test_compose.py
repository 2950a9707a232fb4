"""The container files name only what the code, the repository and the installed Airflow really have."""

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url

from pipelines.store import remote

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
BUILT_HERE = {name: service for name, service in SERVICES.items() if service["image"] == "vbp-compliance"}
RUNBOOK = (ROOT / "docs/runbook.md").read_text("utf-8")
READMES = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")]
OF_ONE_CALL = {"VBP_AS_OF", "VBP_CHROMIUM"}
"""Variables that no deployment sets: one of a single command, which would pin every later one; one that the image knows."""
# ${NAME}, ${NAME:-default} or ${NAME:?message}; $$ is a dollar sign for the shell inside.
VARIABLES = re.findall(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}", TEXT)
EXAMPLE = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
INITDB = (ROOT / "deploy/reports-db.sh").read_text("utf-8")
SECRET = re.compile(r"(PASSWORDS?|SECRET|_KEY|_CONN|_CONN_ASYNC)$")


def _environment() -> list[tuple[str, str]]:
    return [pair for service in SERVICES.values() for pair in service["environment"].items()]


def _names(prefix: str) -> list[str]:
    return sorted({name for name, _ in _environment() if name.startswith(prefix)})


def _volumes(service: dict) -> dict[str, str]:
    return {target: source for source, target, *_ in (volume.split(":") for volume in service.get("volumes", ()))}


def _writable(service: dict) -> set[str]:
    return {volume.split(":")[1] for volume in service.get("volumes", ()) if not volume.endswith(":ro")}


def _copied() -> set[str]:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return {source for line in lines for source in line.split()}


def _documented(pattern: str) -> list[str]:
    return re.findall(rf"^#.*?{pattern}", TEXT, re.MULTILINE)


def _airflow_commands() -> list[list[str]]:
    texts = _documented(r"(airflow [a-z].*)")
    for service in SERVICES.values():
        for step in (service.get("command", ""), service.get("healthcheck", {}).get("test", "")):
            texts.append(step if isinstance(step, str) else " ".join(step))
    called = re.findall(r'\["airflow", (.+?)\]', (ROOT / "deploy/init.py").read_text("utf-8"))
    told = [shlex.split(line) for text in texts for line in re.findall(r"(?<!\S)airflow (.+)", text)]
    return told + [json.loads(f"[{words}]") for words in called]


@pytest.fixture(scope="module")
def airflow() -> Path:
    return Path(find_spec("airflow").submodule_search_locations[0])


def provided(airflow: Path, name: str) -> dict:
    """What a provider adds to Airflow; read without starting Airflow."""
    return runpy.run_path(str(airflow / "providers" / name / "get_provider_info.py"))["get_provider_info"]()


@pytest.fixture(scope="module")
def options(airflow: Path) -> dict:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (airflow / "config_templates/config.yml").read_text("utf-8")
    described = yaml.load(text, loader) | provided(airflow, "celery")["config"]
    return {section: body["options"] for section, body in described.items()}


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
    assert used | {"AIRFLOW_USERS"} == {name for name, operator, _ in VARIABLES if operator == "?"}
    assert {EXAMPLE[name] for name in used} == {""}


def test_environment_file_never_enters_the_repository_or_the_image():
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "*" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def test_every_variable_of_the_readme_reaches_the_containers():
    for text in READMES:
        told = set(re.findall(r"`(VBP_\w+)`", text)) - OF_ONE_CALL
        for name, service in BUILT_HERE.items():
            assert told <= service["environment"].keys(), name


def test_every_vbp_variable_is_a_setting():
    from pipelines.alarms.settings import AlarmSettings
    from pipelines.settings import Settings

    classes = (Settings, AlarmSettings)
    known = {(c.model_config["env_prefix"] + name).upper() for c in classes for name in c.model_fields}
    assert set(_names("VBP_")) <= known | {"VBP_SITE_URL", "VBP_JURISDICTION"}


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
        made = set(re.findall(r"CREATE (?:ROLE|DATABASE) (\w+)", INITDB if url.host == "reports-db" else ""))
        assert {url.username, url.database} <= made | {server["POSTGRES_USER"], server["POSTGRES_DB"]}
        assert url.get_dialect().import_dbapi()


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_or_runs_once(name):
    awaited = {need: wait["condition"] for s in SERVICES.values() for need, wait in s.get("depends_on", {}).items()}
    if SERVICES[name]["restart"] == "no":
        assert "profiles" in SERVICES[name] or awaited[name] == "service_completed_successfully"
    else:
        assert SERVICES[name]["healthcheck"]["test"]
        assert awaited.get(name, "service_healthy") == "service_healthy"


def test_every_bind_mount_exists_or_is_made_by_the_first_step():
    made = {".env", *re.search(r"mkdir -p (.+)", (ROOT / "deploy/prepare.sh").read_text("utf-8"))[1].split()}
    mounts = {source for service in SERVICES.values() for source in _volumes(service).values()}
    paths = [Path(source) for source in mounts if source.startswith(".")]
    assert paths != []
    assert [path for path in paths if str(path) not in made and not (ROOT / path).exists()] == []


def test_every_directory_of_the_environment_is_mounted_and_belongs_to_the_user():
    made = shlex.split(re.search(r"mkdir -p (.+?) \\", DOCKERFILE)[1])
    for name in ("api-server", "scheduler", "worker", "dag-processor", "triggerer"):
        service = SERVICES[name]
        volumes, environment = _volumes(service), service["environment"]
        assert volumes[environment["VBP_LANDING"]] == "./landing"
        assert volumes[environment["VBP_POLICIES"]] == "./policies"
        assert {environment["VBP_HOME"], environment["TMPDIR"]} <= _writable(service) <= set(made) | {"/landing"}
        named = {target for target, source in volumes.items() if source in COMPOSE["volumes"]}
        assert named | {"/out"} == set(made)


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_may_do_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert service.get("user", "10001") not in ("root", "0")
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_the_image_is_built_once():
    assert [name for name, service in SERVICES.items() if "build" in service] == ["airflow-init"]
    assert {service["pull_policy"] for service in BUILT_HERE.values()} == {"never"}
    assert SERVICES["airflow-init"]["build"]["args"].keys() == {"PYTHON_IMAGE"}


def test_base_images_are_named_by_digest_and_alike_everywhere():
    images = {name: EXAMPLE[name] for name in ("PYTHON_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE")}
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image) for image in images.values())
    assert re.search(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, re.MULTILINE)[1] == images["PYTHON_IMAGE"]
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    for service in SERVICES.values():
        assert service["image"] == "vbp-compliance" or any(image in service["image"] for image in images.values())


def test_each_secret_of_a_build_is_declared_and_stays_out_of_the_image():
    mirror = yaml.safe_load((ROOT / "deploy/mirror.yml").read_text("utf-8"))
    used = set(re.findall(r"--mount=type=secret,id=(\w+)", DOCKERFILE))
    assert used == set(mirror["services"]["airflow-init"]["build"]["secrets"]) == mirror["secrets"].keys()
    assert {Path(secret["file"]).parts[0] for secret in mirror["secrets"].values()} == {"mirror"}
    assert "/mirror/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_a_killed_scheduler_is_made_good_within_a_minute(options):
    environment = SERVICES["scheduler"]["environment"]
    waits = [
        int(environment[f"AIRFLOW__SCHEDULER__{name}"])
        for name in ("SCHEDULER_HEALTH_CHECK_THRESHOLD", "ORPHANED_TASKS_CHECK_INTERVAL")
    ]
    assert sum(waits) < 60
    assert waits[0] >= 3 * int(options["scheduler"]["scheduler_heartbeat_sec"]["default"])
    assert SERVICES["scheduler"]["restart"] == "unless-stopped"


def test_the_backup_reads_the_home_and_restores_from_where_it_wrote():
    backup, restore = SERVICES["backup"], SERVICES["restore"]
    assert backup["image"] == restore["image"] == SERVICES["reports-db"]["image"]  # pg_dump of the server's version
    assert backup["environment"]["VBP_HOME"] not in _writable(backup)
    assert restore["environment"]["VBP_HOME"] in _writable(restore)
    assert _volumes(backup)["/backup"] == _volumes(restore)["/backup"] == "./backups"
    for name in ("backup.sh", "restore.sh"):
        script = (ROOT / "deploy" / name).read_text("utf-8")
        needed = set(re.findall(r"\$\{?((?:REPORTS|AIRFLOW|VBP)_\w+)", script))
        assert needed <= SERVICES[name.removesuffix(".sh")]["environment"].keys()


@pytest.mark.parametrize("text", [RUNBOOK, *READMES])
def test_what_pages_tell_of_containers_is_there(text):
    told = re.findall(r"docker compose (?:exec|run --rm|logs|stop|restart|ps)((?: [a-z][a-z-]*)+)", text)
    for words in told:
        services = [word for word in words.split() if word in SERVICES]
        assert services or words.split()[0] in ("airflow", "vbp"), words
    assert "deploy/prepare.sh" in text
    ours = re.findall(r"\b((?:AIRFLOW_(?!_)|REPORTS_(?!DUMP)|BACKUP_|SCHEDULER_)[A-Z_]+)\b", text)
    assert set(ours) <= EXAMPLE.keys()


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
    assert not re.search(r"https?://|(?<!--no-)index", DOCKERFILE)


def test_a_home_in_an_object_store_is_named_to_every_service_that_has_one():
    laid_over = yaml.safe_load((ROOT / "deploy/object-store.yml").read_text("utf-8"))["services"]
    assert laid_over.keys() == {name for name, service in BUILT_HERE.items() if "VBP_HOME" in service["environment"]}
    passed = {name for service in laid_over.values() for name in service["environment"]}
    assert passed - {"VBP_HOME"} == set(remote.KNOWN)
