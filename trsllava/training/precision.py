"""Which number format a device is fast in."""

from __future__ import annotations

import torch

from trsllava.training.plan import Precision


def fast_precision(device: str) -> Precision:
    """`bf16` where the device has instructions for it, else `fp32`. bf16 needs no loss scaling."""
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # torch before 2.9 cannot tell
    return "bf16" if capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") else "fp32"
