"""Labels as they come: tags of OpenStreetMap, words of annotators, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from trsllava.labels.form import form
from trsllava.labels.tree import Tags

_TAG = re.compile(r"([A-Za-z0-9_:]+)\s*=\s*([^\s=]+)")
_STOPS = re.compile(r"[,;=]+")
_NO_WORD = {"yes", "true", "1", "*"}
"""Values that say no more than their key."""


@dataclass(frozen=True)
class RawLabel:
    """A label as it came."""

    text: str
    about: str = ""
    seen: int = 1

    @property
    def tags(self) -> Tags:
        """Its OpenStreetMap tags; empty for plain words."""
        return frozenset((key.casefold(), value.casefold()) for key, value in _TAG.findall(self.text))

    @property
    def word(self) -> str:
        """What it is called: the value of its last tag, or its key where the value says no more (`yes`, `*`)."""
        if found := _TAG.findall(self.text):
            key, value = found[-1]
            text = key if value.casefold() in _NO_WORD else value
        else:
            text = self.text
        return " ".join(_STOPS.sub(" ", text.replace("_", " ").replace(":", " ")).casefold().split())


def read_raw(lines: Iterable[str]) -> list[RawLabel]:
    """Labels, one a line, what is said about them behind a tab; empty lines and those after `#` are left out. What is
    written alike but for case and number counts as seen more than once; the most frequent come first."""
    found: dict[object, RawLabel] = {}
    for line in lines:
        text, _, about = line.removeprefix("\ufeff").strip().partition("\t")
        raw = RawLabel(text.strip(), about.strip())
        if raw.text.startswith("#") or not form(raw.word):
            continue
        key = (raw.tags, form(raw.word))
        known = found.get(key, RawLabel(raw.text, raw.about, 0))
        found[key] = RawLabel(known.text, known.about or raw.about, known.seen + 1)
    return sorted(found.values(), key=lambda raw: -raw.seen)
