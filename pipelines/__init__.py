"""The nightly batch: ingest, validate, lake, indicators, publish. Data flows in that order and never back."""
