"""Text encoder on onnxruntime: the default, because it starts in a fraction of a second."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.limits import warn_of_cut
from trsllava.encoders.protocol import FloatArray
from trsllava.encoders.weights import ModelFolder

_BATCH = 32
_TOKENS_AT_ONCE = 2048
"""Of a batch: long texts are run in smaller helpings, as attention takes memory by the square of their length (64
texts of 256 tokens took 1.3 GB)."""


class OnnxTextEncoder:
    """A sentence-transformers model exported to ONNX."""

    def __init__(self, name: str, model: ModelFolder, graph: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.name = name
        self.max_tokens = max_tokens(model.path)
        self._tokenizer = Tokenizer.from_file(str(model.path / "tokenizer.json"))
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(self.max_tokens)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        # Spinning threads starve each other on a shared core.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self.dim: int = self._session.get_outputs()[0].shape[1]
        self._last: tuple[str, FloatArray] | None = None

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows; over-long texts are counted and warned of.

        A lone text is remembered until the next one: nano asks for the query that was encoded a moment ago.
        """
        last = self._last
        if last is not None and list(texts) == [last[0]]:
            return last[1].copy()
        self._cut = 0
        vectors = encode_distinct(texts, self._encode_batch, dim=self.dim, batch_size=_BATCH)
        warn_of_cut(self._cut, len(set(texts)), self.max_tokens)
        if len(texts) == 1:
            self._last = texts[0], vectors.copy()
        return vectors

    def _encode_batch(self, texts: list[str]) -> FloatArray:
        encodings = self._tokenizer.encode_batch(texts)
        self._cut += sum(bool(encoding.overflowing) for encoding in encodings)
        ids = np.array([encoding.ids for encoding in encodings], np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], np.int64)
        rows = max(1, _TOKENS_AT_ONCE // ids.shape[1])
        return np.concatenate([self._run(ids[i : i + rows], mask[i : i + rows]) for i in range(0, len(ids), rows)])

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> FloatArray:
        vectors: FloatArray = self._session.run(["sentence_vector"], {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def max_tokens(folder: Path) -> int:
    """The longest text, in tokens, that the model was made for."""
    settings = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
    positions = json.loads((folder / "config.json").read_text(encoding="utf-8"))["max_position_embeddings"]
    return int(settings.get("max_seq_length") or positions)
