"""The report tables are those of the contract."""

import pytest

from pipelines.policy.policies import load_policies
from schemas.declared import declared
from schemas.reports import REPORTS
from schemas.table import AS_OF, PAYMENT_CLAUSE, RUN_ID, TWO_INVOICE_CLAUSE, VOLUME_CLAUSE, ReportTable, in_chinese, text

FIGURES = {"findings", *(table.name for table in declared("TABLES"))}
OTHERS = {"runs", "source_files", "rejected_records", "check_results", "restatements", "data_dictionary"}
KEPT = {
    "accountability_lists",
    "accountability_items",
    "assessment_scores",
    "audit_samples",
    "audit_sample_members",
    "bulletins",
    "dropped_dates",
    "publications",
}
REGISTERS = {"excuse_register", "row_divisions"}
PULLS = {"pulls", "pulled_objects"}
TASKS = {"tasks", "task_actions", "task_ledger"}
NAMES = {f"{kind}_names" for kind in ("institution", "enterprise", "product", "generic", "lot", "agency", "division")}


def test_the_tables_of_the_contract_those_of_names_and_those_kept_on_request() -> None:
    assert set(REPORTS) == FIGURES | OTHERS | NAMES | KEPT | REGISTERS | TASKS | PULLS
    assert {name for name, table in REPORTS.items() if table.figure} == FIGURES


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_figure_belongs_to_a_date_and_a_run(name: str) -> None:
    assert REPORTS[name].key[0] == "as_of"
    assert {"as_of", "run_id"} <= set(REPORTS[name].column_names)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_column_has_a_chinese_title_and_a_sentence(name: str) -> None:
    for column in REPORTS[name].columns:
        assert any("一" <= letter <= "鿿" for letter in column.title_zh), column.name
        assert column.description.endswith("."), column.name
    for sentence in (REPORTS[name].description, *(column.description for column in REPORTS[name].columns)):
        assert in_chinese(sentence).endswith("。"), (
            f"no Chinese in schemas/chinese.csv or the folder of the indicator: {sentence}"
        )


@pytest.mark.parametrize(
    ("parameter", "cited"),
    [("clause_agreed_volume", VOLUME_CLAUSE), ("clause_payment", PAYMENT_CLAUSE), ("clause_two_invoice", TWO_INVOICE_CLAUSE)],
)
def test_a_clause_cites_every_document_that_holds_somewhere_and_says_where(parameter: str, cited: str) -> None:
    rows = [row for row in load_policies(None).rows if row.parameter == parameter and row.mark != "D"]
    nation, _, places = cited.partition("；")
    for row in rows:
        assert row.document_no in (places if row.jurisdiction else nation), row.id
        assert row.jurisdiction in places, row.id


@pytest.mark.parametrize("name", sorted(FIGURES | OTHERS | TASKS | PULLS))
def test_money_is_fen_and_dates_are_dates(name: str) -> None:
    for column in REPORTS[name].columns:
        assert column.name.endswith(("_fen", "_fen_before")) == (column.type == "fen"), column.name
        if column.name.endswith("_on") or column.name == "as_of":
            assert column.type == "date", column.name


def test_a_key_column_cannot_be_null() -> None:
    with pytest.raises(ValueError, match="must not be nullable"):
        ReportTable("T", "表", "A table.", ("code",), (text("code", "编码", "A code.", nullable=True),))


def test_a_column_stands_once() -> None:
    with pytest.raises(ValueError, match="inconsistent"):
        ReportTable("T", "表", "A table.", ("as_of",), (AS_OF, RUN_ID, RUN_ID))
