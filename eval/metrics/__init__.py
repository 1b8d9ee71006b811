"""Metrics, one file each, with ties in expectation."""
