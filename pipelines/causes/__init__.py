"""Why a figure of a published date is another when the date is computed again."""

from pipelines.causes.attribute import write_causes

__all__ = ["write_causes"]
