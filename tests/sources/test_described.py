"""`sources.toml`: what it may say, and what is said of what it may not."""

import pytest

from pipelines.sources.described import SourcesError, read_sources
from tests.processes import ROOT

SFTP = {"host": "h", "host_keys": ["ssh-ed25519 AAAA"]}
SQL = {"url": "sqlite:///x", "query": "SELECT 1", "watermark": "w"}
S3 = {"endpoint": "https://s3", "bucket": "b"}
HTTP = {"url": "https://h/a.csv"}


@pytest.mark.parametrize(("kind", "given"), [("sftp", SFTP), ("sql", SQL), ("s3", S3), ("http", HTTP)])
def test_each_kind_with_as_little_as_it_needs(pulls, kind, given):
    source = pulls.describe(kind, **given)
    assert (source.kind, source.id, source.enabled) == (kind, "deliveries/cixi", True)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("sftp", SFTP | {"password": "x"}, "键 password 是口令，不能写在文件里"),
        ("s3", S3 | {"secret_access_key": "x"}, "键 secret_access_key 是口令"),
        ("http", HTTP | {"token": "x"}, "键 token 是口令"),
        ("sftp", SFTP | {"hots": "h"}, "未知的键 hots；请删去或改正，可用的键：name、dataset"),
        ("sftp", {"host": "h"}, "缺少必填的键 host_keys"),
        ("sftp", SFTP | {"host_keys": ["SHA256:abc"]}, "不是主机公钥"),
        ("sftp", SFTP | {"port": 0}, "键 port 的值不合格"),
        ("ftp", {}, "键 kind 应为 s3、sftp、sql、http 之一"),
        ("sql", SQL | {"url": "mysql+pymysql://u@h/d"}, "不能保证只读"),
        ("sql", SQL | {"url": "postgresql+psycopg://u:Geheim-9@h/d"}, "url 里不要写口令"),
        ("http", {"url": "http://h/a.csv"}, "没有加密"),
        ("http", {"url": "https://u:Geheim-9@h/a.csv"}, "不要写用户与口令"),
        ("http", HTTP | {"name": "../x"}, "name 应为来源的目录名"),
        ("http", HTTP | {"name": "2020"}, "不以年份开头"),
        ("http", HTTP | {"dataset": "delivery"}, "不是数据集"),
        ("http", HTTP | {"environment": "VBP_X"}, "不能以 VBP_ 开头"),
        ("http", HTTP | {"environment": "X", "connection": "y"}, "只写一个"),
    ],
)
def test_what_is_wrong_is_named_with_file_source_and_remedy(pulls, kind, given, said):
    with pytest.raises(SourcesError) as refused:
        pulls.describe(kind, **given)
    told = str(refused.value)
    assert said in told and "sources.toml 第 1 个来源" in told and "Geheim" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[source]\n", "双方括号"),
        ("retries = 3\n", "未知的键 retries"),
        ("[[source]\n", "不是合格的 TOML"),
        ('[[source]]\nname="a"\ndataset="lots"\nkind="http"\nurl="https://h/a.csv"\n' * 2, "来源 lots/a 写了两次"),
    ],
)
def test_a_file_that_is_none(tmp_path, text, said):
    (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SourcesError, match=said):
        read_sources(tmp_path)


def test_without_the_file_there_are_no_sources(tmp_path):
    assert read_sources(tmp_path) == read_sources(None) == ()


def test_the_example_can_be_used_as_it_is(tmp_path):
    (tmp_path / "sources.toml").write_bytes((ROOT / "seeds" / "sources.example.toml").read_bytes())
    assert {source.kind for source in read_sources(tmp_path)} == {"s3", "sftp", "sql", "http"}
