"""Every change to a label tree's file, written down beside it, so that it can be taken back.

The log of `land.yaml` is `land.log.jsonl`, a step a line. It is written before the tree is: where a run was cut off
between the two, the file still stands as before some step, and what the log has from there on never happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import Field, ValidationError

from trsllava.errors import BusyError, LabelFileError
from trsllava.labels.edits import Edit
from trsllava.labels.file import dump_tree, parse_tree, read_text, write_whole
from trsllava.labels.tree import LabelTree
from trsllava.records import Record
from trsllava.validation import first_fault, reason_of

Action = Literal["add", "same", "merge", "move", "rename", "remove", "apart", "undo"]
By = Literal["person", "spelling", "tag", "meaning", "model"]
"""Who or what decided: a person, likeness of letters, an OpenStreetMap tag, likeness of meaning, a language model."""


class Step(Record):
    """One change to a tree, and what takes it back."""

    step: int = Field(ge=1)
    at: datetime
    action: Action
    label: str = ""
    to: str = ""
    """The label that it went to or under, or the new name."""
    by: By = "person"
    why: str = ""
    undoes: int | None = None
    before: str
    """SHA-256 of the file before."""
    after: str
    line: int = Field(ge=0)
    """Number of lines ahead of the first that changed."""
    written: int = Field(ge=0)
    """Number of lines that took the place of `replaced`."""
    replaced: tuple[str, ...]

    def sentence(self) -> str:
        """The step as a person reads it."""
        if self.action == "undo":
            return f"step {self.undoes} undone"
        target = f" {_ARROWS[self.action]} {self.to}" if self.to else ""
        how = f" ({self.why})" if self.why else ""
        return f"{_VERBS[self.action]} {self.label}{target}, by {self.by}{how}"


_VERBS = {
    "add": "added", "same": "took", "merge": "merged", "move": "moved", "rename": "renamed", "remove": "removed",
    "apart": "kept",
}  # fmt: skip
_ARROWS = {"add": "under", "same": "for", "merge": "into", "move": "under", "rename": "to", "apart": "apart from"}


@dataclass(frozen=True)
class Change:
    """A change to be made, and what the log is to say of it."""

    edit: Edit
    action: Action
    label: str
    to: str = ""
    by: By = "person"
    why: str = ""


class Journal:
    """A tree's file and the log of its changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path.with_suffix(".log.jsonl")

    def tree(self) -> LabelTree:
        """The tree as it stands. Raises LabelFileError."""
        return parse_tree(read_text(self.path), str(self.path))

    def steps(self) -> list[Step]:
        """All steps, the oldest first, undone ones and their undoing among them. Raises LabelFileError."""
        return list(self._steps())

    def _steps(self) -> Iterator[Step]:
        try:
            lines = self.log.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return
        except OSError as error:
            raise LabelFileError(f"{self.log} cannot be read: {reason_of(error)}.") from error
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return  # the run that wrote it was cut off, and the tree is as it was before
            try:
                yield Step.model_validate_json(line)
            except ValidationError as error:
                raise LabelFileError(f"{self.log}, line {number}: {first_fault(error)}.") from error

    def change(self, changes: Sequence[Change]) -> LabelTree:
        """Make changes one after the other, all or none, and write each down. Comments at the head of the file stay,
        others do not. Raises LabelFileError, BusyError."""
        with self._held():
            steps, text = self.steps(), read_text(self.path)
            tree = parse_tree(text, str(self.path))
            steps += self._cut_off(steps, text)
            number, head, added = len(steps), _head(text), list[Step]()
            for change in changes:
                tree = change.edit(tree)
                changed = head + dump_tree(tree)
                number += 1
                added.append(_step(number, change, text, changed))
                text = changed
            parse_tree(text, str(self.path))  # what would not open again is not written
            self._write(steps, added, text)
        return tree

    def undo(self) -> Step:
        """Take back the last step that stands, byte for byte. Raises LabelFileError where there is none, or the file
        was changed by other means since; BusyError."""
        with self._held():
            steps, text = self.steps(), read_text(self.path)
            steps += self._cut_off(steps, text)
            standing = _standing(steps)
            if not standing:
                raise LabelFileError(f"There is no step to undo: {self.log} has none that still stands.")
            last = standing[-1]
            if _digest(text) != last.after:
                raise LabelFileError(
                    f"{self.path} was changed by other means since step {last.step}, and undoing that step would lose "
                    "the change. Put the file back as it was, or go on from here."
                )
            before = _undone(text, last)
            if _digest(before) != last.before:
                raise LabelFileError(f"{self.log}: step {last.step} was altered and cannot be undone.")
            self._write(steps, [_undoing(len(steps) + 1, last, text, before)], before)
        return last

    def _cut_off(self, steps: Sequence[Step], text: str) -> list[Step]:
        """Steps that undo, without a change to the file, what the log has but the file never had."""
        digest, standing = _digest(text), _standing(steps)
        if not standing or digest == standing[-1].after:
            return []
        lost = list(takewhile(lambda step: step.after != digest, reversed(standing)))
        if lost[-1].before != digest:
            return []
        return [_undoing(len(steps) + place, step, text, text) for place, step in enumerate(lost, start=1)]

    def _write(self, steps: Sequence[Step], added: Sequence[Step], text: str) -> None:
        try:
            lines = "".join(f"{step.model_dump_json()}\n" for step in (*steps, *added))
            write_whole(self.log, lines)
            write_whole(self.path, text)
        except OSError as error:
            raise LabelFileError(f"{self.path} cannot be written: {reason_of(error)}.") from error

    @contextmanager
    def _held(self) -> Iterator[None]:
        """One process changes a tree at a time."""
        lock = FileLock(self.path.with_suffix(".lock"), timeout=10)
        try:
            lock.acquire()
        except Timeout:
            raise BusyError(f"Another process is changing {self.path}. Wait for it to end.") from None
        except OSError as error:
            raise LabelFileError(f"{self.path} cannot be written: {reason_of(error)}.") from error
        try:
            yield
        finally:
            lock.release()


def _step(number: int, change: Change, before: str, after: str) -> Step:
    line, written, replaced = _difference(before, after)
    return Step(
        step=number,
        at=datetime.now(UTC),
        action=change.action,
        label=change.label,
        to=change.to,
        by=change.by,
        why=change.why,
        before=_digest(before),
        after=_digest(after),
        line=line,
        written=written,
        replaced=replaced,
    )


def _undoing(number: int, undone: Step, before: str, after: str) -> Step:
    change = Change(lambda tree: tree, "undo", "")
    return _step(number, change, before, after).model_copy(update={"undoes": undone.step})


def _standing(steps: Sequence[Step]) -> list[Step]:
    """The steps that were not undone."""
    undone = {step.undoes for step in steps}
    return [step for step in steps if step.action != "undo" and step.step not in undone]


def _difference(before: str, after: str) -> tuple[int, int, tuple[str, ...]]:
    """Lines ahead of the first that differs; lines of `after`, and the lines of `before`, up to the last that does."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    shorter = min(len(old), len(new))
    ahead = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    behind = next((place for place in range(shorter - ahead) if old[-1 - place] != new[-1 - place]), shorter - ahead)
    return ahead, len(new) - behind - ahead, tuple(old[ahead : len(old) - behind])


def _undone(text: str, step: Step) -> str:
    lines = text.splitlines(keepends=True)
    return "".join((*lines[: step.line], *step.replaced, *lines[step.line + step.written :]))


def _head(text: str) -> str:
    """The comments that a file begins with."""
    lines = text.removeprefix("\ufeff").splitlines()
    return "".join(f"{line}\n" for line in takewhile(lambda line: line.startswith("#") or not line.strip(), lines))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
