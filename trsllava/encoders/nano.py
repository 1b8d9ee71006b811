"""nano on onnxruntime: embeddings and things without torch."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from trsllava.encoders.calibrated import Calibration
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.encoders.squares import squares
from trsllava.errors import EncoderError
from trsllava.records import Picture
from trsllava.validation import reason_of

NANO_GRAPH = "nano.onnx"
NANO_SETTINGS = "nano.json"
NANO_TEXTS = "texts.npz"
SHRINKING = Image.Resampling.BILINEAR
"""As pictures are shrunk in training (`trsllava.training.validation.resized`)."""
_BATCH = 16


@dataclass(frozen=True)
class Sight:
    """What nano sees in n pictures."""

    embedding: FloatArray
    """`(n, dim)` float32, L2-normalised."""
    presence: FloatArray
    """`(n, things)` float32 logits of the share of people who would name the thing."""
    places: FloatArray
    """`(n, rows, cols, things)` float32 logits of each thing in each cell of the unturned picture."""
    pooled: FloatArray
    """`(n, p)` float32: what the embedding was read from."""


class NanoEncoder:
    """Means over the first `views` flips and quarter-turns of a picture: overhead pictures have no upside."""

    def __init__(self, name: str, folder: Path, text_encoder: TextEncoder | None = None, views: int = 4) -> None:
        """`folder`: what `trsllava train export` wrote. `text_encoder`: the one it was trained with, loaded when first
        needed where left out or of another name. Raises EncoderError for a folder that cannot be read."""
        try:
            settings = json.loads((folder / NANO_SETTINGS).read_text(encoding="utf-8"))
            calibration = Calibration.load(folder / NANO_TEXTS)
        except (OSError, ValueError, KeyError) as error:
            raise EncoderError(f"{folder} cannot be loaded as nano: {reason_of(error)}. Export it again.") from error
        self.name, self.views = name, views
        self.scenes: tuple[str, ...] = tuple(settings["scenes"])
        self.things: tuple[str, ...] = tuple(settings["things"])
        self.size: int = settings["size"]
        self.dim: int = len(calibration.linear)
        self.sharpness: float = settings["presence_sharpness"]
        self._text_name: str = settings["text_encoder"]
        self._calibration, self._folder = calibration, folder
        if text_encoder is not None and text_encoder.name == self._text_name:
            self.text_encoder = text_encoder

    @cached_property
    def text_encoder(self) -> TextEncoder:
        """The frozen text encoder whose space the embedding lives in."""
        from trsllava.encoders.text import load_text_encoder

        return load_text_encoder(self._text_name)

    @cached_property
    def _session(self) -> Any:
        """Loaded when the first picture comes: a query in words does without. Raises EncoderError."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        # Spinning threads starve each other on a shared core.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(str(self._folder / NANO_GRAPH), options, ["CPUExecutionProvider"])
            if "pooled" not in {output.name for output in session.get_outputs()}:
                raise ValueError("an earlier version wrote it")
            return session
        except Exception as error:  # onnxruntime raises its own errors, which share no base
            raise EncoderError(
                f"{self._folder} cannot be loaded as nano: {reason_of(error)}. Export it again."
            ) from error

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        """Encode pictures of any size into `(n, dim)` float32, L2-normalised rows."""
        return self.see(pictures).embedding

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows; each distinct text once."""
        return self._calibration(self.text_encoder.encode(texts))

    def see(self, pictures: Sequence[Picture]) -> Sight:
        """Embeddings and things of pictures of any size, each stretched to a square."""
        parts = [self._see_batch(pictures[start : start + _BATCH]) for start in range(0, len(pictures), _BATCH)]
        if not parts:
            things = len(self.things)
            shapes = [(0, self.dim), (0, things), (0, 0, 0, things), (0, 0)]
            return Sight(*[np.zeros(shape, np.float32) for shape in shapes])
        return Sight(*[np.concatenate(outputs) for outputs in zip(*parts, strict=True)])

    def _see_batch(self, pictures: Sequence[Picture]) -> tuple[FloatArray, ...]:
        pixels = squares(pictures, self.size, SHRINKING)
        seen = [self._run(_view(pixels, view)) for view in range(self.views)]
        embedding, pooled = (np.mean([view[output] for view in seen], axis=0) for output in (0, 2))
        places = np.mean([_view_undone(_grid(view[1]), number) for number, view in enumerate(seen)], axis=0)
        presence = np.mean([_log_mean_exp(view[1], self.sharpness) for view in seen], axis=0)
        unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
        return tuple(np.asarray(array, np.float32) for array in (unit, presence, places, pooled))

    def _run(self, pixels: FloatArray) -> list[Any]:
        outputs: list[Any] = self._session.run(
            ["embedding", "thing_map", "pooled"], {"pixels": np.ascontiguousarray(pixels)}
        )
        return outputs


def _view(pixels: FloatArray, view: int) -> FloatArray:
    """View 0…7 of `(n, c, s, s)`: quarter-turns, then mirrored ones."""
    turned = np.rot90(pixels, view % 4, (2, 3))
    return turned if view < 4 else turned[:, :, :, ::-1]


def _view_undone(grid: FloatArray, view: int) -> FloatArray:
    """The grid `(n, rows, cols, t)` of a view as it lies on the unturned picture."""
    return np.rot90(grid if view < 4 else grid[:, :, ::-1], -(view % 4), (1, 2))


def _grid(cells: FloatArray) -> FloatArray:
    side = round(cells.shape[1] ** 0.5)
    return cells.reshape(len(cells), side, side, -1)


def _log_mean_exp(cells: FloatArray, sharpness: float) -> FloatArray:
    """As in training (`trsllava.models.heads.presence_logits`): `(n, cells, t)` to `(n, t)`."""
    highest = cells.max(1, keepdims=True)
    pooled: FloatArray = highest[:, 0] + np.log(np.exp(sharpness * (cells - highest)).mean(1)) / sharpness
    return pooled
