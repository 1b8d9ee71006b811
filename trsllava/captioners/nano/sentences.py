"""Sentences from the caption decoder, on onnxruntime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.protocol import FloatArray
from trsllava.errors import EncoderError
from trsllava.models.word_numbers import END, FIRST_WORD, UNKNOWN

DECODER_BEGIN = "decoder_begin.onnx"
DECODER_STEP = "decoder_step.onnx"
DECODER_WORDS = "words.json"
_LONGEST = 20
_NEVER = -1e9


@dataclass(frozen=True)
class Sentence:
    """One sentence about a picture."""

    words: tuple[str, ...]
    score: float
    """Mean log-probability of a word."""

    def text(self) -> str:
        """As it is written: without capital and full stop."""
        return " ".join(self.words).replace(" ,", ",")


class SentenceWriter:
    """Draws sentences word by word; the same picture always gets the same ones."""

    def __init__(self, folder: Path, draws: int = 16, temperature: float = 0.7) -> None:
        """`folder`: what `trsllava train captioner` wrote. Raises EncoderError for a folder that cannot be read."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # small products: more threads cost more than they bring
        try:
            self.vocabulary: tuple[str, ...] = tuple(json.loads((folder / DECODER_WORDS).read_text(encoding="utf-8")))
            self._begin, self._step = (
                onnxruntime.InferenceSession(str(folder / name), options, ["CPUExecutionProvider"])
                for name in (DECODER_BEGIN, DECODER_STEP)
            )
        except Exception as error:  # onnxruntime raises its own errors, which share no base
            raise EncoderError(f"{folder} cannot be loaded as nano's captioner: {error}. Train it again.") from error
        self._draws, self._temperature = draws, temperature

    def write(self, pooled: FloatArray, presence: FloatArray) -> list[list[Sentence]]:
        """Distinct sentences for each of n pictures, most likely first.

        Args:
            pooled: `(n, p)` float32, nano's pooled features.
            presence: `(n, t)` float32 logits of its things.
        """
        n, draws = len(pooled), self._draws
        context, state = self._begin.run(["context", "state"], {"pooled": pooled, "presence": presence})
        context, state = (np.repeat(array, draws, axis=0) for array in (context, state))
        generator = np.random.default_rng(0)
        noise = generator.gumbel(size=(_LONGEST, draws, len(self.vocabulary) + FIRST_WORD)).astype(np.float32)
        noise[:, 0] = 0  # the first draw always takes the likeliest word
        words = np.full((n * draws, _LONGEST), END, np.int64)
        score = np.zeros(n * draws, np.float32)
        last, going = np.full(n * draws, END, np.int64), np.ones(n * draws, bool)
        for place in range(_LONGEST):
            rows = np.flatnonzero(going)
            if not len(rows):
                break
            scores, state[rows] = self._step.run(
                ["scores", "next_state"], {"context": context[rows], "state": state[rows], "word": last[rows]}
            )
            scores[:, UNKNOWN] = _NEVER
            drawn = (scores / self._temperature + noise[place][rows % draws]).argmax(1)
            score[rows] += scores[np.arange(len(rows)), drawn]
            words[rows, place], last[rows] = drawn, drawn
            going[rows] = drawn != END
        lengths = (words != END).sum(1)
        means = score / (lengths + 1)
        return [
            self._distinct(words[start : start + draws], means[start : start + draws], going[start : start + draws])
            for start in range(0, n * draws, draws)
        ]

    def _distinct(self, words: NDArray[np.int64], means: FloatArray, cut: NDArray[np.bool_]) -> list[Sentence]:
        found: dict[tuple[str, ...], Sentence] = {}
        for place in np.lexsort((np.arange(len(means)), -means, cut)).tolist():
            spoken = tuple(self.vocabulary[word - FIRST_WORD] for word in words[place].tolist() if word != END)
            if spoken and not cut[place]:
                found.setdefault(spoken, Sentence(spoken, float(means[place])))
        return list(found.values())


def distinct_enough(sentences: Sequence[Sentence], count: int, weight: float = 0.5) -> list[Sentence]:
    """The best sentence, then again and again the one that scores best after a penalty for words already said.

    Source: Carbonell & Goldstein, "The Use of MMR", SIGIR 1998, with the overlap of words as similarity.
    """
    left, chosen = list(sentences), list(sentences[:1])
    while left and len(chosen) < count:
        left = [said for said in left if said not in chosen]
        if left:
            chosen.append(max(left, key=lambda said: said.score - weight * _overlap(said, chosen)))
    return chosen


def _overlap(said: Sentence, others: Sequence[Sentence]) -> float:
    words = set(said.words)
    return max(len(words & set(other.words)) / len(words | set(other.words)) for other in others)
