"""Policy: which dated, cited number holds where and when, and the calendar of working days."""
