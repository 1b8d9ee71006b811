"""`trsllava reindex`."""

from __future__ import annotations

from trsllava.cli.options import Collection, Device, Encoder, Home, QdrantUrl


def reindex(
    encoder: Encoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Encode all stored captions anew and rebuild the vector store; nothing is captioned again.

    **Examples**

    `trsllava reindex` (the store was lost or damaged)

    `trsllava reindex --encoder BAAI/bge-small-en-v1.5`
    """
    import trsllava
    from trsllava.cli.progress import shown_progress

    with (
        trsllava.open(home, collection, device=device, qdrant_url=qdrant_url) as archive,
        shown_progress() as progress,
    ):
        stored = archive.reindex(encoder, progress=progress)
    print(f"{stored} tiles stored.")
