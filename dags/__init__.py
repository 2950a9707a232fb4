"""Airflow wiring: when a night runs and in which order its steps come; the steps stand in `pipelines`."""
