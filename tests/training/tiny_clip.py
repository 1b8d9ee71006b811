"""A transformers CLIP of a few thousand random weights, with a tokenizer of letters, saved as a folder."""

from __future__ import annotations

import json
from pathlib import Path

import torch


def save_tiny_clip(folder: Path, *, size: int = 32, layers: int = 1, patch: int = 8) -> None:
    from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig
    from transformers.models.clip.tokenization_clip import CLIPTokenizer

    folder.mkdir()
    letters = "abcdefghijklmnopqrstuvwxyz.,;-'0123456789"
    vocabulary = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(vocabulary)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    torch.manual_seed(0)
    common = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": layers, "num_attention_heads": 2}
    text = CLIPTextConfig(
        vocab_size=len(vocabulary),
        max_position_embeddings=24,
        eos_token_id=1,
        bos_token_id=0,
        pad_token_id=1,
        **common,
    )
    vision = CLIPVisionConfig(image_size=size, patch_size=patch, **common)
    model = CLIPModel(CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=12))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
