"""The morning page: in one minute, whether last night is good, and what has to be corrected by whom."""

from pipelines.reports.morning.pages import KEEP_RUNS, write_index, write_morning_page, write_newest_page

__all__ = ["KEEP_RUNS", "write_index", "write_morning_page", "write_newest_page"]
