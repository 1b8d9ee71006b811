"""`trsllava reindex`."""

from __future__ import annotations

from trsllava.cli.options import Collection, Device, Encoder, Home, ImageEncoder, QdrantUrl
from trsllava.cli.reports import print_unseen, time_by_stage


def reindex(
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Re-encode all stored captions and rebuild the vector store; nothing is captioned again.

    Only pictures that this image encoder has not seen yet are encoded. Queries get the old answers until it is done.

    **Examples**

    `trsllava reindex` (the store was lost or damaged)

    `trsllava reindex --encoder BAAI/bge-small-en-v1.5`

    `trsllava reindex --image-encoder nano` (a collection without image vectors gets them)
    """
    import trsllava
    from trsllava.cli.progress import shown_progress

    with (
        trsllava.open(home, collection, device=device, qdrant_url=qdrant_url) as archive,
        shown_progress() as progress,
    ):
        rebuilt = archive.reindex(encoder, image_encoder, progress=progress)
    print(f"{rebuilt.stored} tiles stored.")
    print_unseen(rebuilt.unseen)
    print(f"Time by stage (they overlap): {time_by_stage(rebuilt.seconds)}")
