"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trsllava.records import FusionName

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the collections.  [env: TRSLLAVA_HOME; default: the user data folder]"),
]
Collection = Annotated[
    str | None,
    typer.Option("--collection", "-c", help="Collection to use.  [env: TRSLLAVA_COLLECTION; default: default]"),
]
QdrantUrl = Annotated[
    str | None,
    typer.Option(
        "--qdrant-url", help="Use this Qdrant server instead of the embedded engine.  [env: TRSLLAVA_QDRANT_URL]"
    ),
]
Encoder = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        help="Text encoder: a sentence-transformers id, a folder, or openai:MODEL.  "
        "[default: the collection's own, or all-MiniLM-L6-v2]",
    ),
]
ImageEncoder = Annotated[
    str | None,
    typer.Option(
        "--image-encoder",
        help="Image-text encoder: nano, a folder, a CLIP or SigLIP id, open_clip:MODEL:FILE, or none.  "
        "[default: the collection's own, or nano]",
    ),
]
Device = Annotated[str | None, typer.Option("--device", help="Device for encoders: cpu, cuda or mps.")]

BaseUrl = Annotated[
    str | None, typer.Option("--base-url", help="The model's OpenAI-compatible server.  [env: TRSLLAVA_BASE_URL]")
]
Model = Annotated[
    str | None, typer.Option("--model", help="Name of the model on that server; optional if it serves only one.")
]
Concurrency = Annotated[
    int | None, typer.Option("--concurrency", min=1, help="Most requests in flight at a time.  [default: 128]")
]
Bands = Annotated[
    str | None,
    typer.Option(
        "--bands",
        help="Bands to show: 4,3,2 for red, green, blue; one number for grey; a sensor: sentinel2, landsat8, "
        "landsat9, naip, planetscope; or their files: red=*_B4.TIF,green=*_B3.TIF,blue=*_B2.TIF.  "
        "[default: by the file's own colours and band names]",
    ),
]
Stretch = Annotated[
    str | None,
    typer.Option(
        "--stretch",
        help="Contrast stretch, the same for all tiles of a scene: percentile:2,98, range:0,3000, db "
        "(radar), db:-25,0 or none.  [default: none for 8-bit files, db for radar, else percentile:2,98]",
    ),
]
TileSide = Annotated[
    int | None,
    typer.Option(
        "--tile",
        min=0,
        help="Cut images with a longer side into tiles of this side, in pixels; 0: never.  "
        "[default: 512 for images of more than 1024]",
    ),
]
Overlap = Annotated[
    int | None,
    typer.Option("--overlap", min=0, help="Pixels that neighbouring tiles share.  [default: an eighth of a tile]"),
]
NodataLimit = Annotated[
    float | None,
    typer.Option(
        "--nodata-limit", min=0, max=1, help="Skip tiles with a larger share of empty pixels.  [default: 0.9]"
    ),
]
Training = Annotated[
    Path | None,
    typer.Option("--training", help="Captions that a model was trained on: report overlap with these captions."),
]
TrainedOn = Annotated[
    str, typer.Option("--trained-on", help="What the captioner was trained on; reported with the figures.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write the report as JSON, with everything needed to repeat it."),
]
TrainSplit = Annotated[str, typer.Option("--train-split", help="Split of the training captions.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Fusion = Annotated[FusionName | None, typer.Option("--fusion", help="How scores are fused.  [default: zscore]")]
MeasuredBranches = Annotated[
    str | None, typer.Option("--branches", help="Comma-separated: dense,bm25,image.  [default: dense,bm25]")
]
MeasuredWeights = Annotated[
    str | None, typer.Option("--weights", help="Weights of branches, as in dense=0.9,bm25=0.1.")
]
RichTexts = Annotated[
    Path | None, typer.Option("--rich", help="Rich texts of the images, JSON lines.  [default: the collection's]")
]
MeasuredImages = Annotated[
    Path | None, typer.Option("--images", help="Folder that image paths are relative to.  [default: the one indexed]")
]
