"""Text encoder behind an OpenAI-compatible embeddings endpoint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import ServerError

_BATCH = 256


class OpenAITextEncoder:
    """Embeddings by a server: vLLM, text-embeddings-inference, OpenAI."""

    def __init__(self, model: str, base_url: str | None, api_key: str | None) -> None:
        from openai import OpenAI

        self.name = f"openai:{model}"
        self._model = model
        self._url = base_url or "https://api.openai.com/v1"
        self._client = OpenAI(base_url=self._url, api_key=api_key or "none", max_retries=3, timeout=60)
        self.dim = int(self._encode_batch(["dimension"]).shape[1])

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows. Raises ServerError where the server fails;
        a server refuses over-long texts itself."""
        return encode_distinct(texts, self._encode_batch, dim=self.dim, batch_size=_BATCH)

    def _encode_batch(self, texts: list[str]) -> FloatArray:
        from openai import OpenAIError

        try:
            answer = self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
        except OpenAIError as error:
            raise ServerError(
                f"The embeddings server at {self._url} did not encode with {self._model}: {error}. "
                "Check the setting encoder_url, the model's name and the key."
            ) from error
        vectors = np.array([item.embedding for item in answer.data], np.float32)
        lengths: FloatArray = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / lengths
