"""Lists of those to be named publicly (通报批评): a draft first, objections, then the final list."""

from schemas.table import AS_OF, PAYMENT_CLAUSE, Column, ReportTable, count, date, text

STATES = {"draft": "草稿", "superseded": "已被取代", "final": "定稿"}

TABLE = ReportTable(
    name="accountability_lists",
    title_zh="通报名单",
    description="A list drafted from the published figures of a date; a final one never changes.",
    key=("list_id",),
    columns=(
        text("list_id", "名单编号", "Date, and the first characters of content_digest."),
        AS_OF,
        text("run_id", "运行编号", "Run whose figures it was drafted from."),
        text("jurisdiction_code", "区划前缀", "Prefix of the divisions it covers, empty for all."),
        text("content_digest", "内容摘要", "SHA-256 of its items as drafted, clocks and objections left out."),
        text(
            "state",
            "状态",
            "A draft may be objected to; a newer draft of the same date and divisions supersedes it.",
            PAYMENT_CLAUSE,
            values=STATES,
        ),
        count("items", "items", "条目数", "Items, those listed apart included."),
        count("named_items", "items", "拟通报条目数", "Items that are to be named, as drafted."),
        Column("drafted_at", "timestamp", "ISO 8601", "起草时间", "When it was drafted, Asia/Shanghai."),
        text("drafted_by", "起草人", "Who drafted it."),
        date("objections_until", "异议截止日", "Last day of the longest objection period among its items."),
        Column("finalized_at", "timestamp", "ISO 8601", "定稿时间", "When it became final, null before.", nullable=True),
        text("finalized_by", "定稿人", "Who made it final.", nullable=True),
        text("note", "定稿说明", "Why, or what was said on it.", nullable=True),
        text(
            "final_digest",
            "定稿摘要",
            "SHA-256 of its items with objections and decisions when it became final.",
            nullable=True,
        ),
    ),
)
