"""Changes to a label tree, each of which gives a new tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trsllava.errors import LabelFileError
from trsllava.labels.form import form
from trsllava.labels.tree import LEVELS, Label, LabelTree, Tags

Edit = Callable[[LabelTree], LabelTree]


def label_of(tree: LabelTree, word: str) -> Label:
    """The label that a word stands for. Raises LabelFileError where the tree has none."""
    if label := tree.find(word):
        return label
    raise LabelFileError(f"The tree {tree.name!r} has no label {word!r}. `trsllava labels show` lists its labels.")


def add(tree: LabelTree, name: str, under: str | None, *, about: str = "", osm: tuple[Tags, ...] = ()) -> LabelTree:
    """A new label below another, at the first level without one. Raises LabelFileError for a word that is taken, and
    below the third level."""
    _check_free(tree, name)
    above = () if under is None else label_of(tree, under).path
    if len(above) == LEVELS:
        raise LabelFileError(f"{under!r} is of the third level, which has none below it. Name one above it.")
    return tree.with_labels(dict(tree.labels) | {name: Label((*above, name), about, osm=osm)})


def add_word(tree: LabelTree, word: str, to: str, *, osm: tuple[Tags, ...] = ()) -> LabelTree:
    """A label with one more synonym, where the word is not its own in another spelling, and with more tags that it
    stands for. Raises LabelFileError for a word that stands for another label."""
    label = label_of(tree, to)
    owner = tree.find(word)
    if owner is not None and owner != label:
        _check_free(tree, word)
    synonyms = label.synonyms if owner is not None else (*label.synonyms, word)
    return _with(tree, replace(label, synonyms=synonyms, osm=tuple(dict.fromkeys((*label.osm, *osm)))))


def merge(tree: LabelTree, word: str, into: str) -> LabelTree:
    """One label made a synonym of another, with its synonyms and tags; what lies below it comes to lie below the
    other. Raises LabelFileError where one lies within the other, or the levels do not fit."""
    gone, kept = label_of(tree, word), label_of(tree, into)
    if gone == kept:
        raise LabelFileError(f"{word!r} and {into!r} are one label already: {kept.name!r}.")
    if kept in tree.within(gone.name) or gone in tree.within(kept.name):
        raise LabelFileError(f"{gone.name!r} and {kept.name!r} lie one within the other. Move or remove one of them.")
    below = [label for label in tree.within(gone.name) if label != gone]
    if below and kept.level != gone.level:
        raise LabelFileError(f"{gone.name!r} has labels below it, and {kept.name!r} is of another level. Move them.")
    covers = kept.worldcover
    if gone.worldcover:  # those that hold for the label by the one above it would hold no longer
        covers = tuple(dict.fromkeys((*tree.worldcover(kept.name), *gone.worldcover)))
    merged = replace(
        kept,
        about=kept.about or gone.about,
        synonyms=(*kept.synonyms, *gone.words),
        osm=(*kept.osm, *gone.osm),
        worldcover=covers,
    )
    moved = {label.name: replace(label, path=(*kept.path, *label.path[gone.level :])) for label in below}
    labels = {name: label for name, label in tree.labels.items() if name != gone.name}
    return tree.with_labels(labels | moved | {kept.name: merged})


def move(tree: LabelTree, word: str, under: str | None) -> LabelTree:
    """A label, with all below it, put below another. Raises LabelFileError where that leads below the third level."""
    label = label_of(tree, word)
    above = () if under is None else label_of(tree, under).path
    within = tree.within(label.name)
    if label.name in above:
        raise LabelFileError(f"{under!r} lies within {label.name!r}. Name a label outside it.")
    if len(above) + max(one.level for one in within) - label.level + 1 > LEVELS:
        raise LabelFileError(f"{label.name!r} would lie below the third level. Name a label above {under!r}.")
    moved = {one.name: replace(one, path=(*above, *one.path[label.level - 1 :])) for one in within}
    return tree.with_labels({name: one for name, one in tree.labels.items() if name not in moved} | moved)


def rename(tree: LabelTree, word: str, name: str) -> LabelTree:
    """A label called otherwise; its old name becomes a synonym. Raises LabelFileError for a name that is taken."""
    label = label_of(tree, word)
    if tree.find(name) not in (None, label):
        _check_free(tree, name)
    others = tuple(other for other in label.words if form(other) != form(name))
    renamed = [
        replace(one, path=(*one.path[: label.level - 1], name, *one.path[label.level :]))
        if one.path[label.level - 1 : label.level] == (label.name,)
        else one
        for one in tree
    ]
    labels = {one.name: one for one in renamed}
    return tree.with_labels(labels | {name: replace(labels[name], synonyms=others)})


def remove(tree: LabelTree, word: str) -> LabelTree:
    """The tree without a label. Raises LabelFileError where labels lie below it."""
    label = label_of(tree, word)
    if below := tree.children(label.name):
        raise LabelFileError(f"{label.name!r} has {len(below)} labels below it. Move or remove them first.")
    return tree.with_labels({name: one for name, one in tree.labels.items() if name != label.name})


def keep_apart(tree: LabelTree, one: str, other: str) -> LabelTree:
    """The tree with a person's word that two words mean different things."""
    if form(one) == form(other):
        raise LabelFileError(f"{one!r} and {other!r} are spellings of one word.")
    return replace(tree, apart=tree.apart | {frozenset({one, other})})


def _check_free(tree: LabelTree, word: str) -> None:
    if label := tree.find(word):
        raise LabelFileError(f"{word!r} already stands for {label.name!r} ({' > '.join(label.path)}).")


def _with(tree: LabelTree, label: Label) -> LabelTree:
    return tree.with_labels(dict(tree.labels) | {label.name: label})
