"""`trsllava eval report`."""


def report() -> None:
    """Later."""
