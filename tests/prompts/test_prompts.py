import re

import pytest

import prompts
from trsllava.captioners.answer import Bounds, RsrtAnswer, RsrtVariant
from trsllava.captioners.checks.faults import faults
from trsllava.captioners.checks.repair import repaired
from trsllava.records import RichCaption, RichText

COMPASS = re.compile(r"\b(north|south|east|west)", re.IGNORECASE)


def test_the_newest_version_is_loaded_unless_another_is_named() -> None:
    newest = prompts.load("rsrt")
    assert newest.name == f"rsrt@{newest.version}"
    assert prompts.load(newest.name) == newest
    assert prompts.load("rsrt@1").version == 1


@pytest.mark.parametrize("name", ["nothing", "rsrt@0", "rsrt@999", "rsrt@", "rsrt@new", "", "../prompts"])
def test_a_prompt_that_does_not_exist_is_an_error(name: str) -> None:
    with pytest.raises(KeyError):
        prompts.load(name)


def test_a_part_is_filled_with_values_and_misses_none() -> None:
    prompt = prompts.load("rsrt@1")
    assert "Write 3 descriptions" in prompt.fill("system", variants=3)
    with pytest.raises(KeyError):
        prompt.fill("system")


@pytest.mark.parametrize("name", ["rsrt@1", "rsrt@2", "rsrt-mapped@1"])
def test_compass_words_stand_only_in_the_part_for_pictures_with_north_up(name: str) -> None:
    prompt = prompts.load(name)
    assert COMPASS.search(prompt.parts["north_up"])
    assert not COMPASS.search(prompt.parts["system"])
    assert "no compass words" in prompt.parts["relative"]


@pytest.mark.parametrize("field", ["one_sentence", "feature", "caption", "labels"])
def test_every_field_of_the_answer_is_explained_to_the_model(field: str) -> None:
    assert field in prompts.load("rsrt").parts["system"].casefold()


def test_the_example_in_the_prompt_would_itself_be_accepted() -> None:
    """What models are shown they copy."""
    (line,) = [row for row in prompts.load("rsrt@2").parts["system"].splitlines() if row.startswith("{")]
    example = RsrtVariant.model_validate_json(line)
    text = RichText(variants=(RichCaption.model_validate(example.model_dump()),))
    assert list(faults(text, north_up=False, bounds=Bounds())) == []
    answer = RsrtAnswer(variants=[example], labels=["harbor"])
    assert repaired(answer, 1, Bounds()) == (answer, ())


def test_another_version_is_of_the_same_prompt() -> None:
    assert prompts.is_other_version("rsrt@1", "rsrt@2")
    assert prompts.is_other_version("rsrt@3", "rsrt@2")
    assert not prompts.is_other_version("rsrt@2", "rsrt@2")
    assert not prompts.is_other_version("theirs@1", "rsrt@2")
    assert not prompts.is_other_version("", "rsrt@2")
