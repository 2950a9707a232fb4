"""The data dictionary, kept beside the data it describes."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="data_dictionary",
    title_zh="数据字典",
    description="Every column of every report table.",
    key=("table_name", "column_name"),
    columns=(
        text("table_name", "表名", "Report table."),
        text("column_name", "列名", "Column of the table."),
        text("type", "类型", "Logical type."),
        text("unit", "单位", "Unit, empty for codes and words."),
        text("title_zh", "中文名称", "Chinese title."),
        text("description", "说明", "One sentence on what the column holds."),
        text("source", "依据", "Clause or document the column rests on, empty where there is none."),
    ),
)
