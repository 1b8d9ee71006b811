"""Lets PyPI's CUDA-built torchvision be imported next to a CPU torch; in force where this folder is on PYTHONPATH.

torchvision bears that its compiled half cannot be loaded, except that it gives two operators fake kernels, and these
operators then do not exist. vLLM needs only torchvision's transforms, which are Python, so it is enough to declare the
two, at the moment torchvision is first looked for.
"""

import importlib.abc
import importlib.util
import sys
from importlib.machinery import ModuleSpec


class DeclareOperators(importlib.abc.MetaPathFinder):
    """Goes before the finders that find torchvision."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != "torchvision":
            return None
        sys.meta_path.remove(self)
        import torch

        self.library = torch.library.Library("torchvision", "DEF")
        self.library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        self.library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        sys.modules[__name__].declared = self  # the operators vanish with the library object
        return importlib.util.find_spec(name)


sys.meta_path.insert(0, DeclareOperators())
