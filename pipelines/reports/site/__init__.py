"""The report site: static pages of the published figures, which open from disk."""

from pipelines.reports.site.site import write_site

__all__ = ["write_site"]
