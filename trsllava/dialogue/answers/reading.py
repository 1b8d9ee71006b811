"""A person's words, read: an answer, or something else that they want."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trsllava.dialogue.state import Answer, AnswerKind
from trsllava.dialogue.stopwords import STOPWORDS
from trsllava.errors import InputError

LONGEST = 1_000
"""Characters of an answer that count: an encoder reads no more of it."""
_UNKNOWN = (
    r"(?:i )?(?:do not|don'?t|cannot|can ?not|can'?t) (?:really )?(?:know|tell|say|see|remember|recall)"
    r"|no (?:idea|clue)|(?:i'?m )?not (?:quite |really |so )?sure|unsure|unknown|unclear|dunno|idk"
    r"|hard to (?:say|tell)|maybe|perhaps|possibly|who knows|\?+"
)
_SKIP = r"skip(?: (?:it|this|that))?|next(?: question)?|pass|another question"
_UNDO = r"undo|take (?:that|it) back|go back|back|oops"
_STOP = r"stop|quit|exit|bye|that'?s (?:all|it)|enough|done"
_NO = (
    r"no|nope|nah|n|not (?:at all|really|any|that i (?:can )?see)|never|none|nothing|neither|nein|non|nee|nej|нет"
    r"|(?:no\W+)?(?:there|they|it) (?:is|are) (?:not|none|nothing)(?: any)?"
    r"|(?:no\W+)?(?:there|they|it) (?:is|are)n'?t(?: any)?"
    r"|(?:i )?(?:can'?t|cannot|don'?t) see (?:any|one|it|them)"
)
_YES = (
    r"yes|yeah|yep|yup|y|sure|of course|certainly|definitely|indeed|correct|right|true|absolutely|ok|okay|i think so"
    r"|(?:yes\W+)?(?:there|they|it) (?:is|are)(?: some| one)?|ja|oui|si|sí|sim|да"
)
_GOES_ON = r"\W*(?:$|[,.;:!–—-]|\b(?:but|and|there|it|they|i|only|just|with)\b)"
"""What follows a yes or no that stands for itself: `no trees` denies trees, whatever was asked."""
_LIKE = re.compile(
    r"(?P<less>less|not|unlike|nothing)?\W*(?:(?:more|similar|like|closer)\W*)*(?:like|similar to|closer to|as)?\W*"
    r"(?:the )?(?:number|no\.?|hit|picture|image|#)?\s*(?P<number>\d{1,4})(?:st|nd|rd|th)?(?: one)?"
    r"\W*(?:please)?\W*",
    re.IGNORECASE,
)
_LIKENESS = re.compile(r"\b(?:more|less|not|similar|unlike|closer|nothing)\b", re.IGNORECASE)
_PICK = re.compile(
    r"(?:(?:i'?ll )?(?:pick|take|choose|found|show|open)|(?:it|that|this)(?: i|')s|yes,? (?:it'?s )?)?\W*"
    r"(?:the )?(?:number|no\.?|hit|picture|image|#)?\s*(?P<number>\d{1,4})(?:st|nd|rd|th)?(?: one)?\W*",
    re.IGNORECASE,
)
_VERDICTS: tuple[tuple[AnswerKind, str], ...] = (("no", _NO), ("yes", _YES))
_SHORT = 6
"""Words of an answer that says no more than that it cannot tell."""
_QUESTION = re.compile(
    r"(?:what|why|which|how|who|where|when|is|are|was|do|does|did|can|could|should|would|will)\b.*\?\W*", re.IGNORECASE
)


@dataclass(frozen=True)
class Control:
    """Something that is no answer: to take the last one back, to end, to take a hit, or to be told more."""

    kind: Literal["undo", "stop", "pick", "question", "empty"]
    tile: str | None = None
    """The hit that was picked."""


def read_answer(text: str, shown: Sequence[str]) -> Answer | Control:
    """What a person's words mean. `shown`: the tiles of the hits that they see, best first.

    Whatever is said and read in no other way is an answer in words. Of very long ones the beginning counts. Raises
    InputError for the number of a hit that is not shown.
    """
    said = " ".join(text.split())[:LONGEST]
    if not re.search(r"\w|\?", said):
        return Control("empty")
    whole = said.strip(" .!,;").lower().replace("’", "'")
    if re.fullmatch(_UNDO, whole):
        return Control("undo")
    if re.fullmatch(_STOP, whole):
        return Control("stop")
    if re.fullmatch(_SKIP, whole):
        return Answer(kind="skip")
    if (liked := _LIKE.fullmatch(said)) and _LIKENESS.search(said):
        return Answer(kind="less like" if liked["less"] else "more like", tile=_hit(liked["number"], shown))
    if picked := _PICK.fullmatch(said):
        return Control("pick", _hit(picked["number"], shown))
    if _QUESTION.fullmatch(said):
        return Control("question")
    return _read_words(said, whole)


def _read_words(said: str, whole: str) -> Answer:
    """Yes, no, no idea, or whatever it says. `whole`: the same in lower case, without what ends a sentence."""
    if re.fullmatch(_NO, whole):
        return Answer(kind="no")
    if re.match(rf"(?:{_UNKNOWN})(?!\w)", whole) and len(whole.split()) <= _SHORT:
        return Answer(kind="unknown")
    for kind, pattern in _VERDICTS:
        if begun := re.match(rf"(?:{pattern})(?!\w|-)(?={_GOES_ON})", whole):
            return Answer(kind=kind, words=_rest(whole[begun.end() :]))
    return Answer(kind="yes", words=_rest(whole[3:])) if whole.startswith("yes ") else Answer(kind="words", words=said)


def _rest(rest: str) -> str:
    """What follows a yes or no: of `, but there are many boats` the boats."""
    bare = re.sub(r"^(?:\W|\b(?:but|and|there (?:is|are)|i (?:can )?see|it (?:is|has)|they are)\b)*", "", rest)
    return bare if set(re.findall(r"[^\W\d_]{3,}", bare)) - STOPWORDS else ""


def _hit(number: str, shown: Sequence[str]) -> str:
    place = int(number)
    if not 1 <= place <= len(shown):
        raise InputError(f"There is no hit {place}: they are numbered from 1 to {len(shown)}.")
    return shown[place - 1]
