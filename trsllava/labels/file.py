"""Label trees as files: YAML that people read and edit, checked line by line."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from trsllava.errors import HomeError, LabelFileError
from trsllava.labels.form import form
from trsllava.labels.tree import Label, LabelTree, Tags
from trsllava.labels.yaml_lines import Lines, read_yaml
from trsllava.records import Record
from trsllava.validation import reason_of, said_of

OVERHEAD = "overhead"
"""The name of the tree that comes with trsllava."""
_WIDTH = 119
_RULE = re.compile(r"[a-z0-9_:]+=[^\s=]+( [a-z0-9_:]+=[^\s=]+)*")
WorldCover = Literal[10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]
"""A class of ESA WorldCover: tree cover, shrubland, grassland, cropland, built-up, bare or sparse vegetation, snow and
ice, permanent water, herbaceous wetland, mangroves, moss and lichen."""


def _checked_name(name: str) -> str:
    if not name.isprintable():
        raise ValueError(f"{name!r} cannot be a label: it has characters that cannot be printed")
    if name != name.strip() or set(name) & set(",=;"):
        raise ValueError(f"{name!r} cannot be a label: leave out commas, semicolons, equals signs and outer blanks")
    if not form(name):
        raise ValueError(f"{name!r} cannot be a label: it needs a letter or a digit")
    return name


def _checked_rule(rule: str) -> str:
    if not _RULE.fullmatch(rule):
        raise ValueError(f"{rule!r} is not OpenStreetMap tags: write key=value, several with a blank between them")
    return rule


def _nothing_is_empty(value: Any) -> Any:
    return {} if value is None else value


Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_checked_name)]
Rule = Annotated[str, AfterValidator(_checked_rule)]


class _Entry(Record):
    about: str = Field(default="", max_length=1000, description="What it is and looks like, in a sentence.")
    synonyms: tuple[Name, ...] = Field(default=(), description="Other names for it.")
    osm: tuple[Rule, ...] = Field(
        default=(), description="OpenStreetMap tags that it stands for: `key=value`, or several that go together."
    )
    worldcover: tuple[WorldCover, ...] = Field(
        default=(), description="ESA WorldCover classes; without any, those of the label above it hold."
    )


class ThirdLevel(_Entry):
    """A label of the third level."""


class SecondLevel(_Entry):
    """A label of the second level and the labels below it."""

    labels: dict[Name, Annotated[ThirdLevel, BeforeValidator(_nothing_is_empty)]] = Field(default_factory=dict)


class FirstLevel(_Entry):
    """A label of the first level and the labels below it."""

    labels: dict[Name, Annotated[SecondLevel, BeforeValidator(_nothing_is_empty)]] = Field(default_factory=dict)


class TreeFile(Record):
    """A tree of labels in three levels."""

    format: Literal[1] = Field(description="The version of this file format.")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="What the tree is called.")
    version: str = Field(default="", max_length=40, description="The tree's own version.")
    about: str = Field(default="", max_length=1000, description="What the tree is for.")
    labels: dict[Name, Annotated[FirstLevel, BeforeValidator(_nothing_is_empty)]] = Field(
        description="The labels of the first level, by name, with those of the second and third below them."
    )
    apart: tuple[tuple[Name, Name], ...] = Field(
        default=(), description="Pairs of words that mean different things, though they may look alike."
    )


@dataclass(frozen=True)
class Fault:
    """Something wrong with a file, and the line that it stands on."""

    line: int
    said: str


def json_schema() -> dict[str, Any]:
    """The JSON schema of a label tree's file."""
    return TreeFile.model_json_schema()


def read_tree(source: Path | str) -> LabelTree:
    """The tree of a file, or the one that comes with trsllava (`overhead`). Raises LabelFileError with the first
    fault."""
    return parse_tree(tree_text(source), str(source))


def tree_text(source: Path | str) -> str:
    """A tree's file as it stands. Raises LabelFileError where it cannot be read."""
    if str(source) == OVERHEAD:
        return files(__package__).joinpath(f"{OVERHEAD}.yaml").read_text("utf-8")
    return read_text(Path(source))


def read_text(path: Path) -> str:
    """A file's text, with its ends of lines as they are. Raises LabelFileError where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise LabelFileError(
            f"There is no file {path}. `trsllava labels new {path}` makes a tree to begin with."
        ) from error
    except (OSError, UnicodeError) as error:
        raise LabelFileError(f"{path} cannot be read: {reason_of(error)}.") from error


def parse_tree(text: str, source: str) -> LabelTree:
    """The tree of a file's text; `source` is what messages call it. Raises LabelFileError with the first fault."""
    found, faults = _parsed(text)
    if found is None or faults:
        raise LabelFileError(f"{source}, line {faults[0].line}: {faults[0].said}")
    return found


def opened_tree(path: Path) -> LabelTree | None:
    """The tree of a file that others may replace meanwhile, read again only when they have; None where there is none.
    Raises LabelFileError."""
    try:
        stand = path.stat()
    except OSError:
        return None
    return _read_once(path, stand.st_mtime_ns, stand.st_size, stand.st_ino)


@lru_cache(maxsize=64)
def _read_once(path: Path, *_stand: int) -> LabelTree:
    return read_tree(path)


def replace_tree(path: Path, source: Path | str | None) -> None:
    """Put a tree's file in the place of another, in one step; None: take it away. Raises LabelFileError, HomeError."""
    if source is not None:
        put_tree(path, tree_text(source), str(source))
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise HomeError(f"{path} cannot be removed: {reason_of(error)}.") from error


def put_tree(path: Path, text: str, source: str) -> None:
    """Put the text of a tree's file in its place, in one step; `source` is what messages call it. Raises
    LabelFileError, HomeError."""
    parse_tree(text, source)
    try:
        write_whole(path, text)
    except OSError as error:
        raise HomeError(f"{path} cannot be written: {reason_of(error)}.") from error


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all. Raises OSError."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def faults_of(text: str) -> list[Fault]:
    """Everything that is wrong with a tree's file, by line."""
    return _parsed(text)[1]


def _parsed(text: str) -> tuple[LabelTree | None, list[Fault]]:
    try:
        value, lines = read_yaml(text)
    except LabelFileError as error:
        line, _, said = str(error).removeprefix("line ").partition(": ")
        return None, [Fault(int(line), said)]
    try:
        file = TreeFile.model_validate(value)
    except ValidationError as error:
        return None, sorted(_faults(error, lines), key=lambda fault: fault.line)
    faults = sorted(_shared_words(file, lines), key=lambda fault: fault.line)
    return (None if faults else _tree(file)), faults


def _faults(error: ValidationError, lines: Lines) -> Iterator[Fault]:
    for fault in error.errors(include_url=False):
        where = fault["loc"]
        said = said_of(fault["type"], fault.get("ctx") or {}, fault["input"])
        own_words = fault["type"] == "value_error"
        if fault["type"] == "extra_forbidden" and where[-1] == "labels":
            said = "is not known here: a tree has three levels"
        named = [str(part) for part in where if isinstance(part, str) and part != "[key]"]
        subject = "" if own_words else (f"`{named[-1]}` " if named[-1] else "A name ") if named else "The file "
        yield Fault(lines.of(where), f"{subject}{said}.")


def _entries(file: TreeFile) -> Iterator[tuple[tuple[str, ...], _Entry]]:
    for first, one in file.labels.items():
        yield (first,), one
        for second, two in one.labels.items():
            yield (first, second), two
            for third, three in two.labels.items():
                yield (first, second, third), three


def _place(path: Iterable[str]) -> tuple[str | int, ...]:
    """Where in the document a label stands."""
    return tuple(part for name in path for part in ("labels", name))


def _shared_words(file: TreeFile, lines: Lines) -> Iterator[Fault]:
    """Words and tags that stand for two labels."""
    owners: dict[str | Tags, tuple[str, int]] = {}

    def clash(key: str | Tags, shown: str, owner: str, line: int) -> Iterator[Fault]:
        if key in owners:
            other, first = owners[key]
            yield Fault(line, f"{shown!r} of {owner!r} already stands for {other!r}, on line {first}.")
        else:
            owners[key] = (owner, line)

    for path, _ in _entries(file):
        yield from clash(form(path[-1]), path[-1], path[-1], lines.of(_place(path)))
    for path, entry in _entries(file):
        for number, synonym in enumerate(entry.synonyms):
            line = lines.of((*_place(path), "synonyms", number))
            yield from clash(form(synonym), synonym, path[-1], line)
        for number, rule in enumerate(entry.osm):
            yield from clash(tags_of(rule), rule, path[-1], lines.of((*_place(path), "osm", number)))


def tags_of(rule: str) -> Tags:
    """The tags of a rule: `leisure=pitch sport=tennis`; in lower case, as objects' tags are compared."""
    return frozenset((key, value.casefold()) for key, _, value in (tag.partition("=") for tag in rule.split(" ")))


def _tree(file: TreeFile) -> LabelTree:
    labels = {
        path[-1]: Label(path, entry.about, entry.synonyms, tuple(map(tags_of, entry.osm)), entry.worldcover)
        for path, entry in _entries(file)
    }
    return LabelTree(file.name, file.version, labels, file.about, frozenset(map(frozenset, file.apart)))


class _Flow(list[Any]):
    """A list that is written on one line."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    pass


_Dumper.add_representer(
    _Flow, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)
)


def dump_tree(tree: LabelTree) -> str:
    """A tree as a file: the same tree gives the same text."""
    content: dict[str, Any] = {"format": 1, "name": tree.name}
    content |= {name: value for name, value in (("version", tree.version), ("about", tree.about)) if value}
    content["labels"] = _levels(tree, None)
    if tree.apart:
        content["apart"] = [_Flow(pair) for pair in sorted(map(sorted, tree.apart))]
    return str(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH))


def _levels(tree: LabelTree, above: str | None) -> dict[str, Any]:
    return {label.name: dict(_content(tree, label)) for label in tree.children(above)}


def _content(tree: LabelTree, label: Label) -> Iterator[tuple[str, Any]]:
    if label.about:
        yield "about", label.about
    if label.synonyms:
        yield "synonyms", _Flow(label.synonyms)
    if label.osm:
        yield "osm", _Flow(map(rule_of, label.osm))
    if label.worldcover:
        yield "worldcover", _Flow(label.worldcover)
    if below := _levels(tree, label.name):
        yield "labels", below


def rule_of(tags: Tags) -> str:
    """Tags as a file has them: `leisure=pitch sport=tennis`."""
    return " ".join(f"{key}={value}" for key, value in sorted(tags))


def worldcover_classes() -> Mapping[int, str]:
    """The classes of ESA WorldCover and what they show."""
    names = ("tree cover", "shrubland", "grassland", "cropland", "built-up", "bare or sparse vegetation",
             "snow and ice", "permanent water", "herbaceous wetland", "mangroves", "moss and lichen")  # fmt: skip
    return dict(zip(get_args(WorldCover), names, strict=True))
