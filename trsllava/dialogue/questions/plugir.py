"""PlugIR's questioner, with rules in place of its language model.

Source: Lee et al., "Interactive Text-to-Image Retrieval with Large Language Models: A Plug-and-Play Approach", ACL
2024, section 3.2. Candidates are clustered by their pictures, a representative of each cluster is what questions are
drawn from, those that the caption answers are dropped, and the one that moves the ranking least is asked.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from trsllava.dialogue.attributes import named_in
from trsllava.dialogue.candidates import likeliest
from trsllava.dialogue.questions.protocol import Moment, Questioner
from trsllava.dialogue.questions.wording import question_about
from trsllava.dialogue.state import Question
from trsllava.encoders.protocol import FloatArray

_MOST, _FEWER = 500, 50
"""Candidates of the first round, and how many fewer each round has."""
_CLUSTERS = 10
_STEPS = 10
_DRAWN = 5
"""Questions among which the divergence chooses."""
_SHOWN = 10
"""The best hits, which the divergence passes over."""


class PlugirQuestioner(Questioner):
    """Asks about what representatives of clusters show and the caption does not tell."""

    def scored(self, moment: Moment) -> list[str]:
        """As in `Questioner.scored`: the caption with each question."""
        return [f"{moment.caption} {question.text}" for question in self._drawn(moment)]

    def ask(self, moment: Moment) -> Question | None:
        """As in `Questioner.ask`."""
        drawn = self._drawn(moment)
        if not drawn:
            return None
        scores = moment.material.gallery.scores
        places = likeliest(moment.p, _candidates(moment))[_SHOWN:]
        if not len(places):
            return drawn[0]
        before = _softmax(scores(moment.caption)[places])
        divergences = [
            float((before * np.log(before / _softmax(scores(f"{moment.caption} {question.text}")[places]))).sum())
            for question in drawn
        ]
        return drawn[int(np.argmin(divergences))]

    def _drawn(self, moment: Moment) -> list[Question]:
        """Up to five questions, the same for the same dialogue."""
        table = moment.material.table
        texts = [text for tile in _representatives(moment) for text in moment.material.gallery.texts[tile]]
        open_names = {table.attributes[column].name for column in moment.open}
        names = sorted(open_names & named_in(texts))
        if not names:
            return []
        dialogue = moment.dialogue
        draw = random.Random(f"{dialogue.settings.seed} {dialogue.round()} {dialogue.query}")
        chosen = draw.sample(names, min(_DRAWN, len(names)))
        attributes = [table.attributes[table.place[name]] for name in chosen]
        return [Question(text=question_about(attribute), attribute=attribute.name) for attribute in attributes]


def _candidates(moment: Moment) -> int:
    return max(_CLUSTERS, _MOST - _FEWER * moment.dialogue.round())


def _representatives(moment: Moment) -> list[int]:
    """The tile of each cluster whose likeness to the candidates is least spread out."""
    vectors = moment.material.gallery.vectors
    tiles = likeliest(moment.p, _candidates(moment))
    if vectors is None:
        return [int(tile) for tile in tiles[:_CLUSTERS]]
    own = vectors[tiles]
    cluster = k_means(own, _CLUSTERS)
    alike = _softmax(own @ own.T)
    entropy = -(alike * np.log(alike)).sum(axis=1)
    found = []
    for number in np.unique(cluster).tolist():
        members = np.flatnonzero(cluster == number)
        found.append(int(tiles[members[int(entropy[members].argmin())]]))
    return found


def k_means(rows: FloatArray, count: int) -> NDArray[np.intp]:
    """The cluster of each of n L2-normalised rows `(n, d)`, `(n,)`: spherical k-means from centres far apart."""
    chosen = [0]
    near = rows @ rows[0]
    while len(chosen) < min(count, len(rows)):
        chosen.append(int(near.argmin()))
        near = np.maximum(near, rows @ rows[chosen[-1]])
    centres = rows[chosen]
    cluster = np.zeros(len(rows), np.intp)
    for _ in range(_STEPS):
        nearest = (rows @ centres.T).argmax(axis=1)
        if (nearest == cluster).all():
            break
        cluster = nearest
        sums = np.stack([rows[cluster == number].sum(axis=0) for number in range(len(centres))])
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(norms > 0, sums / np.maximum(norms, 1e-12), centres)
    return cluster


def _softmax(scores: FloatArray) -> FloatArray:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
