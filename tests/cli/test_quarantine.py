from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from tests.standin.fixtures import StandIn
from trsllava.cli.app import app
from trsllava.errors import InputError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 255, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def quarantined() -> list[dict[str, object]]:
    return list(json.loads(run("quarantine", "list", "--json").stdout))


def index(images: Path, standin: StandIn, *options: object) -> Result:
    return run("index", images, "--captioner", "vllm", "--base-url", standin.url, *options)


def test_bad_answers_are_listed_with_check_reason_and_file(images: Path, standin: StandIn) -> None:
    standin.fail("compass", times=-1)
    done = index(images, standin)
    assert done.exit_code == 1
    assert "quarantined: 3 compass" in done.output
    assert "refused answers: 9 compass" in done.output
    listed = run("quarantine", "list").output
    assert "compass, 3 attempts" in listed
    assert "north is not known" in listed
    assert "0.png" in listed
    assert "0 quarantined" in run("quarantine", "list", "--check", "language").output
    assert "check compass: 0 repaired, 6 retried, 3 quarantined" in run("status").output


@pytest.mark.parametrize("command", ["list", "retry"])
def test_a_check_that_does_not_exist_is_refused(command: str) -> None:
    done = run("quarantine", command, "--check", "nonsense")
    assert done.exit_code == 2
    assert "nonsense" in done.output
    assert "compass" in done.output


def test_tiles_can_be_asked_about_again_with_other_sampling(images: Path, standin: StandIn) -> None:
    standin.fail("prose", times=9)
    index(images, standin)
    run("quarantine", "retry", quarantined()[0]["id"])
    assert len(quarantined()) == 2
    assert "2 tiles wait" in run("quarantine", "retry", "--check", "schema").output
    assert index(images, standin).exit_code == 0
    assert quarantined() == []
    asked = standin.asked()
    assert len({(request["image"], request["seed"]) for request in asked}) == len(asked) == 12


def test_a_raw_answer_is_taken_as_it_is_and_found_at_once(images: Path, standin: StandIn) -> None:
    standin.fail("compass", times=-1)
    index(images, standin)
    first = str(quarantined()[0]["id"])
    assert "Taken: 5 variants" in run("quarantine", "accept", first[:8]).output
    assert "A road leads to the north." in run("show", first).output
    hits = json.loads(run("query", "a road to the north", "--json").stdout)["hits"]
    assert [hit["id"] for hit in hits] == [first]
    assert len(quarantined()) == 2


@pytest.mark.parametrize(
    "edited",
    ["A quay with two cranes.\nTwo cranes beside water.\n", '{"captions": ["A quay with two cranes.", "Two."]}'],
)
def test_an_edited_text_is_taken_in_its_place(images: Path, standin: StandIn, tmp_path: Path, edited: str) -> None:
    standin.fail("prose", times=-1)
    index(images, standin)
    (tmp_path / "edited.txt").write_text(edited)
    first = str(quarantined()[0]["id"])
    assert "2 variants" in run("quarantine", "accept", first, "--text", tmp_path / "edited.txt").output
    assert "accepted by hand" in run("show", first).output


def test_what_cannot_be_done_is_said(images: Path, standin: StandIn, tmp_path: Path) -> None:
    standin.fail("wrong_schema", times=-1)
    index(images, standin)
    first = str(quarantined()[0]["id"])
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(InputError, match="Give an edited one"):
        run("quarantine", "accept", first, "--text", tmp_path / "empty.txt")
    with pytest.raises(InputError, match="cannot be read"):
        run("quarantine", "accept", first, "--text", tmp_path / "nowhere.txt")
    with pytest.raises(InputError, match="--all"):
        run("quarantine", "retry")
    run("quarantine", "accept", first)
    with pytest.raises(InputError, match="not quarantined"):
        run("quarantine", "retry", first)
    with pytest.raises(InputError, match="not quarantined"):
        run("quarantine", "accept", first)


def test_skipped_checks_and_stale_prompts_and_copies_are_told(images: Path, standin: StandIn, tmp_path: Path) -> None:
    Image.open(images / "0.png").resize((64, 64), Image.Resampling.NEAREST).save(images / "copy.png")
    standin.fail("compass", times=-1)
    done = index(images, standin, "--skip-check", "compass", "--dedupe")
    assert done.exit_code == 0, done.output
    assert "copied the text of a near-duplicate" in done.output
    assert "1 groups" in run("duplicates").output
    (group,) = json.loads(run("duplicates", "--json").stdout)
    assert {Path(path).name for tile in group for path in tile["paths"]} == {"0.png", "copy.png"}
    shown = [run("show", tile["id"]).output for tile in group]
    assert sum("copied    from its near-duplicate" in output for output in shown) == 1
    exported = run("export").output.replace("rsrt@2", "rsrt@1")
    (tmp_path / "old.jsonl").write_text(exported)
    run("index", images, "--captions", tmp_path / "old.jsonl")
    assert "stale: 4 captioned with rsrt@1" in run("status").output
    assert index(images, standin, "--skip-check", "compass", "--recaption-stale").exit_code == 0
    assert "stale" not in run("status").output
