"""The commands for senders as people call them: exit statuses, what is printed, JSON."""

import json

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from tests.senders.test_check import BAD, write


@pytest.fixture
def vbp(monkeypatch, tmp_path):
    monkeypatch.delenv("VBP_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def test_check(vbp, tmp_path):
    good = vbp("check", write(tmp_path / "好.csv", "deliveries"))
    assert good.exit_code == 0 and "可以报送：1 行全部会被接收；引用的编码未核对" in good.output and "按表头识别" in good.output
    bad = vbp("check", write(tmp_path / "bad.csv", "deliveries", {}, BAD), "--to", "fix")
    assert bad.exit_code == 3 and "采购单价：" in bad.output and "请先改正：1 行会被拒收" in bad.output
    assert (tmp_path / "fix" / "deliveries" / "bad.xlsx").exists()
    for call in (("check", "none.csv"), ("check", "好.csv", "--home", tmp_path / "no"), ("check", "好.csv", "--dataset", "x")):
        wrong = vbp(*call)
        assert wrong.exit_code == 2 and wrong.output.startswith("错误：") and wrong.output.count("\n") == 1


def test_check_as_json(vbp, tmp_path):
    result = vbp("check", write(tmp_path / "deliveries" / "bad.csv", "deliveries", {}, BAD), "--json")
    (file,) = json.loads(result.output)
    assert (result.exit_code, file["dataset"], file["rows_rejected"], file["references_checked"]) == (3, "deliveries", 1, False)
    assert file["rejected"][0]["reasons"][0]["column"] == "unit_price" and file["rejected"][0]["line_no"] == 3
    assert {m["column"] for m in file["missing"]} == {"institution_code", "product_code"}


def test_template(vbp, tmp_path):
    result = vbp("template", "--dataset", "lots", "--to", "out")
    assert result.exit_code == 0 and result.output == "out/lots/填报模板_采购批次.xlsx\n"
    checked = vbp("check", "out")
    assert checked.exit_code == 0 and "没有要报送的行" in checked.output
    wrong = vbp("template", "--dataset", "lot", "--to", "out")
    assert wrong.exit_code == 2 and "没有数据集“lot”" in wrong.output
