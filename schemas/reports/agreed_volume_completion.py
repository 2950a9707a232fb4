"""Agreed-volume completion, one row per commitment."""

from schemas.reports.table import (
    AS_OF,
    EXCUSE_CLAUSE,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    VOLUME_CLAUSE,
    Column,
    ReportTable,
    date,
    quantity,
    rate,
    text,
)

STATUSES = {
    "cancelled": "已取消",
    "not_started": "未开始",
    "completed": "已完成",
    "excused": "有正当理由",
    "failed": "未完成",
    "on_track": "正常",
    "behind": "滞后",
    "seriously_behind": "严重滞后",
}

TABLE = ReportTable(
    name="agreed_volume_completion",
    title_zh="约定采购量完成情况",
    description="Completion of the agreed volume at as_of, one row per commitment.",
    key=("as_of", "commitment_id"),
    figure=True,
    columns=(
        AS_OF,
        text("commitment_id", "协议明细编号", "Commitment: lot, item, institution and agreement year."),
        RUN_ID,
        JURISDICTION,
        text(
            "lot_code",
            "采购批次编码",
            "Procurement lot; lots are never merged.",
            VOLUME_CLAUSE,
            refers="lot",
        ),
        text("item_code", "品种编码", "Item of the lot."),
        INSTITUTION,
        text(
            "product_code",
            "医保药品编码",
            "Product the commitment names, null when it names none.",
            nullable=True,
            refers="product",
        ),
        date("period_start", "采购周期开始", "First day of the agreement year."),
        date("period_end", "采购周期结束", "Last day of the agreement year."),
        quantity(
            "agreed_quantity",
            "约定采购量",
            "Agreed quantity valid at as_of, adjustments included.",
            VOLUME_CLAUSE,
        ),
        quantity(
            "received_quantity", "验收数量", "Accepted receipts that count to the commitment, up to as_of."
        ),
        quantity("returned_quantity", "退货数量", "Confirmed returns of those receipts, up to as_of."),
        quantity("net_quantity", "净采购量", "Received less returned."),
        quantity(
            "excused_quantity", "有正当理由数量", "Approved excuses, at most the shortfall.", EXCUSE_CLAUSE
        ),
        rate(
            "strict_rate",
            "完成率",
            "Net quantity divided by agreed quantity; may exceed 1.",
            VOLUME_CLAUSE,
            maximum=None,
        ),
        rate(
            "capped_rate",
            "封顶完成率",
            "Net quantity, at most the agreed one, divided by the agreed quantity.",
        ),
        rate(
            "excused_rate",
            "剔除正当理由完成率",
            "Net quantity divided by agreed less excused quantity.",
            maximum=None,
        ),
        rate(
            "time_progress",
            "序时进度",
            "Days gone divided by days of the agreement year, both ends included.",
        ),
        Column("gap", "double", "ratio", "进度差", "Completion rate less time progress.", nullable=True),
        Column(
            "needed_per_day",
            "double",
            "min_unit/day",
            "日均需采购量",
            "Shortfall divided by the days left, null outside the agreement year.",
            nullable=True,
            minimum=0.0,
        ),
        text(
            "status",
            "状态",
            "State of the commitment at as_of, the first rule that applies.",
            values=STATUSES,
        ),
        text("policy_id", "政策条目", "Policy row whose thresholds decided the status.", nullable=True),
    ),
)
