"""Questions by templates."""

from __future__ import annotations

from trsllava.dialogue.attributes import Attribute

OPENING = "What else do you remember of it, and what is around it?"
"""The open question, which names nothing that a picture could show."""
_PLURAL_ALREADY = ("people", "stands")
_COUNTS = ("many ", "several ", "two ", "three ", "four ", "some ")
_LOOKS = ("ed", "den", "ous", "ive", "ful", "less", "ular", "ish")
"""Endings of words that say how things look: wooden, numerous, circular."""
_NOUNS_ALL_THE_SAME = ("garden",)
_MASS = {
    "water",
    "sea",
    "grass",
    "snow",
    "vegetation",
    "farmland",
    "bareland",
    "desert",
    "parking",
    "storage",
    "green",
}
_KINDS = {
    "parking": "Is there a parking lot?",
    "commercial": "Is it a commercial area?",
    "dense": "Are the buildings dense?",
    "sparse": "Are the buildings sparse?",
    "residential": "Is it a residential area?",
    "bareland": "Is it bare land?",
    "row": "Is something arranged in rows?",
    "neat": "Are things arranged neatly?",
    "surrounded": "Is something surrounded by something else?",
    "planted": "Is something planted there?",
    "parallel": "Are there parallel things?",
    "two": "Are there two of something?",
    "three": "Are there three of something?",
    "four": "Are there four of something?",
    "many": "Are there many things of one kind?",
    "several": "Are there several things of one kind?",
}


def question_about(attribute: Attribute) -> str:
    """One plain question that yes or no answers."""
    name = attribute.name
    if name in _KINDS:
        return _KINDS[name]
    if " " not in name and (attribute.level == "look" or (name.endswith(_LOOKS) and name not in _NOUNS_ALL_THE_SAME)):
        return f"Is anything in it {name}?"
    if name.startswith(_COUNTS):
        return f"Are there {_plural(name)}?"
    if attribute.level == "global" and " " not in name:
        return f"Does it show {_with_article(name)}?"
    if name in _MASS or name.rpartition(" ")[2] in _MASS:
        return f"Is there {name}?"
    return f"Are there any {_plural(name)}?"


def spoken(name: str) -> str:
    """An attribute's name as people say it: `many boats`."""
    return _plural(name) if name.startswith(_COUNTS) and " " in name else name


def _with_article(name: str) -> str:
    return name if name in _MASS else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _plural(name: str) -> str:
    """More than one of it."""
    if name.endswith(_PLURAL_ALREADY):
        return name
    if name.endswith(("ch", "sh", "x", "s")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"
