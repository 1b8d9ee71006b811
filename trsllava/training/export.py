"""A trained nano as files that need no torch."""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from trsllava.captioners.nano.sentences import DECODER_BEGIN, DECODER_STEP
from trsllava.encoders.nano import NANO_GRAPH, NANO_SETTINGS, NANO_TEXTS
from trsllava.models.calibration import Calibration
from trsllava.models.captioning import CaptionDecoder
from trsllava.models.efficientnet_lite import merged
from trsllava.models.heads import Heads
from trsllava.models.nano import Nano
from trsllava.training.sights import load_trained

_LARGE = 1024
"""Weights of a tensor from which it is stored in half precision; onnxruntime widens it when it loads."""


def export_nano(run: Path, target: Path, *, text_encoder: str, size: int | None = None) -> None:
    """Write `nano.onnx`, `nano.json` and `texts.npz` of a finished run into `target`.

    `size`: side in pixels at which pictures are seen; the network's usual one where left out. The graph takes pixels
    `(n, 3, size, size)` float32 in 0…1 and gives `embedding` `(n, d)`, `thing_map` `(n, cells, things)` and `pooled`
    `(n, p)`, which scenes are read from. Large weights are stored as float16 and computed in float32. Raises
    InputError where `run` holds no nano.
    """
    nano = load_trained(run)
    size = size or nano.network.config.usual_size
    target.mkdir(parents=True, exist_ok=True)
    _write_graph(
        _Seen(nano.network, nano.heads).eval(),
        {"pixels": torch.rand(2, 3, size, size)},
        ["embedding", "thing_map", "pooled"],
        target / NANO_GRAPH,
    )
    settings = {
        "scenes": nano.scenes,
        "things": nano.things,
        "size": size,
        "text_encoder": text_encoder,
        "presence_sharpness": 4.0,
    }
    (target / NANO_SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    save_calibration(nano.network.text, target / NANO_TEXTS)


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write the weights of a calibration as float16 `.npz`, for `trsllava.encoders.calibrated`."""
    arrays = {name.replace(".weight", "").replace(".bias", "_bias"): weight.detach().cpu().numpy().astype(np.float16)
              for name, weight in calibration.named_parameters()}  # fmt: skip
    np.savez(path, **arrays)  # type: ignore[arg-type]


class _Seen(nn.Module):
    """Network and heads as one graph."""

    def __init__(self, network: Nano, heads: Heads) -> None:
        super().__init__()
        self.network, self.heads = copy.copy(network), heads
        self.network.trunk = merged(network.trunk)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = self.network(pixels)
        return features.embedding, self.heads.thing_map(features), features.pooled


def export_decoder(decoder: CaptionDecoder, target: Path) -> None:
    """Write a caption decoder as two graphs, `decoder_begin.onnx` and `decoder_step.onnx`, into `target`.

    The first takes `pooled` and `presence` and gives `context` and `state`; the second takes these and `word`, and
    gives `scores` (log-probabilities) and `next_state` (`CaptionDecoder.begin`, `.step`).
    """
    target.mkdir(parents=True, exist_ok=True)
    shape = decoder.config
    context, state = torch.rand(2, shape.context), torch.rand(2, shape.hidden)
    _write_graph(
        _Begin(decoder).eval(),
        {"pooled": torch.rand(2, shape.pooled), "presence": torch.rand(2, shape.things)},
        ["context", "state"],
        target / DECODER_BEGIN,
    )
    _write_graph(
        _Step(decoder).eval(),
        {"context": context, "state": state, "word": torch.ones(2, dtype=torch.long)},
        ["scores", "next_state"],
        target / DECODER_STEP,
    )


class _Begin(nn.Module):
    def __init__(self, decoder: CaptionDecoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, pooled: Tensor, presence: Tensor) -> tuple[Tensor, Tensor]:
        return self.decoder.begin(pooled, presence)


class _Step(nn.Module):
    def __init__(self, decoder: CaptionDecoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, context: Tensor, state: Tensor, word: Tensor) -> tuple[Tensor, Tensor]:
        return self.decoder.step(context, state, word)


def _write_graph(network: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], path: Path) -> None:
    """Trace a network; the first axis of every input is the batch."""
    import onnx

    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network,
                tuple(inputs.values()),
                path,
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_shapes=tuple({0: torch.export.Dim("batch")} for _ in inputs),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    finally:
        logger.setLevel(level)
    model = onnx.load(path)
    _halve(model)
    _forget_origin(model)
    onnx.save(model, path)


def _halve(model: object) -> None:
    """Store large float32 weights as float16 behind a cast, in place."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    assert isinstance(model, ModelProto)
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _LARGE:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _forget_origin(model: object) -> None:
    """Drop the exporter's notes on nodes, in place: they name files of the machine that exported."""
    from onnx import ModelProto

    assert isinstance(model, ModelProto)
    for part in (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
    ):
        del part.metadata_props[:]
        part.doc_string = ""
    for weight in model.graph.initializer:
        del weight.metadata_props[:]
