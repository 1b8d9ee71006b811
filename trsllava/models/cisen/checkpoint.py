"""A CISEN as a folder: its backbone in the backbone's own layout, its parts beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch

from trsllava.models.cisen.conv_trunk import NanoBackbone
from trsllava.models.cisen.levels import CisenBackbone
from trsllava.models.cisen.network import Cisen, CisenConfig
from trsllava.models.cisen.vit_levels import ClipBackbone
from trsllava.models.clip import load_clip, save_clip
from trsllava.models.nano import load_nano, save_nano

_SETTINGS = "config.json"
_PARTS = "cisen-parts.pt"
_BACKBONE = "backbone"


def save_cisen(network: Cisen, folder: Path, text_encoder: str) -> None:
    """Write `config.json`, `cisen-parts.pt` and `backbone/` into `folder`.

    `text_encoder`: the frozen one that nano's texts come from; a CLIP reads texts by itself.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(network.backbone, NanoBackbone):
        kind = "nano"
        save_nano(network.backbone.network, folder / _BACKBONE)
    else:
        assert isinstance(network.backbone, ClipBackbone)
        kind = "clip"
        save_clip(network.backbone.network, folder / _BACKBONE)
    settings = {"network": "cisen", "backbone": kind, "text_encoder": text_encoder, "parts": asdict(network.config)}
    (folder / _SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    torch.save(
        {name: weight for name, weight in network.state_dict().items() if not name.startswith("backbone.")},
        folder / _PARTS,
    )


def load_cisen(folder: Path) -> Cisen:
    """Read what `save_cisen` wrote, ready for inference. Raises OSError, and KeyError, TypeError or RuntimeError for
    another file."""
    settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
    network = Cisen(_backbone(settings["backbone"], folder / _BACKBONE), CisenConfig(**settings["parts"]))
    kept = torch.load(folder / _PARTS, weights_only=True, map_location="cpu")
    own = {name for name in network.state_dict() if not name.startswith("backbone.")}
    if own != set(kept):
        raise KeyError("its weights are not those of its settings")
    network.load_state_dict(kept, strict=False)
    return network.eval()


def text_encoder_of(folder: Path) -> str:
    """The text encoder that `save_cisen` was told."""
    name: str = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))["text_encoder"]
    return name


def _backbone(kind: str, folder: Path) -> CisenBackbone:
    return NanoBackbone(load_nano(folder)) if kind == "nano" else ClipBackbone(load_clip(folder))
