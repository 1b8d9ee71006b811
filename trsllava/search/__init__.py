"""Search: branches, fusion, explanations."""
