"""What FAR makes of a dialogue (DiaRet, section 3.2): atomic instructions, attribute sentences, keywords."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trsllava.lexicon import keywords
from trsllava.search.instructions import Instruction, Kind


class AtomicInstruction(BaseModel):
    """One edit of the first query that the dialogue led to."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    text: str
    """In words: "Add visible pathways around the field"."""
    sentence: str = ""
    """What is then to be seen: "There are visible pathways around the field"; empty for a removal."""
    keywords: tuple[str, ...] = ()
    """The words of the instruction that something to be seen stands behind."""


@dataclass(frozen=True)
class Reasoning:
    """The instructions of a dialogue, and who read them out of it."""

    instructions: tuple[AtomicInstruction, ...]
    source: Literal["rules", "model"] = "rules"

    @property
    def sentences(self) -> tuple[str, ...]:
        """The attribute sentences."""
        return tuple(edit.sentence for edit in self.instructions if edit.sentence)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Keywords of what is to be seen, each once: what a removal names is not."""
        return tuple(dict.fromkeys(word for edit in self.instructions if edit.sentence for word in edit.keywords))


def as_atomic(edit: Instruction) -> AtomicInstruction:
    """A rule's edit in the form that models write theirs in."""
    return AtomicInstruction(
        kind=edit.kind, text=edit.text(), sentence=edit.sentence(), keywords=(*edit.looks, edit.thing)
    )


def things_of(edit: AtomicInstruction) -> Iterator[str]:
    """The things that an instruction is about, by their usual names where the lexicon has them; looks are none."""
    for word in edit.keywords:
        known = keywords(word)
        if not known:
            yield word.lower()
        yield from (keyword.name for keyword in known if keyword.level != "look")
