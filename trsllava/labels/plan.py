"""What is to become of labels that a tree does not know: a plan that a person may change before it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from trsllava.errors import LabelFileError
from trsllava.labels.duplicates import IsWord, Twin, twin
from trsllava.labels.edits import add, add_word, label_of, merge
from trsllava.labels.file import Name, Rule, rule_of, tags_of
from trsllava.labels.form import form
from trsllava.labels.journal import By, Change
from trsllava.labels.meaning import Meanings
from trsllava.labels.placing import Place, Placing, is_sure
from trsllava.labels.raw import RawLabel
from trsllava.labels.tree import LEVELS, LabelTree
from trsllava.labels.yaml_lines import read_yaml
from trsllava.records import Record
from trsllava.validation import fault_of, said_of

_SHOWN = 60
"""Characters of a label in a message."""

Do = Literal["same", "new", "ask", "leave"]
"""Make it another name of a label; put it under a label; wait for a person; do nothing."""


class Line(Record):
    """What is to become of one label."""

    label: Name
    osm: Rule | None = None
    about: str = ""
    seen: int = Field(default=1, ge=1)
    do: Do
    to: str = ""
    """The label that it is another name for, or that it goes under."""
    proposed: str = ""
    """What was proposed and by whom, as in `same reservoir, by spelling`: a line that says otherwise is a person's."""
    why: str = ""

    @model_validator(mode="after")
    def _has_target(self) -> Self:
        if self.do in ("same", "new") and not self.to:
            raise ValueError(f"{self.label!r} needs `to`: the label that it is the same as, or goes under")
        return self

    @property
    def by(self) -> By:
        """Who decided."""
        deciders: tuple[By, ...] = ("spelling", "tag", "meaning", "model")
        for by in deciders:
            if self.proposed == f"{self.do} {self.to}, by {by}":
                return by
        return "person"


class Plan(Record):
    """A tree's name and what is to become of labels."""

    tree: str
    labels: tuple[Line, ...]


Judge = Callable[[RawLabel, Twin | None, Sequence[Place]], tuple[Literal["same", "new"], str] | None]
"""What a language model says of a label: the same as which, or new under which; None where it cannot tell."""


def propose(
    whole: LabelTree, raws: Sequence[RawLabel], meanings: Meanings, is_word: IsWord, judge: Judge | None = None
) -> Plan:
    """What is to become of labels that come from elsewhere; those that the tree knows already are left out.

    Each label is looked at in the tree to which those before it have been added, so that two spellings of a new label
    become one. `judge` is asked where likeness does not decide.
    """
    tree, lines = whole, list[Line]()
    placing = cache(lambda: Placing(whole, meanings))
    for raw in raws:
        if (line := _proposal(tree, raw, meanings, is_word, placing, judge)) is not None:
            lines.append(line)
            for change in changes([line]):
                tree = change.edit(tree)
    return Plan(tree=tree.name, labels=tuple(lines))


def _proposal(
    tree: LabelTree,
    raw: RawLabel,
    meanings: Meanings,
    is_word: IsWord,
    placing: Callable[[], Placing],
    judge: Judge | None,
) -> Line | None:
    word, tags = raw.word, dict(raw.tags)
    known = tree.find(word)
    exact = next((label for label in tree.of_tags(tags) if label.level == LEVELS), None)
    if known is not None and (not tags or raw.tags in known.osm or exact is not None):
        return None
    if any(raw.tags in label.osm for label in tree if label.level < LEVELS):
        return None  # a label of a higher level stands for it
    if exact is not None:
        if raw.tags in exact.osm:
            return _line(raw, "same", exact.name, "tag")
        return None  # a tag of an object that another tag names more exactly
    if known is not None:
        return _line(raw, "same", known.name, "spelling") if known.level == LEVELS else None
    alike = twin(tree, word, meanings, is_word, level=LEVELS)
    if alike is not None and alike.is_sure:
        return _line(raw, "same", alike.label.name, alike.by, f"{alike.likeness:.2f}")
    places = placing().places(word, raw.about, tags)
    if alike is None and is_sure(places):
        return _line(raw, "new", places[0].parent.name, "meaning", f"{places[0].score:.2f}")
    if judge is not None and (said := judge(raw, alike, places)) is not None:
        return _line(raw, said[0], said[1], "model")
    return _question(raw, alike, places)


def _line(raw: RawLabel, do: Do, to: str, by: By, why: str = "") -> Line:
    return _made(raw, do=do, to=to, proposed=f"{do} {to}, by {by}", why=why)


def _question(raw: RawLabel, alike: Twin | None, places: Sequence[Place]) -> Line:
    maybe = [f"same as {alike.label.name} ({alike.likeness:.2f})"] if alike else []
    maybe += [f"new under {place.parent.name} ({place.score:.2f})" for place in places[:3]]
    return _made(raw, do="ask", why=", ".join(maybe))


def _made(raw: RawLabel, **decided: Any) -> Line:
    """Raises LabelFileError for a word that cannot be a label."""
    osm = rule_of(raw.tags) if raw.tags else None
    try:
        return Line(label=raw.word, osm=osm, about=raw.about, seen=raw.seen, **decided)
    except ValidationError as error:
        _, said = fault_of(error)
        shown = raw.word if len(raw.word) <= _SHOWN else raw.word[:_SHOWN] + "…"
        whole = said if "cannot be a label" in said else f"{shown!r} cannot be a label: it {said}"
        raise LabelFileError(f"{whole}. Leave it out, or shorten it to what it names.") from error


def consolidate(tree: LabelTree, meanings: Meanings, is_word: IsWord) -> Plan:
    """Which labels of the third level may be one: sure ones to be merged, others as questions."""
    lines, taken = list[Line](), set[str]()
    labels = [label for label in tree if label.level == LEVELS]
    labels.sort(key=lambda label: all(is_word(part) for part in form(label.name).split()))  # misspelt ones first
    for label in labels:
        if label.name in taken:
            continue
        alike = twin(tree, label.name, meanings, is_word, level=LEVELS)
        if alike is None or alike.label.name in taken:
            continue
        taken |= {label.name, alike.label.name}
        raw = RawLabel(label.name, label.about)
        if alike.is_sure:
            lines.append(_line(raw, "same", alike.label.name, alike.by, f"{alike.likeness:.2f}"))
        else:
            lines.append(_question(raw, alike, []))
    return Plan(tree=tree.name, labels=tuple(lines))


def changes(lines: Sequence[Line]) -> Iterator[Change]:
    """The changes that carry out a plan; questions that nobody has answered, and what is to be left, make none."""
    for line in lines:
        osm = (tags_of(line.osm),) if line.osm else ()
        if line.do == "new":
            edit = partial(add, name=line.label, under=line.to, about=line.about, osm=osm)
            yield Change(edit, "add", line.label, line.to, line.by, line.why)
        elif line.do == "same":
            yield Change(partial(_same, line=line, osm=osm), "same", line.label, line.to, line.by, line.why)


def _same(tree: LabelTree, *, line: Line, osm: tuple[Any, ...]) -> LabelTree:
    known = tree.labels.get(line.label)
    if known is None or known == label_of(tree, line.to):
        return add_word(tree, line.label, line.to, osm=osm)
    return merge(tree, line.label, line.to)


def dump_plan(plan: Plan) -> str:
    """A plan as a file that people read and change."""
    content = plan.model_dump(exclude_defaults=True)
    content["labels"] = [dict(line) for line in content["labels"]]
    return _HEAD + str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=119))


_HEAD = """\
# What is to become of each label. Change `do` and `to` where you know better; your word is always taken.
# do: same (another name of `to`), new (a label under `to`), leave (nothing); ask waits for your word.
"""


def parse_plan(text: str, source: str) -> Plan:
    """A plan of a file's text. Raises LabelFileError that names the line."""
    try:
        value, lines = read_yaml(text)
    except LabelFileError as error:
        raise LabelFileError(f"{source}, {error}") from error
    try:
        return Plan.model_validate(value)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        said = said_of(fault["type"], fault.get("ctx") or {}, fault["input"])
        name = next((f"`{part}` " for part in reversed(fault["loc"]) if isinstance(part, str)), "The file ")
        subject = "" if fault["type"] == "value_error" else name
        raise LabelFileError(f"{source}, line {lines.of(fault['loc'])}: {subject}{said}.") from error
