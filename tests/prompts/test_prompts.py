import re

import pytest

import prompts

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


def test_compass_words_stand_only_in_the_part_for_pictures_with_north_up() -> None:
    prompt = prompts.load("rsrt@1")
    assert COMPASS.search(prompt.parts["north_up"])
    assert not COMPASS.search(prompt.parts["system"])
    assert "no compass words" in prompt.parts["relative"]


@pytest.mark.parametrize("field", ["one_sentence", "feature", "caption", "labels"])
def test_every_field_of_the_answer_is_explained_to_the_model(field: str) -> None:
    assert field in prompts.load("rsrt@1").parts["system"].casefold()
