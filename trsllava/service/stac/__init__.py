"""STAC API 1.0 over the same functions as everything else."""
