"""A tree of labels in three levels, and what is looked up in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from trsllava.labels.form import form

LEVELS = 3
ANY = "*"
"""As a tag's value: whatever it is."""

Tags = frozenset[tuple[str, str]]
"""OpenStreetMap keys and values that an object must all have."""


@dataclass(frozen=True)
class Label:
    """One label and what it stands for."""

    path: tuple[str, ...]
    """The names from the first level down to its own."""
    about: str = ""
    synonyms: tuple[str, ...] = ()
    osm: tuple[Tags, ...] = ()
    """OpenStreetMap objects that it stands for: those with all the tags of one of these."""
    worldcover: tuple[int, ...] = ()
    """ESA WorldCover classes; of a label without any, those of the label above it hold."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path[-1]

    @property
    def parent(self) -> str | None:
        """The name of the label above it; None at the first level."""
        return self.path[-2] if len(self.path) > 1 else None

    @property
    def level(self) -> int:
        """1, 2 or 3."""
        return len(self.path)

    @property
    def words(self) -> tuple[str, ...]:
        """Its name and synonyms."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True)
class LabelTree:
    """Labels of three levels. No two share a name, nor a synonym, in any spelling (`form`)."""

    name: str
    version: str
    labels: Mapping[str, Label]
    """By name; each label stands behind the one above it."""
    about: str = ""
    apart: frozenset[frozenset[str]] = frozenset()
    """Pairs of words that a person has said mean different things."""

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels.values())

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def _by_form(self) -> Mapping[str, Label]:
        return {form(word): label for label in self for word in label.words}

    @cached_property
    def _by_tags(self) -> Mapping[Tags, Label]:
        return {tags: label for label in self for tags in label.osm}

    def find(self, word: str) -> Label | None:
        """The label of that name or synonym, in any spelling, or of an OpenStreetMap tag (`natural=wood`)."""
        if found := self._by_form.get(form(word)):
            return found
        key, is_tag, value = (part.strip() for part in word.partition("="))
        return self._by_tags.get(frozenset({(key.casefold(), value.casefold())})) if is_tag else None

    def of_tags(self, tags: Mapping[str, str]) -> list[Label]:
        """The labels of an OpenStreetMap object: of its rules that hold, those that say the most, and of labels one
        below the other, the lower."""
        has = {(key.casefold(), value.casefold()) for key, value in tags.items()}
        has |= {(key, ANY) for key, _ in has}
        rules = [rule for rule in self._by_tags if rule <= has]
        best = [rule for rule in rules if not any(_says_less(rule, other) for other in rules)]
        found = dict.fromkeys(self._by_tags[rule].name for rule in best)
        above = {name for label in found for name in self.labels[label].path[:-1]}
        return [self.labels[name] for name in found if name not in above]

    def children(self, name: str | None) -> list[Label]:
        """The labels right below one; of None, the first level."""
        return self._children.get(name, [])

    @cached_property
    def _children(self) -> Mapping[str | None, list[Label]]:
        found: dict[str | None, list[Label]] = {}
        for label in self:
            found.setdefault(label.parent, []).append(label)
        return found

    def within(self, name: str) -> list[Label]:
        """A label and all labels below it."""
        level = self.labels[name].level
        return [label for label in self if label.path[level - 1 : level] == (name,)]

    def worldcover(self, name: str) -> tuple[int, ...]:
        """The ESA WorldCover classes of a label: its own, else those of the nearest label above that has any."""
        for above in reversed(self.labels[name].path):
            if classes := self.labels[above].worldcover:
                return classes
        return ()

    def of_worldcover(self, number: int) -> list[Label]:
        """The labels, as high up as they come, that an ESA WorldCover class may show."""
        return [label for label in self if number in label.worldcover and not self._above_has(label, number)]

    def _above_has(self, label: Label, number: int) -> bool:
        return any(number in self.labels[above].worldcover for above in label.path[:-1])

    def are_apart(self, one: str, other: str) -> bool:
        """True where a person has said that two words mean different things."""
        return frozenset({form(one), form(other)}) in {frozenset(map(form, pair)) for pair in self.apart}

    def with_labels(self, labels: Mapping[str, Label]) -> LabelTree:
        """The tree with other labels."""
        return replace(self, labels=labels)


def _says_less(rule: Tags, other: Tags) -> bool:
    """True where another rule asks for all that this one does, and for more."""
    asked = other | {(key, ANY) for key, _ in other}
    return rule != other and rule <= asked
