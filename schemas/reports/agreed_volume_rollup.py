"""Agreed-volume completion rolled up by institution, jurisdiction, lot, item and all."""

from schemas.reports.table import AS_OF, RUN_ID, VOLUME_CLAUSE, ReportTable, count, fen, quantity, rate, text

LEVELS = {
    "institution": "医疗机构",
    "jurisdiction": "统筹区",
    "lot": "采购批次",
    "item": "品种",
    "all": "合计",
}
PHASES = {"running": "执行中", "ended": "已到期"}
DUTIES = {"mandatory": "公立", "voluntary": "自愿"}

TABLE = ReportTable(
    name="agreed_volume_rollup",
    title_zh="约定采购量完成汇总",
    description="Commitments summed per level; running and ended, mandatory and voluntary stand apart.",
    key=("as_of", "level", "code", "phase", "duty"),
    figure=True,
    columns=(
        AS_OF,
        text("level", "汇总层级", "What the row sums over.", values=LEVELS),
        text(
            "code",
            "汇总编码",
            "Institution, jurisdiction or lot code, lot/item for items, all for the total.",
            refers="level",
        ),
        text("phase", "周期阶段", "Whether the agreement years run or have ended at as_of.", values=PHASES),
        text(
            "duty",
            "采购义务",
            "Mandatory for public institutions, voluntary for the others.",
            VOLUME_CLAUSE,
            values=DUTIES,
        ),
        RUN_ID,
        count("commitments", "commitments", "约定条数", "Number of commitments."),
        count("completed", "commitments", "完成条数", "Number of commitments completed."),
        quantity(
            "agreed_quantity", "约定采购量", "Sum of the agreed quantities, level item only.", nullable=True
        ),
        quantity("net_quantity", "净采购量", "Sum of the net quantities, level item only.", nullable=True),
        quantity("capped_quantity", "封顶采购量", "Sum of min(net, agreed), level item only.", nullable=True),
        fen(
            "agreed_fen",
            "约定采购金额",
            "Agreed quantities valued at the item's lowest selected price.",
            nullable=True,
        ),
        fen("net_fen", "净采购金额", "Net quantities valued at the same price.", nullable=True),
        fen("capped_fen", "封顶采购金额", "min(net, agreed) valued at the same price.", nullable=True),
        rate("execution_rate", "执行率", "Sum of net divided by sum of agreed; may exceed 1.", maximum=None),
        rate("capped_rate", "封顶完成率", "Sum of min(net, agreed) divided by sum of agreed."),
        rate("completed_share", "完成条数占比", "Completed commitments divided by commitments."),
    ),
)
