"""Questions by a language model: worded by it, or chosen by it, against those that are calculated.

    python -m eval.benchmarks.dialogue_questions --captions captions.jsonl --rich rich.jsonl \
        --base-url http://localhost:8000/v1 --targets 20

The user answers by the human captions. What a model words asks for the same thing as before, so that the ranking
stays: told is how often its words could be used. What it chooses changes the ranking.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from eval.benchmarks.dialogue_model import first_query, rank_of, shortened, text_material
from eval.datasets.captioned import read_captioned
from eval.datasets.captions import CaptionedImage
from trsllava.dialogue.answers.texts import TextsAnswerer
from trsllava.dialogue.chat_model import ChatModel
from trsllava.dialogue.material import Material
from trsllava.dialogue.questions.calculated import CalculatedQuestioner
from trsllava.dialogue.questions.llm import FreeQuestioner, WordedQuestioner
from trsllava.dialogue.questions.protocol import Questioner
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import DialogueSettings

_KS = (1, 5, 10)


@dataclass
class Asked:
    """What came of one way of asking."""

    ranks: list[int] = field(default_factory=list)
    """Of each target at the end, from 1."""
    questions: int = 0
    yes: int = 0
    examples: list[str] = field(default_factory=list)


def ask(
    name: str,
    questioner: Questioner,
    images: Sequence[tuple[int, CaptionedImage]],
    material: Material,
    told: Callable[[str], None],
) -> Asked:
    """Hold a dialogue about each image, with its place among all."""
    done, settings = Asked(), DialogueSettings(least_gain=0)
    for place, image in images:
        session = Session.start(first_query(image), material, settings, questioner=questioner)
        user = TextsAnswerer(image.captions)
        while (question := session.ask()) is not None:
            answer = user.answer(question)
            session.answer(answer)
            done.questions += 1
            done.yes += answer.kind == "yes"
            done.examples.append(question.text)
        done.ranks.append(rank_of(session.log_posterior(), place))
        told(f"{name}: {len(done.ranks)} of {len(images)}")
    return done


def row(name: str, asked: Asked, model: ChatModel | None) -> str:
    """A line of the table."""
    ranks = np.array(asked.ranks)
    recalls = " | ".join(f"{100 * float((ranks <= k).mean()):.0f}" for k in _KS)
    failed = Counter(shortened(failure.reason) for failure in model.failures) if model else Counter[str]()
    reasons = "; ".join(f"{count} × {reason}" for reason, count in failed.most_common())
    used = asked.questions - failed.total()
    return (
        f"| {name} | {recalls} | {np.median(ranks):g} | {asked.yes / asked.questions:.0%} | "
        f"{used} of {asked.questions} | {reasons} |"
    )


def main(given: Sequence[str] | None = None) -> None:
    """Ask in all three ways, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.dialogue_questions", description=__doc__)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--rich", type=Path, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model")
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(given)

    asked = read_captioned(arguments.captions, "test")
    material = text_material(asked, arguments.rich)
    chosen = random.Random(arguments.seed).sample(range(len(asked)), min(arguments.targets, len(asked)))
    images = [(place, asked[place]) for place in chosen]
    models = [ChatModel(arguments.base_url, arguments.model, timeout=600) for _ in range(2)]
    ways: list[tuple[str, Questioner, ChatModel | None]] = [
        ("calculated", CalculatedQuestioner(), None),
        ("calculated, worded by the model", WordedQuestioner(models[0]), models[0]),
        ("chosen by the model", FreeQuestioner(models[1]), models[1]),
    ]
    heads = ("questions", "R@1", "R@5", "R@10", "median rank", "answered yes", "the model's", "why not")
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for name, questioner, model in ways:
        done = ask(name, questioner, images, material, partial(print, flush=True))
        lines.append(row(name, done, model))
        print("  e.g. " + " / ".join(done.examples[:8]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
