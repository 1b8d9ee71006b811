"""Tiles and collections as STAC 1.1 documents, and files made of them: a static catalogue, GeoParquet."""
