"""One export of a sentence-transformers model to ONNX, so that later runs need neither torch nor transformers."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from trsllava.encoders.weights import ModelFolder
from trsllava.errors import EncoderError

EXPORT_VERSION = 1


def pooling_mode(folder: Path) -> str:
    """`mean` or `cls`: how the model pools tokens. Raises EncoderError for an architecture that is not
    transformer, pooling and at most a normalisation."""
    modules = [entry["type"].rsplit(".", 1)[-1] for entry in _json(folder / "modules.json")]
    if modules not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise EncoderError(f"{folder} is made of {', '.join(modules)}: not exported to ONNX.")
    pooling = _json(folder / "1_Pooling" / "config.json")
    modes = {name for name, chosen in pooling.items() if name.startswith("pooling_mode_") and chosen}
    modes |= {f"pooling_mode_{pooling['pooling_mode']}"} if "pooling_mode" in pooling else set()
    if modes <= {"pooling_mode_mean_tokens", "pooling_mode_mean"} and modes:
        return "mean"
    if modes <= {"pooling_mode_cls_token", "pooling_mode_cls"} and modes:
        return "cls"
    raise EncoderError(f"{folder} pools by {', '.join(sorted(modes))}: not exported to ONNX.")


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def export_onnx(model: ModelFolder, target: Path) -> None:
    """Write `target`: token ids and mask, `(n, length)` int64 each, to unit vectors `(n, dim)` float32.

    The file appears whole or not at all. Raises EncoderError where the weights are not the published ones or
    the architecture is not a plain one; torch's own errors where the export fails.
    """
    model.verify()
    pooling = pooling_mode(model.path)
    import torch
    from transformers import AutoModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]

    class Encoder(torch.nn.Module):
        def __init__(self, transformer: torch.nn.Module) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            if pooling == "cls":
                pooled = hidden[:, 0]
            else:
                mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
                pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=-1)

    encoder = Encoder(AutoModel.from_pretrained(model.path)).eval()
    example = torch.ones(2, 8, dtype=torch.long)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), _quiet("torch.onnx"):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                encoder,
                (example, torch.ones_like(example)),
                draft,
                input_names=["input_ids", "attention_mask"],
                output_names=["sentence_vector"],
                dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        os.replace(draft, target)
    finally:
        Path(draft).unlink(missing_ok=True)


class _quiet:  # noqa: N801  (used as a function: with _quiet("name"))
    """Keep a library's loggers silent below errors."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def __enter__(self) -> None:
        self._level = self._logger.level
        self._logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        self._logger.setLevel(self._level)
