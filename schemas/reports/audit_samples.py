"""Random audit samples (双随机): seed, frame and method of each draw."""

from schemas.table import AS_OF, RUN_ID, Column, ReportTable, count, text

STRATA = {"none": "不分层", "jurisdiction": "按统筹区", "finding": "按最重的未消除问题"}
SEED_SOURCES = {"given": "由抽取人给定", "drawn": "由本机随机源产生"}

TABLE = ReportTable(
    name="audit_samples",
    title_zh="随机抽查",
    description="A sample of institutions drawn at random from the published figures of a date; never changed.",
    key=("sample_id",),
    columns=(
        text("sample_id", "抽查编号", "Date, and the first characters of the SHA-256 of the draw."),
        AS_OF,
        RUN_ID,
        text("jurisdiction_code", "区划前缀", "Prefix of the divisions it covers, empty for all."),
        text("stratum_by", "分层", "How the frame was divided.", values=STRATA),
        text("seed", "随机种子", "Text that, with the code of an institution, decides its place."),
        text("seed_source", "种子来源", "Given by whoever drew it, or drawn by the machine.", values=SEED_SOURCES),
        text("method", "方法", "How places are decided, in words that can be followed by hand."),
        count("population", "institutions", "总体数", "Institutions in the frame."),
        count("size", "institutions", "样本数", "Institutions drawn."),
        text("frame_digest", "总体摘要", "SHA-256 of the frame: sorted lines of code|stratum, each with a line feed."),
        text("inspectors_digest", "人员名单摘要", "SHA-256 of the inspectors: sorted lines.", nullable=True),
        count("inspectors_each", "inspectors", "每家检查人数", "Inspectors for each institution.", nullable=True),
        Column("drawn_at", "timestamp", "ISO 8601", "抽取时间", "When it was first drawn, Asia/Shanghai."),
        text("drawn_by", "抽取人", "Who drew it."),
    ),
)
