"""Where scenes come from: products of several files in a folder, STAC items, remote files."""
