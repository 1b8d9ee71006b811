"""A language model against the rules: one caption from a dialogue's history, and its atomic instructions.

    python -m eval.benchmarks.dialogue_model --captions captions.jsonl --rich rich.jsonl \
        --base-url http://localhost:8000/v1 --targets 50 --out model.jsonl

Dialogues by rules about images of the test split, drawn by seed, in which the user could tell something, are handed to
the model as they ended. Its caption is searched for among all documents of the split, as the rules' caption is. A
target that stands in `--out` is not asked for again.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from eval.datasets.captioned import read_captioned
from eval.datasets.captions import CaptionedImage
from eval.task import human_task
from trsllava.captioners.imported import read_rich_texts
from trsllava.dialogue.answers.texts import TextsAnswerer
from trsllava.dialogue.attributes import named_in
from trsllava.dialogue.chat_model import ChatModel, telling
from trsllava.dialogue.gallery import Presence
from trsllava.dialogue.material import Material
from trsllava.dialogue.reasoning.instructions import Reasoning
from trsllava.dialogue.reasoning.llm import ModelReasoner
from trsllava.dialogue.reasoning.rules import reason
from trsllava.dialogue.reformulation.llm import ModelReformulator
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import Dialogue, DialogueSettings
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.encoders.text import load_text_encoder
from trsllava.errors import AnswerError, ServerError

_KS = (1, 5, 10)


@dataclass(frozen=True)
class TextGallery:
    """n documents, searched by their texts alone."""

    ids: Sequence[str]
    texts: Sequence[Sequence[str]]
    text_vectors: FloatArray
    """`(m, d)` float32 of all texts, document by document."""
    encoder: TextEncoder
    vectors: FloatArray | None = None
    presence: Presence | None = None

    def scores(self, text: str) -> FloatArray:
        """As in `Gallery.scores`: the cosine of a document's nearest text."""
        starts = np.cumsum([0, *map(len, self.texts[:-1])])
        cosines = self.text_vectors @ self.encoder.encode([text])[0]
        return np.asarray(np.maximum.reduceat(cosines, starts), np.float32)


@dataclass(frozen=True)
class Compared:
    """One target."""

    image: str
    captions: dict[str, str]
    """By whom: the first query alone, the rules, the model."""
    ranks: dict[str, int]
    """Of the target, from 1."""
    caption_failure: str
    """Why the caption is the rules'; empty where the model's was used."""
    instructions: dict[str, int]
    """What became of the model's instructions: kept, corrected, dropped, supplied by the rules."""
    reasoning_failure: str
    keywords: dict[str, list[str]]
    """Of the instructions, by whom."""
    borne_out: dict[str, float]
    """Share of the keywords that one of the image's human captions names."""
    seconds: float
    """That both answers of the model took."""


def compare(
    image: CaptionedImage, place: int, dialogue: Dialogue, material: Material, server: tuple[str, str | None]
) -> Compared:
    """Ask the model for the caption and the instructions of a dialogue about an image; `place`: the image's."""
    model = ChatModel(*server, timeout=600)
    started = time.perf_counter()
    captions = {
        "query": dialogue.query,
        "rules": dialogue.turns[-1].caption,
        "model": ModelReformulator(model).caption(dialogue),
    }
    counts, failure = Counter[str](), ""
    reasonings = {"rules": reason(dialogue.query, dialogue.turns)}
    try:
        checked = ModelReasoner(model).checked(dialogue.query, dialogue.turns)
        counts = Counter(supplied=checked.supplied, corrected=checked.corrected, dropped=checked.dropped)
        counts["kept"] = len(checked.instructions) - checked.supplied
        reasonings["model"] = Reasoning(checked.instructions, "model")
    except (ServerError, AnswerError) as error:
        failure = str(error)
    return Compared(
        image=image.image,
        captions=captions,
        ranks={name: rank_of(material.scores(caption), place) for name, caption in captions.items()},
        caption_failure=next((failed.reason for failed in model.failures), ""),
        instructions=dict(counts),
        reasoning_failure=failure,
        keywords={name: list(found.keywords) for name, found in reasonings.items()},
        borne_out={name: _borne_out(found, image.captions) for name, found in reasonings.items()},
        seconds=time.perf_counter() - started,
    )


def text_material(images: Sequence[CaptionedImage], rich: Path) -> Material:
    """What dialogues over the rich texts of images share. Raises what reading them does."""
    documents = human_task(images, read_rich_texts(rich)).documents
    encoder = load_text_encoder()
    texts = [document.texts() for document in documents]
    vectors = encoder.encode([text for own in texts for text in own])
    return Material(TextGallery([image.image for image in images], texts, vectors, encoder))


def first_query(image: CaptionedImage) -> str:
    """The shortest of an image's captions."""
    return min(image.captions, key=lambda text: (len(text.split()), len(text), text))


def _held(image: CaptionedImage, material: Material, settings: DialogueSettings) -> Dialogue:
    session, user = Session.start(first_query(image), material, settings), TextsAnswerer(image.captions)
    while (question := session.ask()) is not None:
        session.answer(user.answer(question))
    return session.dialogue


def rank_of(scores: FloatArray, place: int) -> int:
    """Of the target at `place`, from 1."""
    return 1 + int((scores > scores[place]).sum())


def _borne_out(reasoning: Reasoning, captions: Sequence[str]) -> float:
    named = named_in(captions)
    found = [bool(named & named_in([word])) for word in reasoning.keywords]
    return sum(found) / len(found) if found else 1.0


def told(results: Sequence[Compared]) -> str:
    """Markdown: recalls by whom, what failed, and what became of the instructions."""
    lines = ["| caption | R@1 | R@5 | R@10 | median rank |", "|---|---|---|---|---|"]
    for name in ("query", "rules", "model"):
        ranks = np.array([result.ranks[name] for result in results])
        recalls = " | ".join(f"{100 * float((ranks <= k).mean()):.0f}" for k in _KS)
        lines.append(f"| {name} | {recalls} | {np.median(ranks):g} |")
    better = sum(result.ranks["model"] < result.ranks["rules"] for result in results)
    worse = sum(result.ranks["model"] > result.ranks["rules"] for result in results)
    lines.append(
        f"\nThe model's caption ranks the target better {better} times, worse {worse} times of {len(results)}."
    )
    counts = sum((Counter(result.instructions) for result in results), Counter[str]())
    lines.append(f"Instructions: {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}.")
    both = [result for result in results if "model" in result.borne_out]
    for name in ("rules", "model"):
        share = np.mean([result.borne_out[name] for result in both]) if both else 0.0
        keywords = np.mean([len(result.keywords[name]) for result in both]) if both else 0.0
        lines.append(f"Keywords by {name}: {keywords:.1f} a dialogue, {share:.0%} named by a human caption.")
    for kind in ("caption_failure", "reasoning_failure"):
        failures = Counter(shortened(str(getattr(result, kind))) for result in results if getattr(result, kind))
        lines.append(f"{kind.replace('_', ' ').capitalize()}s: {failures.total()}. "
                     + "; ".join(f"{count} × {reason}" for reason, count in failures.most_common()))  # fmt: skip
    lines.append(f"Seconds a dialogue: {np.mean([result.seconds for result in results]):.1f}.")
    return "\n".join(lines)


def shortened(reason: str) -> str:
    """A failure without what was quoted in it."""
    return re.sub(r"'[^']*'", "…", reason.split(": ")[0])


def main(given: Sequence[str] | None = None) -> None:
    """Ask for what is missing, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.dialogue_model", description=__doc__)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--rich", type=Path, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model")
    parser.add_argument("--targets", type=int, default=50)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(given)

    asked = read_captioned(arguments.captions, "test")
    material = text_material(asked, arguments.rich)
    drawn = random.Random(arguments.seed).sample(range(len(asked)), len(asked))
    settings, server = DialogueSettings(least_gain=0), (arguments.base_url, arguments.model)
    held = ((place, _held(asked[place], material, settings)) for place in drawn)
    chosen = list(islice(((place, found) for place, found in held if telling(found.turns)), arguments.targets))
    lines = arguments.out.read_text(encoding="utf-8").splitlines() if arguments.out.exists() else []
    results = [Compared(**json.loads(line)) for line in lines]
    done = {result.image for result in results}
    missing = [(place, dialogue) for place, dialogue in chosen if asked[place].image not in done]
    with ThreadPoolExecutor(arguments.concurrency) as pool, arguments.out.open("a", encoding="utf-8") as file:
        asking = [pool.submit(compare, asked[place], place, found, material, server) for place, found in missing]
        for result in (answer.result() for answer in asking):
            results.append(result)
            file.write(json.dumps(asdict(result)) + "\n")
            file.flush()
    print(told(results))


if __name__ == "__main__":
    main()
