"""Rasters: pixels, footprints, times."""
