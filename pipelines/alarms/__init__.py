"""Alarms: one grouped message per run to the person who answers for it, and one when nothing was published in time."""
