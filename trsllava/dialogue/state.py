"""A dialogue as it is kept: what was asked for, asked and answered. Everything else is worked out from it again."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trsllava.lexicon import Level
from trsllava.records import Filters, Record

VERSION = 1
AnswerKind = Literal["yes", "no", "unknown", "skip", "words", "more like", "less like"]
"""`unknown`: whoever answers cannot tell, which says a little; `skip`: says nothing. `words`: neither yes nor no, but
what is to be seen. The last two are about a tile and answer no question."""
AnswerSource = Literal["person", "texts", "nano", "vlm"]
"""Who answered; `texts`: texts about the picture that are not in the index."""
QuestionerName = Literal["calculated", "random", "chatir", "plugir", "llm"]
ReformulatorName = Literal["rules", "appended", "llm"]


class Question(Record):
    """Something to ask of the picture that is looked for."""

    text: str
    attribute: str = ""
    """What it asks about (`attributes.Attribute.name`); empty: an open question, whose answer counts by its words."""
    gain: float = Field(0.0, allow_inf_nan=False, strict=True)
    """What the answer is expected to tell of which picture it is, bits."""


class Answer(Record):
    """What came back."""

    kind: AnswerKind
    words: str = ""
    """As said, of what is to be seen; empty for a bare yes or no."""
    tile: str | None = None
    """The hit that `more like` and `less like` are about."""
    source: AnswerSource = "person"


class Addition(Record):
    """Something that the query does not say and the picture probably has."""

    phrase: str
    level: Level
    """Scene, large structure or small detail."""
    chance: float = Field(ge=0, le=1, strict=True)
    """That the picture has it, as far as the first hits tell."""


class Turn(Record):
    """One round: an answer, and the question if there was one."""

    answer: Answer
    question: Question | None = None
    caption: str
    """All that is known after this turn, as one caption (`reformulation`)."""


class DialogueSettings(Record):
    """How a dialogue asks and counts. Defaults were chosen on validation (docs/measurements/dialogue.md)."""

    questioner: QuestionerName = "calculated"
    reformulator: ReformulatorName = "rules"
    opening: bool = Field(True, strict=True)
    """The first question is an open one, "What else does it show?": people know most that is worth asking."""
    rounds: int = Field(5, ge=0, le=100, strict=True)
    """Questions after which it ends."""
    least_gain: float = Field(0.02, ge=0, allow_inf_nan=False, strict=True)
    """Bits; it ends where no question promises more."""
    temperature: float = Field(1.0, ge=0.01, le=100, strict=True)
    """τ of p ∝ exp(score / τ), in standard scores."""
    share: float = Field(0.5, ge=0, le=100, strict=True)
    """Weight of the answers' likelihoods beside the score of the caption; 0: captions alone rank."""
    enrichment: int = Field(0, ge=0, le=20, strict=True)
    """Additions to the query at each of three levels."""
    candidates: int = Field(100, ge=1, le=10_000, strict=True)
    """S, the likeliest tiles that questions are about."""
    informative: int = Field(10, ge=1, le=1000, strict=True)
    """K, the informative ones among them."""
    seed: int = Field(0, ge=0, le=2**32, strict=True)
    """Of questioners that draw."""


class Dialogue(Record):
    """A dialogue, as JSON in files, in the service and between them. Each step makes a new one (`session`)."""

    version: Literal[1] = 1
    collection: str = "default"
    query: str
    """As the user first put it."""
    filters: Filters = Filters()
    """Conditions that a tile must meet to be asked about and shown."""
    enrichment: tuple[Addition, ...] = ()
    """What was added to the query before the first question (`enrichment`)."""
    settings: DialogueSettings = DialogueSettings()
    turns: tuple[Turn, ...] = ()
    pending: Question | None = None
    """Asked and not yet answered."""
    picked: str | None = None
    """The tile that the user took: the end."""

    def questions(self) -> tuple[Question, ...]:
        """All that was asked, the pending one too."""
        asked = tuple(turn.question for turn in self.turns if turn.question is not None)
        return asked if self.pending is None else (*asked, self.pending)

    def round(self) -> int:
        """Questions answered or skipped so far."""
        return sum(turn.question is not None for turn in self.turns)
