"""What differs between two label trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from trsllava.labels.file import rule_of
from trsllava.labels.tree import Label, LabelTree


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise in the newer tree."""

    label: str
    """By its name in the older tree, or in the newer where the older has none."""
    kind: Literal["added", "removed", "renamed", "merged", "moved", "about", "synonyms", "osm", "worldcover"]
    was: str = ""
    became: str = ""

    def sentence(self) -> str:
        """The difference as a person reads it."""
        match self.kind:
            case "added":
                return f"added {self.label} under {self.became}" if self.became else f"added {self.label}"
            case "removed":
                return f"removed {self.label}"
            case "renamed" | "merged" | "moved":
                return f"{self.kind} {self.label} {'into' if self.kind == 'merged' else 'to'} {self.became}"
        if self.kind == "about":
            return f"{self.label}: about {self.was!r} became {self.became!r}"
        was, became = self.was.split(", "), self.became.split(", ")
        signs = [f"+ {one}" for one in became if one and one not in was]
        signs += [f"- {one}" for one in was if one and one not in became]
        return f"{self.label}: {self.kind} {', '.join(signs) or 'in another order'}"


def differences(old: LabelTree, new: LabelTree) -> list[Difference]:
    """What is otherwise in a newer tree, in its order; what is gone comes last."""
    return [*_changes(old, new), *_gone(old, new)]


def _changes(old: LabelTree, new: LabelTree) -> Iterator[Difference]:
    for label in new:
        former = old.labels.get(label.name) or _former(label, old, new)
        if former is None:
            yield Difference(label.name, "added", became=label.parent or "")
            continue
        if former.name != label.name:
            yield Difference(former.name, "renamed", former.name, label.name)
        if former.parent != label.parent and not _was_renamed(former.parent, label.parent, old, new):
            yield Difference(former.name, "moved", former.parent or "", label.parent or "the first level")
        for kind, was, became in _contents(former, label):
            if was != became:
                yield Difference(label.name, kind, was, became)


def _former(label: Label, old: LabelTree, new: LabelTree) -> Label | None:
    """The label that was called otherwise: whose name is now a synonym, and no label's name."""
    names = [name for name in label.synonyms if name in old.labels and name not in new.labels]
    return old.labels[names[0]] if names else None


def _was_renamed(was: str | None, became: str | None, old: LabelTree, new: LabelTree) -> bool:
    if was is None or became is None or became in old.labels:
        return False
    former = _former(new.labels[became], old, new)
    return former is not None and former.name == was


Contents = Iterator[tuple[Literal["about", "synonyms", "osm", "worldcover"], str, str]]


def _contents(former: Label, label: Label) -> Contents:
    yield "about", former.about, label.about
    yield "synonyms", ", ".join(former.synonyms), ", ".join(label.synonyms)
    yield "osm", ", ".join(map(rule_of, former.osm)), ", ".join(map(rule_of, label.osm))
    yield "worldcover", ", ".join(map(str, former.worldcover)), ", ".join(map(str, label.worldcover))


def _gone(old: LabelTree, new: LabelTree) -> Iterator[Difference]:
    renamed = {former.name for label in new if label.name not in old.labels if (former := _former(label, old, new))}
    for label in old:
        if label.name in new.labels or label.name in renamed:
            continue
        heir = new.find(label.name)
        yield Difference(label.name, "merged", became=heir.name) if heir else Difference(label.name, "removed")
