"""Evaluation: data sets, metrics, protocols, benchmarks."""
