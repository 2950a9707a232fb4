"""Yearly assessment scores (与年度考核挂钩), with the raw figures they are made of."""

from schemas.declared import declared
from schemas.spellings import DUTIES
from schemas.table import (
    AS_OF,
    JURISDICTION,
    PAYMENT_CLAUSE,
    RUN_ID,
    TWO_INVOICE_CLAUSE,
    VOLUME_CLAUSE,
    Column,
    ReportTable,
    count,
    fen,
    rate,
    text,
)


def _score(name: str, title_zh: str, description: str) -> Column:
    return Column(name, "double", "point", title_zh, description, PAYMENT_CLAUSE, True, minimum=0, maximum=100)


def _weight(name: str, title_zh: str) -> Column:
    return count(name, "point", title_zh, "Weight of the component, by policy.", PAYMENT_CLAUSE)


TABLE = ReportTable(
    name="assessment_scores",
    title_zh="年度考核得分",
    description="Score of an institution for a year, made of published figures; a changed one comes as a new assessment.",
    key=("assessment_id", "institution_code"),
    columns=(
        text("assessment_id", "考核编号", "Year, and the first characters of the SHA-256 of its rows."),
        Column("year", "integer", "", "年度", "Year that is assessed."),
        AS_OF,
        RUN_ID,
        JURISDICTION,
        text("institution_code", "医疗机构编码", "Institution that is assessed."),
        text("institution_name", "医疗机构名称", "Its name as the run knew it.", nullable=True),
        text("duty", "义务", "mandatory (public) institutions get a score; voluntary ones are shown without.", values=DUTIES),
        count("commitments", "commitments", "到期协议数", "Commitments that ended since the last assessment.", VOLUME_CLAUSE),
        count("completed", "commitments", "其中已完成", "Those completed."),
        count("excused", "commitments", "其中有正当理由", "Those not completed whose shortfall is excused."),
        fen("agreed_fen", "约定采购金额", "Agreed quantities in fen."),
        fen("capped_fen", "封顶采购金额", "Net quantities in fen, each at most the agreed one."),
        fen("excused_agreed_fen", "约定采购金额中有正当理由", "Excused quantities in fen, at most what is lacking."),
        count(
            "unvalued", "commitments", "无中选价格协议数", "Commitments without a selected price: in the counts, not in fen."
        ),
        rate("completion_rate", "封顶完成率", "Σ capped ÷ Σ agreed.", VOLUME_CLAUSE),
        rate("completion_rate_excused", "封顶完成率（剔除正当理由）", "Σ capped ÷ Σ (agreed − excused)."),
        fen("matured_fen", "到期应付金额", "Payables due in the year under the rule that applies.", PAYMENT_CLAUSE),
        fen("on_time_fen", "按时支付金额", "Part of them paid on time."),
        fen("excused_payment_fen", "未按时支付中有正当理由", "What excused payables lack of on-time payment."),
        count("matured_count", "payables", "到期应付笔数", "Number of these payables."),
        count("on_time_count", "payables", "按时付清笔数", "Those paid on time in full."),
        fen("overdue_fen", "逾期未付金额", "Overdue at as_of of all due months."),
        rate("payment_rate", "支付及时率", "Σ on time ÷ Σ matured.", PAYMENT_CLAUSE),
        rate("payment_rate_excused", "支付及时率（剔除正当理由）", "Σ on time ÷ Σ (matured − excused)."),
        fen("compliant_fen", "两票制合规金额", "Lines issued in the year that comply.", TWO_INVOICE_CLAUSE),
        fen("violation_fen", "两票制违规金额", "Lines with too many invoices."),
        fen("unverifiable_fen", "两票制无法核实金额", "Lines whose chain cannot be verified: not in the rate."),
        fen("exempt_fen", "两票制豁免金额", "Lines outside the rule, those of excused invoices among them: not in the rate."),
        count("compliant_count", "lines", "两票制合规行数", "Number of compliant lines."),
        count("violation_count", "lines", "两票制违规行数", "Number of violating lines."),
        rate("two_invoice_rate", "两票制合规率", "Σ compliant ÷ Σ (compliant + violation).", TWO_INVOICE_CLAUSE),
        _weight("completion_weight", "完成权重"),
        _weight("payment_weight", "支付权重"),
        _weight("two_invoice_weight", "两票制权重"),
        Column(
            "components",
            "json",
            "",
            "其他考核项",
            "Further components by code: rates, weight and the sums they are made of.",
            nullable=True,
        ),
        text("policy_id", "权重政策条目", "Policy row of the weights."),
        _score("score", "得分", "Σ weight × rate ÷ Σ weight of the components that have a rate, × 100; unrounded."),
        _score("score_excused", "得分（剔除正当理由）", "The same from the rates with excuses taken off."),
        text("left_out", "未计入部分", "Components without a rate, and why; the others share their weight.", nullable=True),
        *(column for judged in declared("JUDGED") for column in judged.columns),
        Column("recorded_at", "timestamp", "ISO 8601", "记录时间", "When it was first computed, Asia/Shanghai."),
    ),
)
