"""Lines: what institutions received, with what it was selected for on its day (obligations §12, §16); indicators share it."""
