"""What a picture's sentences name, and with which words beside it: `many green trees`, `a large stadium`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from trsllava.lexicon import Keyword, Token, tokens

_BESIDE = {"a", "an", "one", "some", "any", "other", "dense", "residential", "commercial", "industrial", "storage"}
"""Words that go before a noun, beside the lexicon's looks."""
_NO_NOUN = {
    "commercial",
    "dense",
    "medium",
    "residential",
    "sparse",
    "storage",
    "center",
    "fan",
    "ring",
    "ripple",
    "ground",
}
"""Keywords that stand for no thing by themselves."""
_NO_NOUN_FORMS = {
    "industrial",
    "parking",
    "football",
    "basketball",
    "soccer",
    "swimming",
    "teaching",
    "housing",
    "running",
}
"""Words that a keyword goes by and that are no nouns when they stand alone."""
_NO_LOOK = {"surrounded", "planted", "row", "parallel", "neat"}
"""Looks that go behind a noun."""
_LONGEST = 4


@dataclass(frozen=True)
class Mention:
    """A thing as it is spoken of."""

    thing: Keyword
    phrase: str
    """The usual words: amount, looks, noun."""
    share: float
    """Of the sentences, 0…1, that name it."""


def is_thing(keyword: Keyword) -> bool:
    """True where a keyword names something that can be pointed at."""
    return keyword.level != "look" and keyword.name not in _NO_NOUN


def things_named(sentence: str) -> list[Keyword]:
    """The things that a sentence names, each once."""
    named = (token.keyword for token in tokens(sentence))
    return list(dict.fromkeys(keyword for keyword in named if keyword is not None and is_thing(keyword)))


def mentions(sentences: Sequence[str]) -> list[Mention]:
    """Everything that some of the sentences name, most often named first."""
    phrases: dict[Keyword, Counter[str]] = defaultdict(Counter)
    for said in map(tokens, sentences):
        seen: set[Keyword] = set()
        for place, token in enumerate(said):
            if token.keyword not in seen and _is_noun(token):
                assert token.keyword is not None
                seen.add(token.keyword)
                phrases[token.keyword][_phrase(said, place)] += 1
    found = [
        Mention(thing, said_of.most_common(1)[0][0], said_of.total() / len(sentences))
        for thing, said_of in phrases.items()
    ]
    return sorted(found, key=lambda mention: (-mention.share, mention.thing.name))


def _is_noun(token: Token) -> bool:
    return token.keyword is not None and is_thing(token.keyword) and token.text not in _NO_NOUN_FORMS


def _phrase(said: list[Token], place: int) -> str:
    begin = place
    while begin > max(0, place - _LONGEST) and _goes_before(said[begin - 1]):
        begin -= 1
    return " ".join(token.text for token in said[begin : place + 1])


def _goes_before(token: Token) -> bool:
    if token.keyword is not None and token.keyword.level == "look":
        return token.keyword.name not in _NO_LOOK
    return token.text in _BESIDE
