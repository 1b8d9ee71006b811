"""A tree's file: what is read, what is refused on which line, and what is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.labels.conftest import SMALL
from trsllava.errors import LabelFileError
from trsllava.labels.file import dump_tree, faults_of, json_schema, parse_tree, read_tree, tree_text
from trsllava.labels.yaml_lines import read_yaml

HEAD = "format: 1\nname: x\nlabels:\n"


def test_the_tree_that_comes_along_is_sound_and_large() -> None:
    tree = read_tree("overhead")
    third = [label for label in tree if label.level == 3]
    assert len(third) >= 100
    assert all(label.about for label in tree)
    assert sum(bool(label.osm) for label in third) > 0.95 * len(third)
    assert sum(bool(tree.worldcover(label.name)) for label in third) > 0.85 * len(third)


def test_it_is_written_as_it_was_read() -> None:
    text = tree_text("overhead")
    assert dump_tree(parse_tree(text, "overhead")) == text


def test_files_keep_to_the_schema_that_is_printed() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    document, _ = read_yaml(tree_text("overhead"))
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    assert list(Draft202012Validator(schema).iter_errors({"format": 1, "name": "x", "labels": {"a": {"abuot": ""}}}))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "The file must be a table of names and values, not None."),
        ("- lake\n", 1, "The file must be a table of names and values, not ['lake']."),
        ("format: 1\nname: [\n", 3, "this is not YAML. Look at the indents, colons and quotes here."),
        ("format: 2\nname: x\nlabels: {}\n", 1, "`format` must be 1, not 2."),
        ("format: 1\nlabels: {}\n", 1, "`name` is missing."),
        (HEAD + "  lake:\n    abuot: wet\n", 5, "`abuot` is not known."),
        (HEAD + "  lake:\n  lake:\n", 5, "'lake' stands here twice, first on line 4."),
        (HEAD + "  lake:\n    synonyms: [Pond, pond]\n", 5, "'pond' of 'lake' already stands for 'lake', on line 5."),
        (HEAD + "  lake:\n  pond: {synonyms: [Lakes]}\n", 5,
         "'Lakes' of 'pond' already stands for 'lake', on line 4."),
        (HEAD + "  a:\n    osm: [x=y]\n  b:\n    osm:\n    - x=y\n", 8,
         "'x=y' of 'b' already stands for 'a', on line 5."),
        (HEAD + "  a:\n    osm: [wood]\n", 5,
         "'wood' is not OpenStreetMap tags: write key=value, several with a blank between them."),
        (HEAD + "  '': {about: nothing}\n", 4, "A name must have at least 1 character."),
        (HEAD + "  a: {synonyms: [" + "b" * 81 + "]}\n", 4, "`synonyms` must have at most 80 characters."),
        (HEAD + "  a:\n    worldcover: [11]\n", 5,
         "`worldcover` must be 10, 20, 30, 40, 50, 60, 70, 80, 90, 95 or 100, not 11."),
        (HEAD + "  a:\n    labels:\n      b:\n        labels:\n          c:\n            labels: {d: }\n", 9,
         "`labels` is not known here: a tree has three levels."),
        (HEAD + "  a,b:\n", 4,
         "'a,b' cannot be a label: leave out commas, semicolons, equals signs and outer blanks."),
        (HEAD + "  '--':\n", 4, "'--' cannot be a label: it needs a letter or a digit."),
        (HEAD + "  a: &x {}\n  b: *x\n", 4, "this is used twice by reference. Write it out in both places."),
        (HEAD + "  a:\n    synonyms: [7]\n", 5, "`synonyms` must be text, not 7."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str) -> None:
    first = faults_of(text)[0]
    assert (first.line, first.said) == (line, said)
    with pytest.raises(LabelFileError, match=rf"^land\.yaml, line {line}: "):
        parse_tree(text, "land.yaml")


def test_all_faults_are_told_in_the_order_of_lines() -> None:
    faults = faults_of("format: 3\nname: X y\nlabels:\n  a=b:\n")
    assert [fault.line for fault in faults] == [1, 2, 4]


@pytest.mark.parametrize("word", ["no", "yes", "null", "~", "1.5", "on"])
def test_words_that_yaml_has_other_plans_for_are_words(word: str) -> None:
    tree = parse_tree(HEAD + f"  lake:\n    about: {word}\n", "x") if word not in ("null", "~") else None
    named = parse_tree(HEAD + f"  '{word}x': {{about: a}}\n", "x")
    assert tree is None or tree.labels["lake"].about == word
    assert f"{word}x" in named.labels


@pytest.mark.parametrize("text", ["[" * 100_000, "a: \x00", "a: " + "{b: " * 30 + "1" + "}" * 30])
def test_hostile_files_are_refused_in_a_sentence(text: str) -> None:
    assert len(faults_of(text)) == 1


def test_windows_files_are_read() -> None:
    assert len(parse_tree("\ufeff" + SMALL.replace("\n", "\r\n"), "x")) == 9


def test_a_missing_file_says_how_to_begin_one(tmp_path: Path) -> None:
    with pytest.raises(LabelFileError, match="trsllava labels new"):
        read_tree(tmp_path / "land.yaml")
