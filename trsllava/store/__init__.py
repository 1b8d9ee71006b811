"""Vector stores: Qdrant in the process, or a Qdrant server."""
