"""The `vllm serve` command that suits this work: one picture a prompt, the same instructions for all, JSON out."""

from __future__ import annotations

import json
import math
import re

from trsllava.captioners.pixels import Patches, pixel_rule
from trsllava.errors import InputError

_CONTEXT = 12_288
"""A picture of a megapixel, the instructions and five descriptions stay well below this."""
_CONTEXTS = ((r"llava.*1\.5(?!-[48]b)", 4_096),)
"""Families that cannot hold so much."""
_STRUCTURED = {"backend": "xgrammar", "disable_any_whitespace": True}
"""Without the second some models fill an answer with optional white space until the token limit."""


def serve_command(
    model: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    slots: int = 128,
    gpu_memory: float = 0.9,
    tensor_parallel: int = 1,
    data_parallel: int = 1,
    max_side: int = 1024,
) -> list[str]:
    """The command and its arguments.

    `slots`: captions written at once. `gpu_memory`: share of each GPU's memory. `tensor_parallel`: GPUs that one copy
    of the model is spread over. `data_parallel`: copies. `max_side`: of the pictures, in pixels; memory is set aside
    for those and no larger ones. Raises InputError for a model that `vllm` would take for none, or for an option.
    """
    if not model.strip() or model.startswith("-"):
        raise InputError(f"{model!r} is not a model. Name one, as in Qwen/Qwen3-VL-8B-Instruct.")
    command = ["vllm", "serve", model, f"--host={host}", f"--port={port}"]
    command += [
        f"--max-model-len={_context(model)}",
        f"--max-num-seqs={slots}",
        f"--gpu-memory-utilization={gpu_memory:g}",
        "--limit-mm-per-prompt=" + json.dumps({"image": 1, "video": 0}),
        # The instructions are the same for every picture; a picture comes once, so none is worth keeping.
        "--enable-prefix-caching",
        "--mm-processor-cache-gb=0",
        "--enable-prompt-tokens-details",
        "--structured-outputs-config=" + json.dumps(_STRUCTURED),
    ]
    command += _pixel_limits(model, max_side)
    if tensor_parallel > 1:
        command.append(f"--tensor-parallel-size={tensor_parallel}")
    if data_parallel > 1:
        command.append(f"--data-parallel-size={data_parallel}")
    return command


def engine_options(model: str, max_side: int = 1024) -> dict[str, object]:
    """The same choices for `vllm.LLM`, as keyword arguments."""
    options: dict[str, object] = {
        "max_model_len": _context(model),
        "limit_mm_per_prompt": {"image": 1, "video": 0},
        "enable_prefix_caching": True,
        "mm_processor_cache_gb": 0,
        "structured_outputs_config": _STRUCTURED,
    }
    limits = _pixel_settings(model, max_side)
    return options | ({"mm_processor_kwargs": limits} if limits else {})


def _context(model: str) -> int:
    found = (tokens for pattern, tokens in _CONTEXTS if re.search(pattern, model, re.IGNORECASE))
    return next(found, _CONTEXT)


def _pixel_limits(model: str, max_side: int) -> list[str]:
    limits = _pixel_settings(model, max_side)
    return ["--mm-processor-kwargs=" + json.dumps(limits)] if limits else []


def _pixel_settings(model: str, max_side: int) -> dict[str, object]:
    """Qwen's processors take the least and the most pixels of a picture; vLLM sets memory aside for the most."""
    rule = pixel_rule(model, max_side)
    if not isinstance(rule, Patches):
        return {}
    most = max(rule.least, math.prod(rule.size(max_side, max_side)))
    return {"size": {"shortest_edge": rule.least, "longest_edge": most}}
