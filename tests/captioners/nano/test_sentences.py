"""Sentences drawn from a decoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from trsllava.captioners.nano.sentences import Sentence, SentenceWriter, distinct_enough
from trsllava.errors import EncoderError
from trsllava.models.captioning import CaptionDecoder, DecoderConfig
from trsllava.models.word_numbers import END
from trsllava.training.export import export_decoder

WORDS = ("a", "boat", "near", "the", "port", ",", "tree")


@pytest.fixture(scope="module")
def decoder() -> CaptionDecoder:
    torch.manual_seed(1)
    made = CaptionDecoder(DecoderConfig(pooled=12, things=5, words=len(WORDS) + 2, width=16, context=8, hidden=24))
    return made.eval()


@pytest.fixture(scope="module")
def folder(decoder: CaptionDecoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("decoder")
    export_decoder(decoder, made)
    (made / "words.json").write_text(json.dumps(WORDS))
    return made


def sights(n: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    generator = np.random.default_rng(2)
    return (generator.normal(0, 3, (n, 12)).astype(np.float32), generator.normal(0, 3, (n, 5)).astype(np.float32))


def test_a_sentences_score_is_its_mean_log_probability_under_the_network(
    decoder: CaptionDecoder, folder: Path
) -> None:
    pooled, presence = sights(1)
    for said in SentenceWriter(folder).write(pooled, presence)[0]:
        rows = torch.tensor([[END, *(WORDS.index(word) + 2 for word in said.words)]])
        with torch.inference_mode():
            scores = decoder(torch.from_numpy(pooled), torch.from_numpy(presence), rows).log_softmax(2)[0]
        following = [*rows[0, 1:].tolist(), END]
        expected = float(np.mean([scores[place, word] for place, word in enumerate(following)]))
        assert said.score == pytest.approx(expected, abs=5e-3)


def test_a_picture_gets_the_same_sentences_whatever_is_beside_it(folder: Path) -> None:
    pooled, presence = sights(5)
    writer = SentenceWriter(folder)
    together = writer.write(pooled, presence)
    alone = [writer.write(pooled[n : n + 1], presence[n : n + 1])[0] for n in range(5)]
    assert [[said.words for said in of] for of in together] == [[said.words for said in of] for of in alone]


def test_sentences_are_distinct_and_the_likeliest_comes_first(folder: Path) -> None:
    for of_picture in SentenceWriter(folder, draws=30).write(*sights(4)):
        assert len({said.words for said in of_picture}) == len(of_picture)
        assert [said.score for said in of_picture] == sorted((said.score for said in of_picture), reverse=True)


def test_commas_stand_at_their_words() -> None:
    assert Sentence(("a", "boat", ",", "a", "tree"), 0).text() == "a boat, a tree"


def test_what_was_said_is_said_again_last() -> None:
    best, alike, other = (
        Sentence(("a", "boat", "near", "the", "port"), -1.0),
        Sentence(("the", "boat", "near", "the", "port"), -1.1),
        Sentence(("a", "tree"), -1.3),
    )
    assert distinct_enough([best, alike, other], 2) == [best, other]
    assert distinct_enough([best, alike, other], 9) == [best, other, alike]
    assert distinct_enough([], 3) == []


def test_a_folder_without_a_decoder_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=str(tmp_path)):
        SentenceWriter(tmp_path)
