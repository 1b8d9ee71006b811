"""Reading the metadata files of products: XML, JSON and Landsat's own text, with bounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from trsllava.raster.times import parse_time

_LONGEST = 1 << 25
"""Bytes: Sentinel-2's largest metadata file has less than a megabyte."""


def read_text(path: Path) -> str:
    """A metadata file; empty where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size <= _LONGEST else ""
    except OSError:
        return ""


def read_xml(path: Path) -> ElementTree.Element | None:
    """The root of an XML file without entities of its own; None where it is none."""
    text = read_text(path)
    if not text or "<!ENTITY" in text:
        return None
    try:
        return ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError, LookupError):  # the latter two: an encoding that is not known
        return None


def read_json(path: Path) -> Any:
    """What a JSON file holds; None where it is none."""
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError):
        return None


def texts(root: ElementTree.Element, name: str) -> Iterator[str]:
    """The texts of all elements of a name, whatever their namespace, that have one."""
    for element in root.iter():
        if element.tag.rpartition("}")[2] == name and element.text and element.text.strip():
            yield element.text.strip()


def text(root: ElementTree.Element, *names: str) -> str:
    """The first text of an element of the first of these names that is there; empty where none is."""
    return next((found for name in names for found in texts(root, name)), "")


def number(written: object) -> float | None:
    """A number as metadata write it; None where it is none."""
    try:
        found = float(str(written))
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def time(written: object) -> datetime | None:
    """An instant as metadata write it."""
    return parse_time(str(written)) if written else None


def stated(**properties: str | float | None) -> dict[str, str | float]:
    """The properties that are known."""
    return {name: value for name, value in properties.items() if value is not None and value != ""}
