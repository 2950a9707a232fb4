"""Explain: from a figure to its rows with file, sheet and line, and from a source line to the figures it is part of."""

from pipelines.reports.explain.figure import explain_figure, explain_finding
from pipelines.reports.explain.line import explain_line
from pipelines.reports.explain.tasks import explain_tasks

__all__ = ["explain_figure", "explain_finding", "explain_line", "explain_tasks"]
