from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from trsllava.encoders.onnx_text import OnnxTextEncoder
from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.torch_text import TorchTextEncoder
from trsllava.encoders.weights import find_model
from trsllava.errors import EncoderError, ServerError

TEXTS = ["harbor with cranes", "a", "Two ships lie at a long quay, next to storage tanks.", "harbor with cranes"]


def test_the_default_encoder_gives_unit_vectors_in_the_given_order() -> None:
    encoder = load_text_encoder()
    vectors = encoder.encode(TEXTS)
    assert isinstance(encoder, OnnxTextEncoder)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[3])


@pytest.mark.filterwarnings("ignore")
def test_onnx_and_sentence_transformers_agree_to_1e_5() -> None:
    torch = TorchTextEncoder("minilm", find_model("sentence-transformers/all-MiniLM-L6-v2").path, "cpu")
    long = "Many " + "large white storage tanks stand in rows, " * 20
    np.testing.assert_allclose(load_text_encoder().encode([*TEXTS, long]), torch.encode([*TEXTS, long]), atol=1e-5)


def test_near_texts_have_near_vectors() -> None:
    harbor, port, desert = load_text_encoder().encode(["harbor with cranes", "port and ships", "empty desert"])
    assert harbor @ port > harbor @ desert


def test_a_text_asked_for_twice_has_the_same_vector_whatever_became_of_the_first() -> None:
    encoder = load_text_encoder()
    first = encoder.encode(["an airport"])
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(encoder.encode(["an airport"]), kept)
    assert not np.array_equal(encoder.encode(["a harbor"]), kept)


def test_no_text_gives_no_vector() -> None:
    assert load_text_encoder().encode([]).shape == (0, 384)


def test_a_text_over_the_limit_is_counted_and_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load_text_encoder().encode(["ship " * 300, "ship"])
    assert "1 of 2 texts exceed the encoder's 256 tokens" in caplog.text


def test_without_a_writable_cache_the_encoder_runs_on_torch(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    with caplog.at_level(logging.WARNING):
        encoder = load_text_encoder(cache=tmp_path / "cache")
    assert isinstance(encoder, TorchTextEncoder)
    assert "ONNX export failed" in caplog.text


def test_a_folder_that_is_no_model_and_an_unknown_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="neither a folder nor a hub id"):
        load_text_encoder("not/a/model/id")


def test_an_endpoint_that_is_not_there_is_a_server_error() -> None:
    with pytest.raises(ServerError, match="encoder_url"):
        load_text_encoder("openai:any", base_url="http://127.0.0.1:9/v1")
