"""One picture as a row of a table: the columns that Parquet, `imagefolder`, WebDataset and `captions.jsonl` share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from indexer.dataset.records import SPLITS, DataSetImage

Row = dict[str, Any]


def row_of(image: DataSetImage) -> Row:
    """All that is known of a picture but its pixels and its path; times are text (RFC 3339), properties JSON."""
    text = image.text
    return {
        "id": image.id,
        "split": image.split,
        "captions": [] if text is None else text.texts(),
        "first_level": level_of(image, 0),
        "second_level": level_of(image, 1),
        "third_level": list(image.labels),
        "west": image.footprint.west,
        "south": image.footprint.south,
        "east": image.footprint.east,
        "north": image.footprint.north,
        "acquired": None if image.acquired is None else timestamp(image.acquired),
        "width": image.width,
        "height": image.height,
        "source": image.source,
        "captioner": "" if text is None else text.model,
        "prompt": "" if text is None else text.prompt,
        "properties": json_line(dict(image.properties)),
    }


def level_of(image: DataSetImage, level: int) -> list[str]:
    """The distinct labels of one level, 0 to 2, in the order of the picture's labels."""
    return list(dict.fromkeys(path[level] for path in image.label_paths))


def by_split(images: Iterable[DataSetImage]) -> Mapping[str, Sequence[DataSetImage]]:
    """The pictures of each split that has any, each split's in their order."""
    images = list(images)
    parted = {split: [image for image in images if image.split == split] for split in SPLITS}
    return {split: found for split, found in parted.items() if found}


def timestamp(moment: datetime) -> str:
    """RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def json_line(document: object) -> str:
    """JSON on one line, characters as they are. Raises ValueError for infinities and NaN, which JSON has none of."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def is_spdx(stated: str) -> bool:
    """True where a licence is stated by an identifier, as SPDX makes them, and not by a sentence."""
    return re.fullmatch(r"[A-Za-z0-9.+-]+", stated) is not None
