"""Recall at K in both directions with ties in expectation, and their mean."""
