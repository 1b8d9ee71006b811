"""Captioners: pictures in, rich texts out."""
