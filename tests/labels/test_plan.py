"""From messy labels to a clean tree: what is proposed, what a person changes, what is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from trsllava.config import load_settings
from trsllava.errors import LabelFileError
from trsllava.labels.asking import judge
from trsllava.labels.duplicates import Twin
from trsllava.labels.edits import keep_apart
from trsllava.labels.file import dump_tree, parse_tree, read_tree, tree_text
from trsllava.labels.journal import Journal
from trsllava.labels.meaning import Meanings
from trsllava.labels.placing import Place
from trsllava.labels.plan import Plan, changes, consolidate, dump_plan, parse_plan, propose
from trsllava.labels.raw import RawLabel, read_raw
from trsllava.search.english import is_english

MESSY = """\
landuse=resevoir
landuse=resevoir
Grave_Yards
amenity=hosptial
leisure=swiming_pool
building=detatched_house
natural=water water=lake
aeroway=windsock\tA cloth tube on a mast that shows pilots the wind.
leisure=skatepark\tConcrete ramps and bowls for skateboards.
skate park
SkatePark
landuse=forrest
crop=maize\tA field on which maize grows.
photovoltaic power plant
thing
"""


@pytest.fixture(scope="module")
def plan(meanings: Meanings) -> Plan:
    return propose(read_tree("overhead"), read_raw(MESSY.splitlines()), meanings, is_english)


def said(plan: Plan, label: str) -> str:
    (line,) = [line for line in plan.labels if line.label == label]
    return f"{line.do} {line.to}".strip()


@pytest.mark.parametrize(
    ("label", "becomes"),
    [
        ("resevoir", "same reservoir"),
        ("grave yards", "same cemetery"),
        ("hosptial", "same hospital"),
        ("swiming pool", "same swimming pool"),
        ("detatched house", "same house"),
        ("windsock", "new aviation"),
        ("skatepark", "new sports grounds"),
        ("skate park", "same skatepark"),
        ("maize", "new cropland"),
        ("photovoltaic power plant", "same solar farm"),
        ("forrest", "ask"),
        ("thing", "ask"),
    ],
)
def test_each_messy_label_gets_its_due(plan: Plan, label: str, becomes: str) -> None:
    assert said(plan, label) == becomes


def test_what_the_tree_knows_is_left_out(plan: Plan) -> None:
    assert "lake" not in {line.label for line in plan.labels}


def test_from_a_messy_tree_to_a_clean_one_and_back(plan: Plan, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "land.yaml")
    before = tree_text("overhead").encode()
    journal.path.write_bytes(before)
    tree = journal.change(list(changes(parse_plan(dump_plan(plan), "plan.yaml").labels)))
    assert tree.find("landuse=resevoir") == tree.labels["reservoir"]
    assert tree.labels["windsock"].path == ("transport", "aviation", "windsock")
    steps = journal.steps()
    assert {step.by for step in steps} == {"spelling", "meaning"}
    for _ in steps:
        journal.undo()
    assert journal.path.read_bytes() == before


COAST = """\
format: 1
name: coast
labels:
  water:
    osm: [water=*]
    labels:
      sea and coast:
        osm: [place=sea]
        labels: {marina: , beach: {synonyms: [strand]}}
"""


@pytest.mark.parametrize(
    ("tag", "label"), [("leisure=marina", "marina"), ("natural=strand", "beach"), ("leisure=marinas", "marina")]
)
def test_a_tag_that_is_called_as_a_label_goes_to_it(meanings: Meanings, tag: str, label: str) -> None:
    tree = parse_tree(COAST, "coast")
    found = propose(tree, [RawLabel(tag)], meanings, is_english)
    assert [(line.do, line.to) for line in found.labels] == [("same", label)]
    for change in changes(found.labels):
        tree = change.edit(tree)
    assert tree.find(tag) == tree.labels[label]
    assert parse_tree(dump_tree(tree), "coast").labels.keys() == tree.labels.keys()


@pytest.mark.parametrize("tag", ["water=*", "place=sea"])
def test_a_tag_of_a_higher_level_is_known(meanings: Meanings, tag: str) -> None:
    assert propose(parse_tree(COAST, "coast"), [RawLabel(tag)], meanings, is_english).labels == ()


@pytest.mark.parametrize("labels", ["{}", "{water: , land: }", "{a: , b: , c: , d: , e: {labels: {f: }}}"])
def test_a_tree_without_a_place_leaves_a_new_label_to_a_person(meanings: Meanings, labels: str) -> None:
    tree = parse_tree(f"format: 1\nname: flat\nlabels: {labels}\n", "flat")
    (line,) = propose(tree, [RawLabel("kqxv")], meanings, is_english).labels
    assert line.do in ("ask", "new")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("x" * 81, rf"'{'x' * 60}…' cannot be a label: it must have at most 80 characters\."),
        ("foo\x07bar", r"'foo\\x07bar' cannot be a label: it has characters that cannot be printed\."),
    ],
)
def test_a_word_that_cannot_be_a_label_is_told(meanings: Meanings, word: str, said: str) -> None:
    with pytest.raises(LabelFileError, match=said):
        propose(parse_tree(COAST, "coast"), [RawLabel(word)], meanings, is_english)


def test_a_line_that_a_person_changed_is_the_persons(plan: Plan) -> None:
    edited = dump_plan(plan).replace("do: same\n  to: reservoir", "do: new\n  to: inland water")
    (line,) = [line for line in parse_plan(edited, "plan.yaml").labels if line.label == "resevoir"]
    assert (line.do, line.to, line.by) == ("new", "inland water", "person")
    assert [change.by for change in changes([line])] == ["person"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tree: x\nlabels:\n- label: a\n  do: merge\n", "plan.yaml, line 4: `do` must be same, new, ask or leave"),
        ("tree: x\nlabels:\n- label: a\n  do: same\n", "plan.yaml, line 3: 'a' needs `to`"),
        ("tree: x\nlabels:\n- {do: ask}\n", "plan.yaml, line 3: `label` is missing."),
        ("tree: [\n", "plan.yaml, line 2: this is not YAML"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(LabelFileError, match=rf"^{said}"):
        parse_plan(text, "plan.yaml")


def asked_model(
    raw: RawLabel, twin: Twin | None, places: Sequence[Place]
) -> tuple[Literal["same", "new"], str] | None:
    return ("same", twin.label.name) if twin else None


def test_a_model_is_asked_what_likeness_leaves_open(meanings: Meanings) -> None:
    raws = [RawLabel("forrest"), RawLabel("thing")]
    answered = propose(read_tree("overhead"), raws, meanings, is_english, asked_model)
    assert [(line.do, line.to, line.by) for line in answered.labels if line.do != "ask"] == [
        ("same", "forest", "model")
    ]


def test_without_a_model_server_nobody_is_asked() -> None:
    assert judge(load_settings()) is None


TWINS = """\
format: 1
name: twins
labels:
  water:
    labels:
      inland water:
        labels: {reservoir: , resevoir: , lake: , sandpit: , sand pit: }
"""


def test_labels_of_a_tree_that_are_one_are_found(meanings: Meanings) -> None:
    found = consolidate(parse_tree(TWINS, "x"), meanings, is_english)
    assert {frozenset((line.label, line.to)) for line in found.labels if line.do == "same"} == {
        frozenset(("reservoir", "resevoir")), frozenset(("sandpit", "sand pit")),
    }  # fmt: skip


def test_labels_that_a_person_keeps_apart_are_not_merged(meanings: Meanings) -> None:
    tree = keep_apart(parse_tree(TWINS, "x"), "sandpit", "sand pit")
    found = consolidate(tree, meanings, is_english).labels
    assert {line.label for line in found} & {"sandpit", "sand pit"} == set()
    assert {frozenset((line.label, line.to)) for line in found} >= {frozenset(("reservoir", "resevoir"))}


def test_a_merge_plan_is_carried_out(meanings: Meanings, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "twins.yaml")
    journal.path.write_text(TWINS, encoding="utf-8")
    tree = journal.change(list(changes(consolidate(journal.tree(), meanings, is_english).labels)))
    assert len([label for label in tree if label.level == 3]) == 3
