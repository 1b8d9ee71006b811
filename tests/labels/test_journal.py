"""The log of a tree's changes, and taking them back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labels.conftest import SMALL
from trsllava.errors import LabelFileError
from trsllava.labels import edits
from trsllava.labels.journal import Change, Journal


def added(name: str, under: str = "inland water") -> Change:
    return Change(partial(edits.add, name=name, under=under), "add", name, under)


def merged(name: str, into: str) -> Change:
    return Change(partial(edits.merge, word=name, into=into), "merge", name, into, "spelling", "0.90")


def test_every_step_is_written_down(journal: Journal) -> None:
    journal.change([added("river"), merged("lake", "reservoir")])
    said = [step.sentence() for step in journal.steps()]
    assert said == ["added river under inland water, by person", "merged lake into reservoir, by spelling (0.90)"]


@pytest.mark.parametrize("text", [SMALL, SMALL.replace("\n", "\r\n"), SMALL + "\n# the end", "\ufeff" + SMALL])
def test_undoing_restores_every_byte(journal: Journal, text: str) -> None:
    journal.path.write_bytes(text.encode())
    stages = []
    for change in (added("river"), merged("lake", "reservoir"), added("bay", "sea and coast")):
        stages.append(journal.path.read_bytes())
        journal.change([change])
    while stages:
        journal.undo()
        assert journal.path.read_bytes() == stages.pop()
    with pytest.raises(LabelFileError, match="no step to undo"):
        journal.undo()


def test_the_comments_at_the_head_stay(journal: Journal) -> None:
    journal.change([added("river")])
    assert journal.path.read_text(encoding="utf-8").startswith("# Ours.\nformat: 1\n")


def test_all_changes_are_made_or_none(journal: Journal) -> None:
    with pytest.raises(LabelFileError):
        journal.change([added("river"), added("lake")])
    assert journal.path.read_text(encoding="utf-8") == SMALL
    assert journal.steps() == []


def test_what_was_changed_by_hand_is_not_undone_over(journal: Journal) -> None:
    journal.change([added("river")])
    by_hand = journal.path.read_text(encoding="utf-8") + "version: mine\n"
    journal.path.write_text(by_hand, encoding="utf-8")
    with pytest.raises(LabelFileError, match="changed by other means since step 1"):
        journal.undo()
    journal.change([added("pond")])
    journal.undo()
    assert journal.path.read_text(encoding="utf-8") == by_hand


def test_a_run_cut_off_before_the_tree_was_written_leaves_steps_that_count_as_undone(journal: Journal) -> None:
    journal.change([added("river")])
    before = journal.path.read_bytes()
    journal.change([added("pond"), added("brook")])
    journal.path.write_bytes(before)  # as if only the log had been written
    assert journal.undo().label == "river"
    assert journal.path.read_text(encoding="utf-8") == SMALL


def test_a_last_line_that_was_cut_off_never_happened(journal: Journal) -> None:
    journal.change([added("river")])
    with journal.log.open("ab") as log:
        log.write(b'{"step": 2, "at"')
    assert len(journal.steps()) == 1
    journal.change([added("pond")])
    assert [step.label for step in journal.steps()] == ["river", "pond"]


def test_an_altered_log_is_told_by_its_line(journal: Journal) -> None:
    journal.change([added("river")])
    journal.log.write_text('{"step": 0}\n', encoding="utf-8")
    with pytest.raises(LabelFileError, match=r"small\.log\.jsonl, line 1: "):
        journal.undo()


@settings(max_examples=12)
@given(st.lists(st.sampled_from(["river", "pond", "brook", "undo", "merge"]), max_size=6))
def test_any_row_of_changes_can_be_taken_back(tmp_path_factory: pytest.TempPathFactory, row: list[str]) -> None:
    journal = Journal(Path(tmp_path_factory.mktemp("any")) / "tree.yaml")
    journal.path.write_bytes(SMALL.encode())
    states = [SMALL.encode()]
    for name in row:
        try:
            if name == "undo":
                journal.undo()
                states.pop()
                assert journal.path.read_bytes() == states[-1]
            else:
                journal.change([merged("lake", "reservoir") if name == "merge" else added(name)])
                states.append(journal.path.read_bytes())
        except LabelFileError:
            assert journal.path.read_bytes() == states[-1]
    while len(states) > 1:
        journal.undo()
        states.pop()
        assert journal.path.read_bytes() == states[-1]
