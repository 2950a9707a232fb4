"""What prepayment declares: its report tables, rules, measures, laws and parameters (obligations §15)."""

from dataclasses import replace

from schemas.law import Law, at_most
from schemas.measure import Measure
from schemas.policies import Parameter
from schemas.rule import Excused, ExcusedRows, Rule, Subject
from schemas.spellings import OWNERSHIPS, PROGRAMS
from schemas.table import AS_OF, CIXI, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, count, date, fen, flag, rate, text

CLAUSE = f"全国：国办发〔2019〕2号，国办发〔2021〕2号 (十三)；{CIXI} 二(一)2"
STATUSES = {
    "no_commitment": "没有约定采购量",
    "no_price": "没有中选价格",
    "cancelled": "约定已取消",
    "no_rule": "没有预付比例规定",
    "paid": "已按时付足",
    "paid_late": "逾期付足",
    "not_due": "未到期",
    "not_applied": "逾期未申请",
    "partly_paid": "部分拨付",
    "unpaid": "未拨付",
}

TIMELINESS = ReportTable(
    name="prepayment_timeliness",
    title_zh="医保基金预付情况",
    description="What the fund had to prepay to an institution for a lot and agreement year, when it paid, what of it is earned.",
    key=("as_of", "institution_code", "lot_code", "period_start"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("lot_code", "采购批次编码", "Procurement lot that is prepaid for.", refers="lot"),
        date("period_start", "采购周期开始", "First day of the agreement year."),
        RUN_ID,
        JURISDICTION,
        text("agency_code", "经办机构编码", "Agency that prepays, empty where nobody names one.", refers="agency"),
        date("period_end", "采购周期结束", "Last day of the latest commitment, as adjusted.", nullable=True),
        date("signed_on", "签约日期", "Earliest signing of its commitments, else the first day of the year."),
        date("apply_due_on", "应申请日", "Working day by which the institution has to apply.", CLAUSE, nullable=True),
        date("applied_on", "申请日期", "Earliest application, else the earliest payment.", nullable=True),
        flag("applied_late", "逾期申请", "Whether it was applied for after that day."),
        date("pay_due_on", "应拨付日", "Working day by which the agency has to pay.", CLAUSE, nullable=True),
        flag("is_provisional", "期限暂定", "Whether a due date lies in a year whose calendar is not published."),
        fen("agreed_fen", "约定采购金额", "What was agreed on the first day at the lowest selected price, or as an amount."),
        fen(
            "required_fen", "应预付金额", "Agreed amount times the rate in force on the day of signing.", CLAUSE, nullable=True
        ),
        fen("prepaid_fen", "预付净额", "Paid less what was taken back, up to as_of."),
        fen("paid_in_fen", "累计拨付最高额", "The most that ever stood paid, whatever was taken back later."),
        fen("on_time_fen", "按时拨付金额", "The same up to the day by which it had to be paid.", CLAUSE),
        fen("purchase_fen", "净采购金额", "Net purchases of its commitments at the same price."),
        rate("progress", "采购进度", "Purchases divided by what was agreed, at most 1; 0 where nothing was agreed."),
        fen("offset_fen", "应冲抵金额", "What purchases have earned of the prepayment; all of it after the end."),
        fen("balance_fen", "应有余额", "Prepayment less offset: the scheduled balance, not what was deducted."),
        fen("unearned_fen", "未对应采购金额", "After the end, the part of the prepayment that nothing was bought for."),
        fen("supplier_overdue_fen", "同批次逾期货款", "Overdue payables of the institution for products of the lot."),
        text("status", "状态", "State of the prepayment at as_of, the first that applies.", values=STATUSES),
        text("excuse_id", "备案编号", "Approved excuse that holds; the status stays strict.", nullable=True),
        text("policy_id", "政策条目", "Policy row that gave the rate.", nullable=True),
    ),
)

AGENCY = ReportTable(
    name="prepayment_agency",
    title_zh="经办机构预付及时情况",
    description="Prepayments whose day to pay has passed, by agency: what of the required came in time.",
    key=("as_of", "agency_code"),
    figure=True,
    columns=(
        AS_OF,
        text("agency_code", "经办机构编码", "Agency that prepays, empty where nobody names one.", refers="agency"),
        RUN_ID,
        replace(JURISDICTION, description="Six-digit division of the agency, empty where it is unknown."),
        count("groups", "prepayments", "到期预付组数", "Institutions, lots and agreement years due before as_of."),
        fen("required_fen", "到期应预付金额", "What had to be prepaid for them.", CLAUSE),
        fen("on_time_fen", "按时拨付金额", "What of it was paid in time, at most what was required.", CLAUSE),
        rate("on_time_rate", "预付及时率", "Paid in time divided by required.", CLAUSE, of=("on_time_fen", "required_fen")),
    ),
)

TABLES = (TIMELINESS, AGENCY)

PREPAYMENT = Subject("prepayment", "医疗机构、采购批次与采购周期", ("institution_code", "lot_code", "period_start"))
_OVERSIGHT = "pipelines.indicators.prepayment.oversight"
OVERDUE = Rule(
    "prepayment_overdue",
    "医保基金预付逾期",
    "Prepayment overdue",
    "violation",
    PREPAYMENT,
    TIMELINESS.name,
    "clause_prepayment_timeliness",
    is_money=True,
    fades=True,
    figures=f"{_OVERSIGHT}:figures",
    excused=Excused("prepayment_excused", "医保基金预付逾期（有正当理由）", f"{_OVERSIGHT}:excused"),
)
NOT_APPLIED = replace(
    OVERDUE,
    code="prepayment_not_applied",
    title_zh="预付逾期未申请或逾期申请",
    title_en="Prepayment not applied for in time",
    severity="warning",
    binds_public=True,
    figures="",
    excused=None,
)
HELD = replace(
    NOT_APPLIED,
    code="prepayment_held",
    title_zh="留有预付余额而货款逾期",
    title_en="Prepayment held while suppliers wait",
    severity="signal",
)
NOT_SETTLED = replace(
    NOT_APPLIED,
    code="prepayment_not_settled",
    title_zh="周期结束后预付未清算",
    title_en="Prepayment not settled after the end",
    severity="signal",
)
RULES = (OVERDUE, NOT_APPLIED, HELD, NOT_SETTLED)

EXCUSED = (
    ExcusedRows(
        TIMELINESS.name, "预付为尚欠金额", where="t.required_fen > t.paid_in_fen", fen="t.required_fen - t.paid_in_fen"
    ),
)

MEASURES = (Measure("prepaid_on_time", AGENCY.name, "on_time_rate", "医保基金预付及时率", "Prepaid on time"),)

_STANDS = "CASE WHEN prepaid_fen > 0 THEN prepaid_fen ELSE 0 END"
LAWS = (
    Law(
        TIMELINESS.name,
        "balance",
        "预付净额（负数按 0）不等于应冲抵金额与应有余额之和",
        f"offset_fen + balance_fen <> {_STANDS}",
        ("prepaid_fen", "offset_fen", "balance_fen"),
    ),
    at_most(TIMELINESS.name, "on_time", "on_time_fen", "paid_in_fen", "按时拨付金额多于累计拨付最高额"),
    Law(TIMELINESS.name, "paid_in", "预付净额多于累计拨付最高额", "prepaid_fen > paid_in_fen", ("prepaid_fen", "paid_in_fen")),
    Law(
        TIMELINESS.name,
        "unearned",
        "未对应采购金额为负，或多于预付净额",
        f"unearned_fen < 0 OR unearned_fen > {_STANDS}",
        ("unearned_fen", "prepaid_fen"),
    ),
    at_most(AGENCY.name, "on_time", "on_time_fen", "required_fen", "按时拨付金额多于到期应预付金额"),
)

_DAYS = Parameter(
    "int",
    "working_day",
    "Working days after signing within which an institution applies for the prepayment.",
    minimum=1,
    maximum=366,
    title="申请预付的工作日数",
    may_be_absent=True,
)
PARAMETERS = {
    "prepayment_rate": Parameter(
        "decimal",
        "ratio",
        "Share of the yearly agreed amount that the fund prepays.",
        minimum=0,
        maximum=1,
        title="医保基金预付比例",
        may_be_absent=True,
    ),
    "prepayment_apply_days": _DAYS,
    "prepayment_pay_days": replace(
        _DAYS, meaning="Working days after the application within which the agency pays.", title="拨付预付的工作日数"
    ),
    "prepayment_settle_days": replace(
        _DAYS, meaning="Working days after the end within which a prepayment is settled.", title="预付清算的工作日数"
    ),
    "prepayment_programs": Parameter(
        "list",
        "code",
        "Programs of lots that the fund prepays for.",
        tuple(PROGRAMS),
        title="预付的采购项目类型",
        may_be_absent=True,
    ),
    "prepayment_ownerships": Parameter(
        "list",
        "code",
        "Ownerships of institutions that the fund prepays to.",
        tuple(OWNERSHIPS),
        title="预付的机构性质",
        may_be_absent=True,
    ),
    "clause_prepayment_timeliness": Parameter(
        "str", "text", "Clause cited on prepayment findings.", title="医保基金预付问题引用的条款"
    ),
}
