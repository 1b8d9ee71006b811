"""A trained nano as files that need no torch."""

from __future__ import annotations

import json
import logging
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from trsllava.encoders.nano import NANO_GRAPH, NANO_SETTINGS, NANO_TEXTS
from trsllava.errors import InputError
from trsllava.models.calibration import Calibration
from trsllava.models.heads import Heads
from trsllava.models.nano import Nano, load_nano

_LARGE = 1024
"""Weights of a tensor from which it is stored in half precision; onnxruntime widens it when it loads."""


def export_nano(run: Path, target: Path, *, text_encoder: str, size: int = 128) -> None:
    """Write `nano.onnx`, `nano.json` and `texts.npz` of a finished run into `target`.

    The graph takes pixels `(n, 3, size, size)` float32 in 0…1 and gives `embedding` `(n, d)`, `scene_logits`
    `(n, scenes)` and `thing_map` `(n, cells, things)`. Large weights are stored as float16, computed in float32.
    Raises InputError where `run` holds no nano.
    """
    try:
        network = load_nano(run / "best")
        kept = torch.load(run / "best-heads.pt", weights_only=True)
    except (OSError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(f"{run} holds no trained nano ({error}); give the --output of `train diaret`.") from error
    heads = Heads(network.pooled_width, network.local_width, len(kept["scenes"]), len(kept["things"]))
    heads.load_state_dict(kept["heads"])
    target.mkdir(parents=True, exist_ok=True)
    _write_graph(_Seen(network, heads).eval(), size, target / NANO_GRAPH)
    settings = {
        "scenes": kept["scenes"],
        "things": kept["things"],
        "size": size,
        "text_encoder": text_encoder,
        "presence_sharpness": 4.0,
    }
    (target / NANO_SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    save_calibration(network.text, target / NANO_TEXTS)


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write the weights of a calibration as float16 `.npz`, for `trsllava.encoders.calibrated`."""
    arrays = {name.replace(".weight", "").replace(".bias", "_bias"): weight.detach().cpu().numpy().astype(np.float16)
              for name, weight in calibration.named_parameters()}  # fmt: skip
    np.savez(path, **arrays)  # type: ignore[arg-type]


class _Seen(nn.Module):
    """Network and heads as one graph."""

    def __init__(self, network: Nano, heads: Heads) -> None:
        super().__init__()
        self.network, self.heads = network, heads

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = self.network(pixels)
        return features.embedding, self.heads.scene_logits(features), self.heads.thing_map(features)


def _write_graph(network: nn.Module, size: int, path: Path) -> None:
    import onnx

    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network,
                (torch.rand(2, 3, size, size),),
                path,
                input_names=["pixels"],
                output_names=["embedding", "scene_logits", "thing_map"],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
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
