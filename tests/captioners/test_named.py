"""Captioners by name: what each needs of the settings, and how an archive takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

import trsllava
from tests.standin.process import StandIn
from trsllava.captioners.imported import BY_HAND
from trsllava.captioners.named import CaptionerName, load_captioner, usual_captioner
from trsllava.captioners.nano.captioner import NanoCaptioner
from trsllava.captioners.offline import OfflineCaptioner
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.config import load_settings
from trsllava.errors import InputError

SERVED = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
KIND = {"nano": NanoCaptioner, "vllm": VllmCaptioner, "vllm-offline": OfflineCaptioner}


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 255, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.mark.parametrize("name", get_args(CaptionerName))
def test_every_name_means_a_captioner(name: CaptionerName) -> None:
    assert type(load_captioner(name, load_settings(**SERVED))) is KIND[name]


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("vllm", {}, r"^`captioner=vllm` needs `base_url`, as in `base_url=http://localhost:8000/v1`\.$"),
        ("vllm-offline", {}, r"^`captioner=vllm-offline` needs `model`, as in `model=Qwen/"),
        ("vllm-offline", {"model": "m", "variant_requests": True}, r"in one request: use `variant_requests=False`\.$"),
        ("gpt", {}, r"^`captioner` accepts nano, vllm, vllm-offline, not 'gpt'\.$"),
    ],
)
def test_what_a_captioner_lacks_is_said(name: CaptionerName, settings: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_captioner(name, load_settings(**settings))


@pytest.mark.parametrize("captioned_by", [(), ("nano",), ("nano-0123abcd", BY_HAND)])
def test_where_none_is_named_nano_captions_what_no_other_model_did(captioned_by: tuple[str, ...]) -> None:
    assert isinstance(usual_captioner(captioned_by), NanoCaptioner)


@pytest.mark.parametrize(("captioned_by", "who"), [(("nano", "qwen"), "qwen"), (("",), "a file")])
def test_captioners_are_not_mixed_by_naming_none(captioned_by: tuple[str, ...], who: str) -> None:
    with pytest.raises(InputError, match=f"captions come from {who}. Give the same `captions` or `captioner` again"):
        usual_captioner(captioned_by)


def test_an_archive_indexes_by_a_captioners_name(images: Path, tmp_path: Path, standin: StandIn) -> None:
    with trsllava.open(tmp_path / "home", image_encoder="none") as archive:
        report = archive.index(images, captioner="vllm", base_url=standin.url)

        assert (report.captioned, report.stored) == (2, 2)
        assert archive.settings.base_url is None, "a server given to one run is not the archive's"


def test_captions_and_a_captioner_are_not_taken_together(images: Path, tmp_path: Path) -> None:
    with (
        trsllava.open(tmp_path / "home") as archive,
        pytest.raises(InputError, match=r"^Give `captions` or `captioner`, not both"),
    ):
        archive.index(images, captions=tmp_path / "captions.jsonl", captioner="nano")


@pytest.mark.parametrize(
    ("captioner", "parameter", "for_whom"),
    [
        (VllmCaptioner("http://127.0.0.1:9/v1"), "base_url", "'vllm'"),
        (VllmCaptioner("http://127.0.0.1:9/v1"), "model", "'vllm' or 'vllm-offline'"),
        (None, "base_url", "'vllm'"),
        ("nano", "model", "'vllm' or 'vllm-offline'"),
        ("vllm-offline", "base_url", "'vllm'"),
    ],
)
def test_a_parameter_that_would_not_be_used_is_refused(
    captioner: Any, parameter: str, for_whom: str, images: Path, tmp_path: Path
) -> None:
    with (
        trsllava.open(tmp_path / "home") as archive,
        pytest.raises(InputError, match=f"^`{parameter}` is used with `captioner` {for_whom} only"),
    ):
        archive.index(images, captioner=captioner, **{parameter: "http://127.0.0.1:9/v1"})


def test_a_plan_counts_what_an_index_would_caption_and_writes_nothing(images: Path, tmp_path: Path) -> None:
    with trsllava.open(tmp_path / "home") as archive:
        plan = archive.plan(images)

    assert (plan.new, plan.tiles, plan.seconds) == (2, 2, None)
    assert not (tmp_path / "home").exists()
