"""Data sets of labelled, captioned pictures: built for an area of interest, written in formats that others read."""
