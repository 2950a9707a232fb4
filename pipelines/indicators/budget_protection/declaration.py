"""What budget protection declares: its report table and what it prints in the yearly assessment (obligations §27). It has no
rules, and no parameters.
"""

from schemas.component import Judged, Said
from schemas.law import Law, at_most
from schemas.table import AS_OF, CIXI, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, count, fen, flag, text

BUDGET_CLAUSE = f"{CIXI} 二(二)4；其他地区：本系统默认"
VERDICTS = {"protected": "不降低", "not_protected": "不符合", "undecided": "未定"}

TABLE = ReportTable(
    name="budget_protection",
    title_zh="总额控制指标不降低的条件",
    description="Whether an institution used rationally, kept its contracts and completed its volumes, so that its budget stays.",
    key=("as_of", "institution_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        RUN_ID,
        JURISDICTION,
        text("verdict", "结论", "Protected where all three hold, not where one does not.", BUDGET_CLAUSE, values=VERDICTS),
        flag(
            "volume",
            "用量完成",
            "Whether all that ended are completed or excused; null where none has ended.",
            BUDGET_CLAUSE,
            nullable=True,
        ),
        flag("contract", "合同履行", "Whether nothing is overdue but what an approved excuse covers.", BUDGET_CLAUSE),
        flag(
            "rational_use",
            "合理用药",
            "Whether the latest evaluation of this year or the year before is a pass; null without one.",
            BUDGET_CLAUSE,
            nullable=True,
        ),
        count(
            "commitments_ended",
            "commitments",
            "到期协议数",
            "Commitments of national lots that ended since the last day of the year before.",
        ),
        count("commitments_short", "commitments", "未完成协议数", "Of these, neither completed nor excused."),
        fen("overdue_fen", "逾期未付金额", "Overdue payables of the institution without an approved excuse, whatever the lot."),
    ),
)

TABLES = (TABLE,)

LAWS = (
    at_most(TABLE.name, "short", "commitments_short", "commitments_ended", "未完成协议多于到期协议"),
    Law(
        TABLE.name,
        "verdict",
        "结论与三项条件不符",
        # NOT and AND as in SQL: null is neither
        "verdict <> CASE WHEN NOT volume OR NOT contract OR NOT rational_use THEN 'not_protected'"
        " WHEN volume AND contract AND rational_use THEN 'protected' ELSE 'undecided' END",
        ("verdict", "volume", "contract", "rational_use"),
    ),
    Law(
        TABLE.name,
        "contract",
        "合同履行与逾期未付金额不符",
        "(contract AND overdue_fen <> 0) OR (NOT contract AND overdue_fen <= 0)",
        ("contract", "overdue_fen"),
    ),
)

_YES_NO = {True: "yes", False: "no"}
_FULFILLED = {"yes": "是", "no": "否", "not_applicable": "不适用"}

JUDGED = (
    Judged(
        TABLE.name,
        Said(
            text(
                "budget_protection",
                "总额控制指标不降低",
                "The verdict of budget_protection on the assessed date; not applicable to those without a row there.",
                BUDGET_CLAUSE,
                values=_FULFILLED | {"undecided": "未定"},
            ),
            "verdict",
            {"protected": "yes", "not_protected": "no", "undecided": "undecided"},
        ),
        (
            Said(
                text(
                    "contract_performed",
                    "合同履行",
                    "Whether nothing is overdue at as_of but what an approved excuse covers, as budget_protection says.",
                    BUDGET_CLAUSE,
                    values=_FULFILLED,
                ),
                "contract",
                _YES_NO,
            ),
            Said(
                text(
                    "volume_completed",
                    "用量完成",
                    "Whether every commitment of national lots that ended is completed or excused, as budget_protection says.",
                    BUDGET_CLAUSE,
                    values=_FULFILLED,
                ),
                "volume",
                _YES_NO,
            ),
            Said(
                text(
                    "rational_use",
                    "合理用药",
                    "Whether its evaluation of rational use is a pass, as budget_protection says.",
                    BUDGET_CLAUSE,
                    values={"yes": "是", "no": "否", "not_assessed": "未评估"},
                ),
                "rational_use",
                _YES_NO | {None: "not_assessed"},
            ),
        ),
        "慈政办发〔2020〕68号 二(二)4：合理用药、履行合同、完成用量；取 budget_protection 当日的结论，没有该行的不适用",
    ),
)
