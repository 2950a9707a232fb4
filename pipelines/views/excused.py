"""Which rows of the latest published date each approved excuse in the register moves, and by how much: a view of its own."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.views.shown import JURISDICTION, Dialect, Shown
from schemas.reports import REPORTS

NAME = "正当理由影响"
COMMENT = (
    "在册备案在最近发布日所涉的结果行：协议为该行剔除的全部数量或金额，未付货款为未付金额，预付为尚欠金额，两票制为豁免金额"
    " / rows that excuses of the register move, of the latest published date."
)

_OF_VOLUME = "t.commitment_id = x.commitment_id AND x.kind = 'volume' AND x.valid_from <= t.as_of"
_OF_INVOICE = (
    "t.institution_code = x.institution_code AND t.invoice_no = x.invoice_no"
    " AND COALESCE(t.invoice_code, '') = COALESCE(x.invoice_code, '') AND x.kind = 'two_invoice' AND x.valid_from <= t.as_of"
)
_NOTHING = "CAST(NULL AS {})"


def columns_of(dialect: Dialect) -> tuple[Shown, ...]:
    """The columns of the view."""
    yuan = "CAST(m.fen * 0.01 AS NUMERIC(22, 2))" if dialect == "postgresql" else "m.fen / 100.0"
    return (
        Shown("备案编号", "text", "", "Number of the excuse.", "", "excuse_id", "r.excuse_id"),
        Shown("医疗机构编码", "text", "", "Whom it excuses.", "", "institution_code", "r.institution_code"),
        Shown("医疗机构名称", "text", "", "Name of the institution.", "", "", "COALESCE(i.name, r.institution_code)"),
        Shown("结果表", "text", "", "Table of the row that it moves.", "", "", "m.title"),
        Shown("行主键", "text", "", "Key of the row without the date, joined by |.", "", "", "m.row_key"),
        Shown("剔除数量", "double", "min_unit", "Minimum units excused in the row, of all its excuses.", "", "", "m.quantity"),
        Shown("涉及金额", "yuan", "yuan", "Amount of the row that is excused.", "", "", yuan),
        Shown(JURISDICTION, "text", "", "Division of the institution.", "", "", "i.jurisdiction_code"),
    )


def source_of(dialect: Dialect) -> str:
    """What the columns are read from."""
    parts = " UNION ALL ".join(_parts(dialect))
    return (
        f"FROM excuse_register r JOIN ({parts}) m ON m.excuse_id = r.excuse_id"
        " LEFT JOIN institution_names i ON i.institution_code = r.institution_code"
    )


def _parts(dialect: Dialect) -> Iterator[str]:
    """By table: the condition on which a row is moved, its key, quantity and fen."""
    no_quantity, no_fen = _NOTHING.format("DOUBLE PRECISION"), _NOTHING.format("BIGINT")
    find = "strpos" if dialect == "postgresql" else "instr"
    names_it = f"{find}(',' || t.excuse_id || ',', ',' || x.excuse_id || ',') > 0 AND t.institution_code = x.institution_code"
    lacks = f"{names_it} AND t.required_fen > t.paid_in_fen"
    invoice = "t.invoice_code || '|' || t.invoice_no || '|' || CAST(t.line_no AS TEXT)"
    group = "t.institution_code || '|' || t.lot_code || '|' || CAST(t.period_start AS TEXT)"
    payable = "t.institution_code || '|' || t.delivery_id"
    budget_moves = f"{_OF_VOLUME} AND (t.excused_quantity > 0 OR t.excused_fen > 0)"
    for table, condition, key, quantity, fen in (
        (
            "agreed_volume_completion",
            f"{_OF_VOLUME} AND t.excused_quantity > 0",
            "t.commitment_id",
            "t.excused_quantity",
            no_fen,
        ),
        ("budgeted_completion", budget_moves, "t.commitment_id", "t.excused_quantity", "t.excused_fen"),
        ("payment_unpaid", names_it, payable, no_quantity, "t.unpaid_fen"),
        ("prepayment_timeliness", lacks, group, no_quantity, "t.required_fen - t.paid_in_fen"),
        ("two_invoice_line", f"{_OF_INVOICE} AND t.verdict = 'exempt'", invoice, no_quantity, "t.net_fen"),
    ):
        yield (
            f"SELECT x.excuse_id, '{REPORTS[table].title_zh}' AS title, {key} AS row_key, {quantity} AS quantity, {fen} AS fen"
            f" FROM excuse_register x JOIN {table} t ON {condition}"
            " WHERE x.state = 'standing' AND t.as_of = (SELECT MAX(as_of) FROM publications)"
        )
