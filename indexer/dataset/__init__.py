"""Data sets of labelled, captioned pictures: built from an area of interest, and written in formats that others read."""
