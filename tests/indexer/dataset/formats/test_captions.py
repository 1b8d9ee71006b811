"""`captions.jsonl` and `rich.jsonl`, read back by this project's own readers."""

from __future__ import annotations

import pytest

from eval.datasets.labelled import read_labelled
from eval.datasets.labels import Level
from indexer.dataset.formats.captions import write_captions
from tests.indexer.dataset.formats.conftest import SmallSet
from trsllava.captioners.imported import read_rich_texts


@pytest.mark.parametrize("level", ["second", "third"])
def test_eval_labels_reads_either_level(data_set: SmallSet, level: Level) -> None:
    captions, _ = write_captions(data_set.folder, data_set.images)

    read = read_labelled(captions, level=level)

    assert [image.image for image in read] == [image.image.as_posix() for image in data_set.images]
    assert [image.split for image in read] == ["train", "train", "val", "val", "test", "test"]
    place = 1 if level == "second" else 2
    assert [image.labels for image in read] == [
        frozenset(path[place] for path in image.label_paths) for image in data_set.images
    ]
    assert [list(image.captions) for image in read] == [
        [] if image.text is None else image.text.texts() for image in data_set.images
    ]


def test_rich_texts_come_back_whole(data_set: SmallSet) -> None:
    _, rich = write_captions(data_set.folder, data_set.images)

    assert read_rich_texts(rich) == {
        image.image.as_posix(): image.text for image in data_set.images if image.text is not None
    }
