"""What was understood of a query: what it is searched for, and what to tell the person who asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from trsllava.errors import TrsllavaError
from trsllava.records import Filters
from trsllava.search.labels import UnknownLabel
from trsllava.search.language import foreign_language
from trsllava.search.negation import read_negation
from trsllava.search.spelling import Spelling, Vocabulary, as_typed, repair, unknown_words
from trsllava.search.whereabouts import TakenPlace, TakenTime, Whereabouts

Translate = Callable[[str, str], str]
"""A text and its language to English. Raises TrsllavaError."""
Remedy = Literal["translated", "not translated", "multilingual", "none"]
"""What was done about a query in another language."""


class Searched(Vocabulary, Protocol):
    """What a collection can be asked about words."""

    def uncounted(self) -> int:
        """Number of tiles whose words are not counted yet; the vocabulary tells nothing before they are."""
        ...


_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Understood:
    """A query in words as it is searched."""

    typed: str
    searched: str
    """Translated, and with its slips repaired."""
    wanted: str
    """What is searched for; empty where the query only says what it does not want."""
    place: TakenPlace | None = None
    """What its words say of where; they are then a filter, and not searched."""
    time: TakenTime | None = None
    """And of when."""
    rest: str = ""
    """The query without those words, as typed; empty where there are none."""
    told: tuple[str, ...] = ()
    """Sentences on place and time."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Each word whose spelling was repaired, as typed, and what took its place."""
    unwanted: tuple[str, ...] = ()
    language: str = ""
    """The language that it seems to be in, where that is not English."""
    remedy: Remedy = "none"
    meaningless: bool = False
    """It holds no word that stands for anything."""
    known: bool = True
    """At least one of its words stands in the collection's captions."""
    strange: tuple[str, ...] = ()
    """Words that neither the collection nor English has."""
    filters: Filters = field(default_factory=Filters)
    """With labels as the collection spells them."""
    unknown_labels: tuple[UnknownLabel, ...] = ()

    def sentences(self) -> list[str]:
        """What to say above the hits; nothing where the query was taken as it stands and its words are known."""
        told = [*self.told, *self._language()]
        if self.searched != (self.rest or self.typed):
            told.append(f"Searched for: {self.searched}.")
        if self.unwanted:
            told.append(f"Without: {', '.join(self.unwanted)}.")
        if not self.language:
            told += self._words()
        return told + [label.sentence() for label in self.unknown_labels]

    def _language(self) -> list[str]:
        if not self.language:
            return []
        match self.remedy:
            case "translated":
                return [f"The query looks like {self.language} and was translated."]
            case "not translated":
                return [f"The query looks like {self.language}, and the model server did not translate it. "
                        "Hits may have little to do with it: write it in English."]  # fmt: skip
            case "multilingual":
                return [f"The query looks like {self.language} and is searched as it is, by a multilingual encoder."]
            case "none":
                return [f"The query looks like {self.language}, which the collection's text encoder hardly knows. "
                        "Write it in English, set base_url to a model server that translates, or re-encode the "
                        "captions with a multilingual encoder (trsllava reindex)."]  # fmt: skip

    def _words(self) -> list[str]:
        if self.meaningless:
            return ["The query holds no word that stands for something to be seen, so the order of hits means little. "
                    "Say what the image should show."]  # fmt: skip
        if self.known and not self.strange:
            return []
        strange = ", ".join(self.strange)
        if self.known:
            return [f"Not known to the collection or the dictionary, and searched as typed: {strange}."]
        if self.strange:
            return [f"No word of this query is known to the collection (nor to the dictionary: {strange}), so hits "
                    "may have nothing to do with it."]  # fmt: skip
        return ["No word of this query is known to the collection; hits are those nearest in meaning."]


def understand(
    text: str,
    vocabulary: Searched,
    *,
    has_meaning: Callable[[str], bool],
    is_found: Callable[[str], bool],
    literally: bool = False,
    composed: bool = False,
    multilingual: bool = False,
    translate: Translate | None = None,
    whereabouts: Whereabouts | None = None,
    filters: Filters | None = None,
) -> Understood:
    """Take a query in words apart.

    Args:
        text: as typed.
        vocabulary: the collection's words.
        has_meaning: whether a text holds a word that BM25 does not drop.
        is_found: whether a caption of the collection has a word of a text, in any inflection.
        literally: nothing is translated, repaired or left out.
        composed: a picture goes with it; what is not wanted is then read with its other instructions.
        multilingual: the text encoder knows many languages.
        translate: to English, where there is something that can.
        whereabouts: what the text says of where and when, and the rest of it.
        filters: conditions that stand beside those.
    """
    typed, whereabouts = text, whereabouts or Whereabouts(text)
    text = whereabouts.rest
    language = foreign_language(text, vocabulary.words)
    spelling = as_typed(text)
    remedy: Remedy = "multilingual" if language and multilingual else "none"
    if language and translate is not None and not multilingual and not literally:
        spelling, remedy = _translated(text, language, translate)
    elif not language and not literally:
        spelling = repair(text, vocabulary)
    negation = read_negation(spelling.text)
    as_it_is = literally or composed or not negation.unwanted
    meaningful = has_meaning(spelling.text)
    return Understood(
        typed=typed,
        searched=spelling.text,
        wanted=spelling.text if as_it_is else negation.wanted,
        place=whereabouts.place,
        time=whereabouts.time,
        rest=text if text != typed else "",
        told=tuple(whereabouts.sentences()),
        filters=whereabouts.filters(filters or Filters()),
        changes=spelling.changes,
        unwanted=() if as_it_is else negation.unwanted,
        language=language,
        remedy=remedy,
        meaningless=bool(text.strip()) and not meaningful,
        known=not meaningful or _is_here(spelling.text, vocabulary, has_meaning) or is_found(spelling.text),
        strange=_strange(spelling.text, vocabulary),
    )


def _is_here(text: str, vocabulary: Searched, has_meaning: Callable[[str], bool]) -> bool:
    """True where the vocabulary has a telling word of a text as it stands; it is quicker to ask than the store."""
    return bool(vocabulary.words([word for word in _WORD.findall(text.lower()) if has_meaning(word)]))


def _translated(text: str, language: str, translate: Translate) -> tuple[Spelling, Remedy]:
    try:
        english = translate(text, language).strip()
    except TrsllavaError:
        english = ""
    return (as_typed(english), "translated") if english else (as_typed(text), "not translated")


def _strange(text: str, vocabulary: Searched) -> tuple[str, ...]:
    """The words that neither the collection nor English knows; names and codes are left out."""
    return () if vocabulary.uncounted() else unknown_words(text, vocabulary)
