import json
import subprocess
import sys
import uuid
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import prompts
from eval.benchmarks.captioning import WORDING
from trsllava.captioners.answer import Bounds
from trsllava.captioners.protocol import CaptionJob
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.llm import ChatServer
from trsllava.records import RichCaption, Tile, Window

# A server on two cores is up within a minute, on a busy machine within three.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]


def pixels(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 255, (160, 200, 3), dtype=np.uint8)


def job(folder: Path, number: int) -> CaptionJob:
    path = folder / f"{number}.png"
    Image.fromarray(pixels(number)).save(path)
    tile = Tile(id=uuid.UUID(int=number), sha256=f"{number:064x}", window=Window(0, 0, 200, 160))
    return CaptionJob(tile, (path.as_posix(),))


def trsllava(*arguments: object) -> str:
    """What the command prints; it must succeed."""
    command = [sys.executable, "-m", "trsllava", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_served_model_is_found(vllm_server):
    assert ChatServer(vllm_server.url).resolve_model() == vllm_server.model


def test_every_answer_fits_the_schema_at_the_first_attempt(vllm_server, tmp_path):
    bounds = Bounds(one_sentence=60, features=3, feature=30, caption=120, labels=4, label=15)
    captioner = VllmCaptioner(vllm_server.url, variants=3, bounds=bounds, skip_checks=WORDING)
    for answer in captioner.caption(job(tmp_path, number) for number in range(8)):
        assert (answer.error, answer.attempts) == ("", 1)
        assert len(answer.text.variants) == 3
        for variant in answer.text.variants:
            assert 1 <= len(variant.one_sentence) <= 60
            assert 1 <= len(variant.feature) <= 3
            assert 1 <= len(variant.caption) <= 120


def test_an_indexed_folder_holds_a_good_rich_text_for_every_picture(vllm_server, tmp_path):
    images, home = tmp_path / "images", tmp_path / "home"
    images.mkdir()
    for number in range(32):
        Image.fromarray(pixels(number)).save(images / f"{number:02}.png")
    served = ("--captioner", "vllm", "--base-url", vllm_server.url, "--model", "tiny")
    skipped = [word for check in WORDING for word in ("--skip-check", check)]
    trsllava("index", images, *served, *skipped, "--home", home)
    records = [json.loads(line) for line in trsllava("export", "--home", home).splitlines()]
    assert sorted(record["image"] for record in records) == [f"{number:02}.png" for number in range(32)]
    for record in records:
        variants = [RichCaption.model_validate(variant) for variant in record["variants"]]
        assert len(set(variants)) == 5
        assert all(variant.one_sentence and variant.feature and variant.caption for variant in variants)
        assert all(variant.text().isprintable() for variant in variants)
        assert record["labels"]
        assert (record["model"], record["prompt"]) == ("tiny", prompts.load("rsrt").name)
