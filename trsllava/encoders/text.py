"""Which text encoder a name means."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

from trsllava.encoders.protocol import TextEncoder
from trsllava.encoders.weights import DEFAULT_MODEL, ModelFolder, find_model
from trsllava.errors import EncoderError, Parameter

_OPENAI = "openai:"
CALIBRATED = "+calibrated"
"""Behind a name: vectors bent by the shipped calibration, which was learnt from captions of overhead pictures."""
_CALIBRATED = re.compile(rf"(.*){re.escape(CALIBRATED)}(?:-[0-9a-f]{{8}})?")
"""As people name a calibrated encoder, and as collections do."""

_log = logging.getLogger(__name__)


def load_text_encoder(
    name: str = DEFAULT_MODEL,
    *,
    device: str = "cpu",
    base_url: str | None = None,
    api_key: str | None = None,
    cache: Path | None = None,
) -> TextEncoder:
    """Load a text encoder: `openai:MODEL` (an embeddings endpoint), a sentence-transformers id or folder, or the
    default's id followed by `+calibrated`.

    On the CPU a model runs on onnxruntime, after one export kept in `cache` (default: the user's cache folder);
    on another device, and where the export fails, on torch. Raises EncoderError, ServerError.
    """
    if name.startswith(_OPENAI):
        from trsllava.encoders.openai_text import OpenAITextEncoder

        return OpenAITextEncoder(name.removeprefix(_OPENAI), base_url, api_key)
    if calibrated := _CALIBRATED.fullmatch(name):
        return _calibrated(calibrated[1], device, cache)
    if Path(name).expanduser().is_dir():
        name = os.path.abspath(Path(name).expanduser())  # the collection remembers it from any working folder
    model = find_model(name)
    if device == "cpu":
        encoder = _on_onnx(name, model, cache)
        if encoder is not None:
            return encoder
    model.verify()
    from trsllava.encoders.torch_text import TorchTextEncoder

    try:
        return TorchTextEncoder(name, model.path, device)
    except (RuntimeError, AssertionError, ValueError, OSError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EncoderError(
            f"Encoder {name} cannot be loaded on {device}: {reason}. Check ",
            Parameter("encoder"),
            " and ",
            Parameter("device"),
            ".",
        ) from error


def _calibrated(name: str, device: str, cache: Path | None) -> TextEncoder:
    from trsllava.encoders import shipped
    from trsllava.encoders.calibrated import CalibratedEncoder, Calibration

    if name != DEFAULT_MODEL:
        raise EncoderError(f"The shipped calibration is for {DEFAULT_MODEL}, not for {name}; leave out {CALIBRATED}.")
    calibration = Calibration.load(shipped.present(shipped.CALIBRATION))
    # Named by its weights: those of another version must not be mixed with these.
    label = f"{CALIBRATED[1:]}-{shipped.digest(shipped.CALIBRATION)}"
    return CalibratedEncoder(load_text_encoder(name, device=device, cache=cache), calibration, label)


def _on_onnx(name: str, model: ModelFolder, cache: Path | None) -> TextEncoder | None:
    from platformdirs import user_cache_path

    from trsllava.encoders.onnx_export import EXPORT_VERSION, export_onnx
    from trsllava.encoders.onnx_text import OnnxTextEncoder

    graph = (cache or user_cache_path("trsllava")) / "onnx" / f"{model.key}-v{EXPORT_VERSION}.onnx"
    try:
        if graph.exists():
            try:
                return OnnxTextEncoder(name, model, graph)
            except Exception as error:  # a damaged file is made anew
                _log.warning("%s cannot be loaded (%s): exporting it again.", graph, type(error).__name__)
        export_onnx(model, graph)
        return OnnxTextEncoder(name, model, graph)
    except Exception as error:  # whatever keeps ONNX from working, torch still gives the same vectors
        model.verify()
        _log.warning("%s runs on torch, which starts slowly: the ONNX export failed (%s).", name, error)
        return None
