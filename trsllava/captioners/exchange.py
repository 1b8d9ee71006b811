"""What goes to a model and comes back: a tile's question as a request, and the reply as a rich text.

Pure functions over plain rows. What carries the request (a live server, `LLM.chat`, a file for `vllm run-batch`) is
the captioner's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from trsllava.captioners.attempts import warmed
from trsllava.captioners.protocol import CaptionAnswer
from trsllava.captioners.reading import read
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.completion import NO_USAGE, Completion, Usage, chat_body, check_whole, cut_off, without_system_role
from trsllava.errors import AnswerError
from trsllava.records import RichText, Tile

InstructionsIn = Literal["system", "user"]
"""The message that holds the instructions: `user` for chat templates without a system role."""


@dataclass(frozen=True)
class Exchange:
    """How a model is asked about tiles."""

    question: RsrtQuestion
    model: str
    temperature: float = 0.3
    max_tokens: int = 4096
    instructions_in: InstructionsIn = "system"

    def request(
        self,
        tile: Tile,
        picture: str,
        attempt: int = 0,
        part: int = 0,
        room: int = 1,
        labels: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The body of a chat request about a tile; `picture` is a data URL.

        Each attempt, and each part of a question put in parts, samples anew, in the same way whenever it is made
        again. The attempts of earlier runs count. `room`: how many times `max_tokens` the answer may take. `labels`:
        what a map has there.
        """
        messages = self.question.messages(tile, picture, labels)
        return chat_body(
            self.model,
            self.question.answer,
            messages if self.instructions_in == "system" else without_system_role(messages),
            temperature=warmed(self.temperature, attempt),
            seed=(tile.id.int + attempt + 7919 * part) % 2**31,
            max_tokens=self.max_tokens * room,
        )

    def answer(self, tile: Tile, completion: Completion) -> CaptionAnswer:
        """What a reply is worth: a rich text, or the reason why it is none and the reply as it came."""
        good_part: RichText | None = None
        try:
            answer, wrappings = read(completion, self.question.variants)
            good_part = self.question.good_part(answer, tile, self.model, wrappings)
            check_whole(completion)
            text = self.question.rich_text(answer, tile, self.model, wrappings)
        except AnswerError as error:
            said = AnswerError(cut_off(completion), completion.text) if cut_off(completion) else error
            return replace(refused(tile, said, completion.usage), good_part=good_part)
        return CaptionAnswer(str(tile.id), text, usage=completion.usage)

    def beside(self, answer: CaptionAnswer, said: Sequence[RichText]) -> CaptionAnswer:
        """The answer to one part; without its text where that does not go with what other parts have `said`."""
        if answer.text is None or not said:
            return answer
        for check, reason in self.question.clashes(_joined([*said, answer.text])):
            raw = answer.text.model_dump_json()
            return replace(answer, text=None, error=reason, raw=raw, refusals=(*answer.refusals, check))
        return answer


def unreadable(tile: Tile, error: str) -> CaptionAnswer:
    """No rich text, since there is no picture."""
    return CaptionAnswer(str(tile.id), None, error, refusals=("picture",))


def failed(tile_id: str, error: str, raw: str = "") -> CaptionAnswer:
    """No rich text, since the server or batch failed on the tile; `raw`: what it answered before."""
    return CaptionAnswer(tile_id, None, error, raw, refusals=("server",))


def refused(tile: Tile, error: AnswerError, usage: Usage = NO_USAGE) -> CaptionAnswer:
    """No rich text, but the reason, the check that gave it, and the raw answer."""
    return CaptionAnswer(str(tile.id), None, str(error), error.raw, usage=usage, refusals=(error.check,))


def together(answers: Sequence[CaptionAnswer]) -> CaptionAnswer:
    """The answers to a question's parts as one: their texts in one, or the first that is none where the server failed
    on it or no other part has a text; and all costs."""
    bad = [answer for answer in answers if answer.text is None]
    good = [answer for answer in answers if answer.text is not None]
    if bad and good and all(answer.refusals[-1:] != ("server",) for answer in bad):
        text = _joined([answer.text for answer in good if answer.text is not None])
        text = text.model_copy(update={"repairs": (*text.repairs, "fewer variants")})
        refusals = tuple(reason for answer in answers for reason in answer.refusals)
        attempts, usage = max(answer.attempts for answer in answers), sum((a.usage for a in answers), NO_USAGE)
        return replace(good[0], text=text, attempts=attempts, usage=usage, refusals=refusals)
    failed = next(iter(bad), None)
    others = [answer for answer in answers if answer is not failed]
    refusals = tuple(reason for answer in others for reason in answer.refusals)
    return replace(
        failed or replace(answers[0], text=_joined([answer.text for answer in answers if answer.text is not None])),
        attempts=max(answer.attempts for answer in answers),
        usage=sum((answer.usage for answer in answers), NO_USAGE),
        refusals=refusals + (failed.refusals if failed else ()),
    )


def _joined(texts: Sequence[RichText]) -> RichText:
    """Rich texts of one tile as one: all variants, the labels most often given first, whatever was mended."""
    labels = Counter(label for text in texts for label in text.labels)
    return texts[0].model_copy(
        update={
            "variants": tuple(variant for text in texts for variant in text.variants),
            "labels": tuple(label for label, _ in labels.most_common()),
            "repairs": tuple(dict.fromkeys(check for text in texts for check in text.repairs)),
        }
    )
