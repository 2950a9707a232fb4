"""Retention: nightly figures for so many days, those of month-ends and all that something rests on for good."""
