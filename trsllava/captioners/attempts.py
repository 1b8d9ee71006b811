"""How often a model is asked about a tile, how each new attempt differs, and what is kept of bad answers."""

from __future__ import annotations

from dataclasses import replace

from trsllava.captioners.protocol import CaptionAnswer
from trsllava.records import RichText

ATTEMPTS = 3
"""In all, until a tile is given up."""
_WARMER = 0.3
_HOTTEST = 1.0


def warmed(temperature: float, attempt: int) -> float:
    """The temperature of an attempt, from 0: each is warmer than the one before, up to 1 or the first one's."""
    return max(temperature, min(temperature + attempt * _WARMER, _HOTTEST))


def settled(answer: CaptionAnswer) -> CaptionAnswer:
    """What stays when nobody asks again: of bad answers the part that was good, in place of the last refusal."""
    if answer.text is not None or answer.good_part is None:
        return answer
    return replace(
        answer, text=answer.good_part, good_part=None, error="", raw="", refusals=answer.refusals[:-1], final=True
    )


def _better(first: RichText | None, second: RichText | None) -> RichText | None:
    if first is None or second is None:
        return first or second
    return second if len(second.variants) >= len(first.variants) else first


def after(before: CaptionAnswer, answer: CaptionAnswer) -> CaptionAnswer:
    """One more attempt's answer, with what the attempts before it cost."""
    return replace(
        answer,
        good_part=None if answer.text is not None else _better(before.good_part, answer.good_part),
        attempts=before.attempts + 1,
        usage=before.usage + answer.usage,
        refusals=before.refusals + answer.refusals,
    )
