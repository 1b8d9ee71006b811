"""YAML as plain values, with the line that each stands on, so that a message can name it."""

from __future__ import annotations

from typing import Any

import yaml

from trsllava.errors import LabelFileError

Path = tuple[str | int, ...]
"""Keys and list positions from the top of a document down to a value."""

_DEEPEST = 20


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Lines:
    """The lines of a document's values, counted from 1."""

    def __init__(self) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._noted: set[int] = set()

    def of(self, path: Path) -> int:
        """The line of a value; of one that is missing, of what it is missing from."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def note(self, path: Path, node: yaml.Node) -> int:
        """Take down where a value stands. Raises LabelFileError for one that is written once and referred to: a few
        lines of these can unfold to gigabytes."""
        line = int(node.start_mark.line) + 1
        if id(node) in self._noted:
            raise LabelFileError(f"line {line}: this is used twice by reference. Write it out in both places.")
        self._noted.add(id(node))
        return self._lines.setdefault(path, line)


def read_yaml(text: str) -> tuple[Any, Lines]:
    """A document's value and its lines. Whole numbers are numbers, nothing is None, all else is text as written.

    Raises LabelFileError, whose message begins with the line.
    """
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise LabelFileError(f"line {line}: this is not YAML. Look at the indents, colons and quotes here.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise LabelFileError(
            "line 1: this is not YAML: it has characters that text has not, or is nested too deeply."
        ) from error
    found = Lines()
    return (None if node is None else _value(node, (), found)), found


def _value(node: yaml.Node, path: Path, lines: Lines) -> Any:
    line = lines.note(path, node)
    if len(path) > _DEEPEST:
        raise LabelFileError(f"line {line}: this is nested too deeply.")
    match node:
        case yaml.MappingNode():
            return _mapping(node, path, lines)
        case yaml.SequenceNode():
            return [_value(child, (*path, place), lines) for place, child in enumerate(node.value)]
        case yaml.ScalarNode(tag="tag:yaml.org,2002:int") if node.value.isdecimal():
            return int(node.value)
        case yaml.ScalarNode(tag="tag:yaml.org,2002:null"):
            return None
    return str(node.value)


def _mapping(node: yaml.MappingNode, path: Path, lines: Lines) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise LabelFileError(f"line {key.start_mark.line + 1}: a name belongs before the colon.")
        name = str(key.value)
        if name in found:
            line, first = key.start_mark.line + 1, lines.of((*path, name))
            raise LabelFileError(f"line {line}: {name!r} stands here twice, first on line {first}.")
        lines.note((*path, name), key)
        found[name] = _value(value, (*path, name), lines)
    return found
