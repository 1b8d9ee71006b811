"""A dialogue's history as one caption."""
