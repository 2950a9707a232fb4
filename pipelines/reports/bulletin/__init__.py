"""The bulletin (通报) of a published date: a workbook, pages and a printed document, all of the same listings."""

from pipelines.reports.bulletin.make import Made, make_bulletin

__all__ = ["Made", "make_bulletin"]
