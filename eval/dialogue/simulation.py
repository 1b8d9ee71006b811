"""Many dialogues at once, round by round, each by the session that people use (`trsllava.dialogue.session`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.dialogue.gallery import ArrayGallery
from eval.metrics.recall import Owner
from eval.metrics.t2i import ahead_t2i
from eval.report import measure
from indexer.progress import Progress, no_progress
from trsllava.dialogue.answers.protocol import Answerer
from trsllava.dialogue.material import Material
from trsllava.dialogue.questions.protocol import Questioner
from trsllava.dialogue.reformulation.protocol import Reformulator
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import Dialogue, DialogueSettings
from trsllava.encoders.protocol import FloatArray
from trsllava.search.negation import read_negation


@dataclass(frozen=True)
class Method:
    """A way of asking, and of counting what is answered."""

    name: str
    settings: DialogueSettings
    questioner: Questioner | None = None
    """None: the one that the settings name."""
    reformulator: Reformulator | None = None


@dataclass(frozen=True)
class Course:
    """How q dialogues of one method went."""

    dialogues: tuple[Dialogue, ...]
    better: NDArray[np.intp]
    """`(rounds + 1, q)` images strictly better than the target after each round; row 0 is the first query alone. A
    dialogue that has ended stays where it is."""
    tied: NDArray[np.intp]
    """`(rounds + 1, q)` others tied with it."""
    logits: tuple[FloatArray, ...]
    """`(q, n)` after each round: ln p(image)."""
    mean_recall: tuple[float, ...]
    """mR after each round, percent."""
    asked: tuple[int, ...]
    """Questions asked in each round, from the first."""
    seconds: tuple[float, ...]
    """Of each round, all dialogues together; the first is that of the first query."""


def simulate(
    method: Method,
    queries: Sequence[str],
    targets: Owner,
    answerer_of: Callable[[int], Answerer],
    material: Material,
    gallery: ArrayGallery,
    rounds: int,
    progress: Progress = no_progress,
) -> Course:
    """Let every query's user answer `rounds` questions.

    Args:
        method: who asks and how answers count.
        queries: q first queries.
        targets: `(q,)` the image that each user looks for.
        answerer_of: the user of the dialogue by its number.
        material: of the gallery.
        gallery: the same gallery, which scores captions together.
        rounds: questions to each user.
        progress: is told how many dialogues have done their round.
    """
    begun = time.perf_counter()
    sessions = [
        Session.start(query, material, method.settings, questioner=method.questioner, reformulator=method.reformulator)
        for query in queries
    ]
    answerers = [answerer_of(number) for number in range(len(sessions))]
    _prepare(gallery, [session.caption() for session in sessions])
    logits = [_logits(sessions)]
    asked: list[int] = []
    seconds = [time.perf_counter() - begun]
    for number in range(rounds):
        begun = time.perf_counter()
        progress(f"{method.name}, round {number + 1}", 0, len(sessions))
        gallery.prepare(text for session in sessions for text in session.scored_by_question())
        answers = [
            (session, answerer.answer(question))
            for session, answerer in zip(sessions, answerers, strict=True)
            if (question := session.ask()) is not None
        ]
        _prepare(gallery, [session.next_caption(answer) for session, answer in answers])
        for session, answer in answers:
            session.answer(answer)
        logits.append(_logits(sessions))
        asked.append(len(answers))
        seconds.append(time.perf_counter() - begun)
    gallery.forget()
    places = [ahead_t2i(each, targets) for each in logits]
    return Course(
        dialogues=tuple(session.dialogue for session in sessions),
        better=np.stack([better for better, _ in places]),
        tied=np.stack([tied for _, tied in places]),
        logits=tuple(logits),
        mean_recall=tuple(measure(each, each, targets)[0].mR for each in logits),
        asked=tuple(asked),
        seconds=tuple(seconds),
    )


def _prepare(gallery: ArrayGallery, captions: Sequence[str]) -> None:
    asked = [read_negation(caption) for caption in captions]
    gallery.prepare([*captions, *(negation.wanted for negation in asked if negation.unwanted and negation.wanted)])
    gallery.prepare(thing for negation in asked for thing in negation.unwanted)


def _logits(sessions: Sequence[Session]) -> FloatArray:
    return np.stack([session.log_posterior() for session in sessions])
