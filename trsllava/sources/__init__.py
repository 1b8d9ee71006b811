"""Where scenes come from: folders, products of several files, STAC items, files behind http(s) and s3 addresses."""
