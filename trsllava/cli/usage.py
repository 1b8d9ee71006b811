"""Wrong arguments in our own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from rapidfuzz import process
from typer.exceptions import TyperException

from trsllava.ledger.connection import REMEDY
from trsllava.validation import check_unicode

_NAMED = re.compile(r"'([^']*)'|\(([^()]+)\)$")
"""The word in question, in a message that says nothing else of use."""
_WANTED = {int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}

DAMAGED_LEDGER = f"A collection's ledger (ledger.sqlite) is damaged. {REMEDY}"


def check_arguments(arguments: Sequence[str]) -> None:
    """Raises InputError for an argument of bytes that are no UTF-8: no caption, label or stored path can hold them."""
    for argument in arguments:
        check_unicode(argument)


def usage_fault(error: TyperException) -> str:
    """What is wrong with the arguments, in one sentence, and where to read how they go."""
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "trsllava"
    return f"{_fault(error, context)} `{command} --help` shows what there is."


def _fault(error: Any, context: Any) -> str:
    """Told by the kind of error and the parameter that it stands for, for the message is the library's."""
    named = _name(error)
    match type(error).__name__:
        case "NoSuchOption":
            return f"There is no option {error.option_name}.{_like(error.option_name, _options(context))}"
        case "MissingParameter":
            return f"{named} is missing."
        case "BadParameter":
            return f"{named} expects {_wanted(error.param)}."
        case "BadOptionUsage":
            takes_none = "not take" in error.message
            return f"{error.option_name} {'takes no value' if takes_none else 'needs a value'}."
    found = _NAMED.search(error.message.rstrip("."))
    word = (found[1] or found[2] or "") if found else ""
    if "command" in error.message.lower():
        known = list(getattr(context.command, "commands", {})) if context is not None else []
        return f"There is no command {word}.{_like(word, known)}" if word else "A command is missing."
    return f"There are more arguments than the command takes: {word}." if word else "The arguments are not understood."


def _name(error: Any) -> str:
    """An option by its longest name, an argument by its own in capitals."""
    param = getattr(error, "param", None)
    if param is None:
        return "An argument"
    names = [*getattr(param, "opts", [])]
    return max(names, key=len) if param.param_type_name == "option" else str(param.metavar or param.name).upper()


def _wanted(param: Any) -> str:
    """What the parameter's type allows."""
    kind = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(str(choice.value) for choice in kind)}"
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    what = next((_WANTED[part] for part in (kind, *get_args(kind)) if part in _WANTED), "another value")
    least, most = getattr(param, "min", None), getattr(param, "max", None)
    if least is not None and most is not None:
        return f"{what} from {least:g} to {most:g}"
    if least is not None:
        return f"{what} of at least {least:g}"
    return what if most is None else f"{what} of at most {most:g}"


def _options(context: Any) -> list[str]:
    return [name for param in context.command.params for name in param.opts] if context is not None else []


def _like(word: str, known: Sequence[str]) -> str:
    found = process.extractOne(word, known, score_cutoff=70)
    return f" Did you mean {found[0]}?" if found else ""
