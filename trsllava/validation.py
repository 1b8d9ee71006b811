"""What is wrong with a value, in our own words: people who set a setting need not know which library reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trsllava.errors import InputError

_KINDS = {
    "string": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "path": "a path",
    "tuple": "a list", "list": "a list", "dict": "a table of names and values", "model": "a table of names and values",
    "datetime": "a time", "date": "a date", "uuid": "an id", "json": "JSON", "finite": "a finite number",
    "decimal": "a number", "none": "nothing", "set": "a list", "url": "an address", "is_instance": "something else",
}  # fmt: skip
"""What each family of pydantic's errors misses (the first word of their names)."""
_BOUNDS = {"greater_than_equal": "ge", "greater_than": "gt", "less_than_equal": "le", "less_than": "lt"}
_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_LONGEST = 60


def first_fault(error: ValidationError) -> str:
    """The first thing wrong with a record, as in `sentences.0.raw: is missing`."""
    field, fault = fault_of(error)
    return f"{field}: {fault}" if field else fault


def fault_of(error: ValidationError) -> tuple[str, str]:
    """The name of the first field that is wrong, dotted, empty for the whole; and what is wrong with it."""
    fault = error.errors(include_url=False)[0]
    return ".".join(map(str, fault["loc"])), said_of(fault["type"], fault.get("ctx") or {}, fault["input"])


def reason_of(error: Exception) -> str:
    """Why a file could not be read, as part of a sentence: the system's words for its errors, ours for the rest."""
    match error:
        case OSError(strerror=str(said)):
            return said[:1].lower() + said[1:]
        case json.JSONDecodeError():
            return f"no JSON at line {error.lineno}, column {error.colno}"
        case UnicodeError():
            return "not UTF-8"
    return "its content is not as expected"


def check_unicode(text: str) -> None:
    """Raises InputError for text of bytes that are no UTF-8, as arguments and file names can be."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{text!a} is not UTF-8. Type it in a UTF-8 terminal, or rename the file.") from error


def absolute_path(path: Path | str) -> Path:
    """A path as the ledger keeps it: absolute, `~` and `..` resolved, links as they are. Raises InputError for a name
    that is no Unicode."""
    check_unicode(str(path))
    return Path(os.path.abspath(Path(path).expanduser()))


def said_of(kind: str, context: dict[str, Any], value: Any) -> str:
    """What is wrong with a value, by the kind of pydantic's error and its context."""
    if kind == "value_error" and "error" in context:  # raised by our own validators
        return str(context["error"])
    shown = _shown(value)
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not known"
        case "literal_error" | "enum":
            return f"must be {_listed(context['expected'])}, not {shown}"
        case "string_pattern_mismatch":
            return f"is not in a form that can be used: {shown}"
        case "string_unicode":
            return "is not UTF-8"
        case "too_short" | "string_too_short":
            return f"must have at least {_counted(kind, context['min_length'])}"
        case "too_long" | "string_too_long":
            return f"must have at most {_counted(kind, context['max_length'])}"
    if kind in _BOUNDS:
        side = _BOUNDS[kind]
        return f"must be {_LIMITS[side]} {context[side]:g}, not {shown}"
    family = kind.split("_")[0] if not kind.startswith("is_") else "is_instance"
    return f"must be {_KINDS.get(family, 'something else')}, not {shown}"


def _counted(kind: str, length: int) -> str:
    """`80 characters` of a text, `2 entries` of a list."""
    one, several = ("character", "characters") if kind.startswith("string") else ("entry", "entries")
    return f"{length} {one if length == 1 else several}"


def _listed(expected: str) -> str:
    """`'a', 'b' or 'c'` without the quotes."""
    return expected.replace("'", "")


def _shown(value: Any) -> str:
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
