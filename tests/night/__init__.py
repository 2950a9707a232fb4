"""Tests of `pipelines/night`."""
