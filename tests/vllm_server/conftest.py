"""A real vLLM server on the CPU, serving a tiny model with random weights. `install.sh` makes its environment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

HERE = Path(__file__).parent
VARIABLE = "TRSLLAVA_TEST_VLLM_PYTHON"
START_SECONDS = 280
STOP_SECONDS = 30
OPTIONS = (
    "--served-model-name=tiny",
    "--host=127.0.0.1",
    "--max-num-seqs=8",
    "--block-size=32",
    # A prompt in chunks makes vLLM 0.32 set back a seeded request's generator, which torch's on the CPU cannot do.
    "--no-enable-chunked-prefill",
    "--enable-prompt-tokens-details",
    "--enforce-eager",
    '--structured-outputs-config={"backend": "xgrammar", "disable_any_whitespace": true}',
)


@dataclass(frozen=True)
class VllmServer:
    """A server that is up."""

    url: str
    model: str
    seconds_to_start: float


@dataclass(frozen=True)
class VllmEnvironment:
    """A Python that has vLLM and trsllava, and a tiny model for it."""

    python: str
    model: Path

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run this Python in vLLM's environment."""
        command = [self.python, *map(str, arguments)]
        return subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def vllm_environment(tmp_path_factory: pytest.TempPathFactory) -> VllmEnvironment:
    """The environment that the variable names, with the model written."""
    python = os.environ.get(VARIABLE)
    if not python:
        pytest.skip(
            f"{VARIABLE} does not name the Python of a vLLM environment (tests/vllm_server/install.sh makes one)"
        )
    environment = VllmEnvironment(python, tmp_path_factory.mktemp("vllm") / "model")
    written = environment.run(HERE / "tiny_vlm.py", environment.model)
    assert written.returncode == 0, written.stderr
    return environment


@pytest.fixture(scope="session")
def vllm_server(vllm_environment: VllmEnvironment) -> Iterator[VllmServer]:
    """The server, started for the first test that wants it and ended after the last."""
    python, model = vllm_environment.python, vllm_environment.model
    with served(python, model, model.parent, '--limit-mm-per-prompt={"image": 1, "video": 0}') as server:
        yield server


@contextmanager
def served(python: str, model: Path, folder: Path, *options: str, longest: int = 16384) -> Iterator[VllmServer]:
    """Serve the model of a folder, as `tiny`, until the block ends; the log goes to `folder`. `longest`: tokens."""
    environment, port = _environment(), _free_port()
    module = "vllm.entrypoints.openai.api_server"  # the wheel's `vllm` command looks for a distribution of that name
    lengths = (f"--max-model-len={longest}", f"--max-num-batched-tokens={longest}")
    command = [python, "-m", module, f"--model={model}", f"--port={port}", *OPTIONS, *lengths, *options]
    started = time.monotonic()
    log = folder / "server.log"
    with log.open("wb") as output:
        # A group of its own: the server has children, and all of them must go.
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait_until_healthy(process, f"http://127.0.0.1:{port}/health", log)
        yield VllmServer(f"http://127.0.0.1:{port}/v1", "tiny", time.monotonic() - started)
    finally:
        _stop(process)


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": f"{HERE / 'shim'}{os.pathsep}{HERE.parents[1]}",
        "HF_HUB_OFFLINE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_NO_USAGE_STATS": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the vLLM server ended with {process.returncode}:\n{log.read_text()[-5000:]}")
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"the vLLM server was not up after {START_SECONDS} s:\n{log.read_text()[-5000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
