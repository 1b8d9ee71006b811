"""Objectives, data and trainer for the networks in `trsllava.models`. Needs torch."""
