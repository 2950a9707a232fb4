"""Data that ships with the project: policy rows, the sample landing zone and its maker."""
