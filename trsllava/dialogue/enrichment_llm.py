"""DIR's three levels by a language model (DiaRet, section 3.1): what the picture is likely to show besides."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field, StringConstraints

import prompts
from trsllava.dialogue.attributes import AttributeTable, concepts
from trsllava.dialogue.candidates import likeliest
from trsllava.dialogue.chat_model import ChatModel, usable
from trsllava.dialogue.enrichment import Enricher, enriched_by_rules
from trsllava.dialogue.material import Material
from trsllava.dialogue.state import Addition
from trsllava.dialogue.statements import denied_by
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import AnswerError, ServerError
from trsllava.lexicon import Level
from trsllava.search.negation import read_negation

_SHOWN = 10
"""Tiles whose captions the model reads."""
_LONGEST = 4
"""Words of an addition."""

_Phrases = Annotated[
    list[Annotated[str, StringConstraints(min_length=2, max_length=40)]], Field(max_length=5, default_factory=list)
]


class Levels(BaseModel):
    """What the model is asked for."""

    # "global" is a word of Python's.
    scene: Annotated[_Phrases, Field(alias="global")]
    large: _Phrases
    small: _Phrases


class ModelEnricher(Enricher):
    """Asks a model, and gives each of its additions the chance that the collection's likeliest tiles give it.

    Where the model fails, or adds nothing that the collection has, the additions are the rules'.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._prompt = prompts.load("dialogue-enrichment")

    def __call__(self, query: str, p: FloatArray, material: Material, each: int, /) -> tuple[Addition, ...]:
        """As in `Enricher`."""
        texts = [material.gallery.texts[place] for place in likeliest(p, _SHOWN).tolist()]
        data = {"query": query, "captions": [own[0] for own in texts if own]}
        try:
            answer = self._model.ask(self._prompt, Levels, data)
            added = tuple(check_additions(answer, query, p, material.table, each))
            if not added:
                raise AnswerError("nothing that was added is known to the collection", answer.model_dump_json())
        except (ServerError, AnswerError) as error:
            self._model.failed("enrichment", error)
            return enriched_by_rules(query, p, material, each)
        return added


def check_additions(answer: Levels, query: str, p: FloatArray, table: AttributeTable, each: int) -> Iterator[Addition]:
    """A model's phrases that name something new which the collection has, the likeliest first on each level.

    A phrase has the chance of the least likely thing that it names. Raises AnswerError for a refusal.
    """
    asked = read_negation(query)
    told = set(concepts(query) | denied_by(asked.unwanted))
    chances = p @ table.chances
    levels: tuple[tuple[Level, Collection[str]], ...] = (
        ("global", answer.scene),
        ("large", answer.large),
        ("small", answer.small),
    )
    for level, phrases in levels:
        found = []
        for phrase in map(usable, phrases):
            named = concepts(phrase)
            columns = table.columns(named)
            if len(columns) and not named & told and len(phrase.split()) <= _LONGEST:
                told |= named
                found.append(Addition(phrase=phrase.rstrip("."), level=level, chance=_chance(chances, columns)))
        yield from sorted(found, key=lambda addition: -addition.chance)[:each]


def _chance(chances: FloatArray, columns: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> float:
    return float(np.clip(chances[columns].min(), 0, 1))
