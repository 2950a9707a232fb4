"""The pages in Airflow's own api-server: found by the entry point, behind its login, with its rights."""

import json
import shutil
import subprocess
import sys
import tomllib

import pytest

from pipelines.store.local import Local
from pipelines.store.uploads import read_uploads
from tests.dags.ask_pages import PEOPLE
from tests.processes import ROOT, Command


@pytest.fixture(scope="module")
def answers(airflow_database, tmp_path_factory):
    """What the api-server answered, and the folder with `home` and `landing`. The plugin is installed as pyproject.toml says."""
    folder = tmp_path_factory.mktemp("served")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    installed = folder / "packages" / "vbp_compliance-0.dist-info"
    for place in (folder / "airflow", folder / "home" / "site", folder / "landing", installed):
        place.mkdir(parents=True)
    points = [f"{name} = {value}" for name, value in project["entry-points"]["airflow.plugins"].items()]
    (installed / "entry_points.txt").write_text("\n".join(["[airflow.plugins]", *points]) + "\n", encoding="utf-8")
    (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0\n", encoding="utf-8")
    shutil.copy(airflow_database, folder / "airflow" / "airflow.db")
    (folder / "home" / "site" / "index.html").write_text("<p>网站</p>", encoding="utf-8")
    done = Command(
        "tests.dags.ask_pages",
        folder / "packages",
        AIRFLOW_HOME=folder / "airflow",
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=",".join(f"{name}:{role}" for name, role in PEOPLE.items()),
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=folder / "airflow" / "passwords.json",
        AIRFLOW__API_AUTH__JWT_SECRET="0" * 64,
        AIRFLOW__API__SECRET_KEY="0" * 64,
        AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
        VBP_HOME=folder / "home",
        VBP_LANDING=folder / "landing",
    ).finish()
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, json.loads(done.stdout.splitlines()[-1])


def test_nobody_reads_without_a_login(answers):
    _, said = answers
    assert said["nobody"][:2] == [302, "/auth/login?next=%2Fvbp%2Fsite%2Findex.html%3Fa%3D1"]
    assert said["forged"][0] == 302


def test_a_viewer_reads_and_may_not_send(answers):
    folder, said = answers
    assert (said["viewer reads"][0], said["viewer reads"][2]) == (200, "<p>网站</p>")
    assert said["viewer enters"][0] == 200
    assert [said[what][0] for what in ("viewer wants to send", "viewer sends")] == [403, 403]
    assert said["clerk is tricked"][0] == 403
    assert {upload.by for upload in read_uploads(Local(folder / "home"))} == {"clerk"}


def test_who_may_trigger_the_night_sends(answers):
    folder, said = answers
    for what, content in (("clerk sends", b"x"), ("program sends", b"y")):
        assert said[what][0] == 200
        assert (folder / "landing" / json.loads(said[what][2])["path"]).read_bytes() == content


def test_airflow_shows_them_in_its_menu(answers):
    _, said = answers
    [plugin] = json.loads(said["menu"][2])["plugins"]
    [view] = plugin["external_views"]
    assert (view["name"], view["href"], view["nav_top_level"]) == ("采购监测", "/vbp/", True)


def test_the_plugin_is_light_until_somebody_asks():
    """Every process of Airflow imports it: the scheduler forks, which what has run Polars must not do."""
    code = "import sys, airflow.plugins_manager; before = set(sys.modules); import pipelines.web.plugin; "
    code += (
        "print(*sorted({n.split('.')[0] for n in set(sys.modules) - before} & {'polars', 'pandera', 'starlette', 'jinja2'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
