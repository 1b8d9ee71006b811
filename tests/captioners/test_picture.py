import base64
import io
import uuid

import numpy as np
import pytest
from PIL import Image

from trsllava.captioners.picture import data_url, picture_of
from trsllava.captioners.pixels import LongestSide
from trsllava.captioners.protocol import CaptionJob
from trsllava.records import Tile, Window


def decoded(url: str) -> Image.Image:
    head, _, body = url.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((100, 50), (50, 100)),
        ((400, 200), (100, 200)),
        ((200, 400), (200, 100)),
        ((1, 4000), (200, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_the_longest_side_is_shrunk_to_the_limit_and_never_enlarged(shape, size):
    assert decoded(data_url(np.zeros((*shape, 3), np.uint8), LongestSide(200))).size == size


def test_the_picture_sent_looks_like_the_picture_given():
    rows, cols = np.mgrid[0:256, 0:256].astype(np.uint8)
    pixels = np.stack([rows, cols, 255 - rows], axis=-1)
    sent = np.asarray(decoded(data_url(pixels, LongestSide(256))), dtype=float)
    assert np.abs(sent - pixels).mean() < 3


def test_a_copy_stands_in_for_a_file_that_has_gone(tmp_path):
    Image.new("RGB", (8, 6), (9, 9, 9)).save(tmp_path / "copy.png")
    tile = Tile(id=uuid.UUID(int=0), sha256="0" * 64, window=Window(0, 0, 8, 6))
    job = CaptionJob(tile, (str(tmp_path / "gone.png"), str(tmp_path / "copy.png")))
    assert picture_of(job, np.shape).content == (6, 8, 3)


def test_the_same_pixels_give_the_same_url():
    pixels = np.random.default_rng(0).integers(0, 255, (64, 48, 3), dtype=np.uint8)
    assert data_url(pixels, LongestSide(1024)) == data_url(pixels.copy(), LongestSide(1024))
