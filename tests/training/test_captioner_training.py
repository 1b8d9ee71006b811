"""From pictures and captions to a captioner that indexes a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from indexer.job import waiting_jobs
from tests.standin.collection import Collection
from trsllava.captioners.nano.captioner import NanoCaptioner
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError, OutOfReachError
from trsllava.models.nano import NanoConfig
from trsllava.records import Recipe
from trsllava.training.augment import Augmentation
from trsllava.training.backbones import nano_backbone
from trsllava.training.captioner import CaptionerFigures, train_captioner
from trsllava.training.data import CaptionedSet
from trsllava.training.decoder import DecoderPlan
from trsllava.training.export import export_nano
from trsllava.training.objectives.total import Weights
from trsllava.training.plan import TrainingPlan
from trsllava.training.trainer import train

SIZE = 32


@pytest.fixture(scope="module")
def run(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("run")
    torch.manual_seed(0)
    tiny = nano_backbone(words, NanoConfig(text_dim=words.dim, widths=(16, 16, 32, 32), depths=(1, 1, 1, 1)))
    plan = TrainingPlan(
        epochs=6,
        batch=8,
        rate=5e-3,
        weights=Weights(itc=1, id=0, irr=0, scene=0.5, presence=1),
        augmentation=Augmentation(size=SIZE),
        eval_size=SIZE,
    )
    train(tiny, learnt, held_out, plan, folder)
    return folder


@pytest.fixture(scope="module")
def taught(run: Path, learnt: CaptionedSet, held_out: CaptionedSet) -> tuple[Path, CaptionerFigures]:
    export_nano(run, run / "files", text_encoder="words", size=SIZE)
    plan = DecoderPlan(epochs=20, batch=16, rate=5e-3)
    return run / "files", train_captioner(run, learnt, held_out, run / "files", size=SIZE, plan=plan, least=2)


def test_the_figures_are_shares(taught: tuple[Path, CaptionerFigures]) -> None:
    assert all(0 <= share <= 1 for share in vars(taught[1]).values())


def test_the_captioner_captions_a_folder(
    taught: tuple[Path, CaptionerFigures], words: TextEncoder, drawn: Path, collection: Collection
) -> None:
    captioner = NanoCaptioner(NanoEncoder("tiny", taught[0], words), taught[0])
    collection.images = drawn / "images"
    report = collection.index(captioner)
    assert (report.captioned, report.stored, report.quarantined) == (30, 30, 0)
    texts = [record.text for record in collection.ledger.scan() if record.text]
    assert all(text.model == "tiny" and text.confidence is not None for text in texts)


def test_answers_carry_the_picture_s_vector_and_do_not_hang_on_their_neighbours(
    taught: tuple[Path, CaptionerFigures], words: TextEncoder, drawn: Path, collection: Collection
) -> None:
    encoder = NanoEncoder("tiny", taught[0], words)
    captioner = NanoCaptioner(encoder, taught[0])
    collection.images = drawn / "images"
    jobs = list(waiting_jobs(collection.images, collection.ledger, Recipe())[0])
    together = {answer.tile_id: answer for answer in captioner.caption(jobs)}
    (alone,) = captioner.caption(jobs[7:8])
    beside = together[alone.tile_id]
    assert alone.text is not None
    assert beside.text is not None
    assert alone.text.variants == beside.text.variants
    assert beside.image is not None
    assert beside.image_encoder == "tiny"
    with Image.open(jobs[7].paths[0]) as picture:
        expected = encoder.encode_images([np.asarray(picture.convert("RGB"))])[0]
    np.testing.assert_allclose(beside.image, expected, atol=1e-5)


def test_a_file_that_is_no_picture_is_told_and_one_out_of_reach_goes_on_waiting(
    taught: tuple[Path, CaptionerFigures], words: TextEncoder, drawn: Path, collection: Collection
) -> None:
    captioner = NanoCaptioner(NanoEncoder("tiny", taught[0], words), taught[0])
    collection.draw("a.png", "b.png", "c.png")
    sound, broken, lost = waiting_jobs(collection.images, collection.ledger, Recipe())[0]
    Path(broken.paths[0]).write_bytes(b"no picture")
    Path(lost.paths[0]).unlink()
    answers = {answer.tile_id: answer for answer in captioner.caption([sound, broken, lost])}
    assert answers[str(sound.tile.id)].text is not None
    assert broken.paths[0] in answers[str(broken.tile.id)].error
    assert str(lost.tile.id) not in answers
    assert list(captioner.caption([lost, lost])) == []
    with pytest.raises(OutOfReachError, match="Bring the folder back"):
        list(captioner.caption([lost] * 16))


def test_scenes_that_nano_does_not_know_are_named(run: Path, learnt: CaptionedSet, tmp_path: Path) -> None:
    strange = replace(learnt, scenes=("volcano", *learnt.scenes[1:]))
    with pytest.raises(InputError, match="volcano"):
        train_captioner(run, strange, learnt, tmp_path, size=SIZE, plan=DecoderPlan(epochs=1))
    assert not list(tmp_path.iterdir())
