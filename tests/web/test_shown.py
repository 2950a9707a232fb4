"""What of a home a browser gets: pages and workbooks, and nothing else."""

import pytest

PAGES = {
    "site/index.html": "网站",
    "site/morning/R1/index.html": "晨报",
    "returns/R1/deliveries/慈溪 医院#1.xlsx": "表",
    "runs/R1/audit/failing/a.csv": "键",
}
OTHERS = {
    "compliance.db": "库",
    "runs/R1/dossier.json.gz": "清单",
    "runs/R1/audit/ge_results.json.gz": "结果",
    "archive/deliveries/x.csv": "存档",
    "site/.hidden": "隐藏",
    "site/page.html.part": "未完",
}


@pytest.fixture
def filled(visitor):
    for path, text in (PAGES | OTHERS).items():
        place = visitor.home / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    (visitor.home / "site" / "link.html").symlink_to(visitor.home / "compliance.db")
    return visitor


def test_pages_and_workbooks_are_shown(filled):
    for path, text in PAGES.items():
        answer = filled.get(f"/{path.replace('#', '%23')}")
        assert (answer.status_code, answer.content.decode()) == (200, text)
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "connect-src 'none'" in answer.headers["content-security-policy"]


def test_a_folder_is_its_index(filled):
    assert filled.get("/site/").content.decode() == PAGES["site/index.html"]
    assert filled.get("/site/morning/R1").headers["location"] == "/site/morning/R1/"


@pytest.mark.parametrize(
    "path",
    [
        *OTHERS,
        "site/link.html",
        "site/../compliance.db",
        "site/%2e%2e/compliance.db",
        "site/%2e%2e%2fcompliance.db",
        "site/..%5ccompliance.db",
        "site//index.html",
        "returns/",
        "runs/R1/audit/failing/",
        "runs/R1/audit/failing/../../dossier.json.gz",
        "site/%00",
        "uploads/",
        "",
    ],
)
def test_nothing_else_is_shown(filled, path):
    answer = filled.get(f"/{path}")
    assert answer.status_code == (200 if path == "" else 404)
    assert not set(OTHERS.values()) & {answer.content.decode()}


def test_nobody_sees_anything_before_the_login(filled):
    filled.who = ""
    for path in ("/", "/site/index.html", "/upload", "/compliance.db"):
        answer = filled.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, f"/auth/login?next={path}")
