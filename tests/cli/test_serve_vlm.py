from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from trsllava.captioners.serving import serve_command


def serve_vlm(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({"PATH": path} if path is not None else {})
    command = [sys.executable, "-m", "trsllava", "serve-vlm", "Qwen/Qwen3-VL-8B-Instruct", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_command_is_printed_so_that_a_shell_can_take_it() -> None:
    printed = serve_vlm("--port", "9000").stdout
    assert shlex.split(printed) == serve_command("Qwen/Qwen3-VL-8B-Instruct", port=9000)


def test_start_runs_it_in_this_very_process(tmp_path: Path) -> None:
    vllm = tmp_path / "vllm"
    vllm.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 7\n')
    vllm.chmod(0o755)
    done = serve_vlm("--start", path=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 7
    assert ["vllm", *done.stdout.splitlines()] == serve_command("Qwen/Qwen3-VL-8B-Instruct")


def test_without_vllm_start_says_what_to_do(tmp_path: Path) -> None:
    done = serve_vlm("--start", path=str(tmp_path))
    assert (done.returncode, "Install vLLM" in done.stderr) == (2, True)
