"""The captioner that has vLLM in its own process, and the flags and files that other vLLM commands take."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eval.benchmarks.captioning import WORDING
from tests.vllm_server.conftest import VllmEnvironment
from trsllava.captioners.serving import serve_command

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]

ENGINE = {
    "enforce_eager": True,
    "max_num_seqs": 8,
    "block_size": 32,
    "mm_processor_kwargs": {},
    "enable_chunked_prefill": False,
    "max_num_batched_tokens": 16384,
}
PARSE = """
import sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser

options = make_arg_parser(FlexibleArgumentParser()).parse_args(sys.argv[1:])
print(options.max_num_seqs, options.enable_prefix_caching, options.limit_mm_per_prompt, options.mm_processor_kwargs)
"""


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 255, (160, 200, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return folder


def test_an_indexed_folder_holds_a_rich_text_for_every_picture(
    vllm_environment: VllmEnvironment, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRSLLAVA_ENGINE", json.dumps(ENGINE))
    monkeypatch.setenv("TRSLLAVA_SKIP_CHECKS", json.dumps(WORDING))
    home = ("--home", tmp_path / "home")
    indexed = vllm_environment.run(
        "-m", "trsllava", "index", images, "--captioner", "vllm-offline", "--model", vllm_environment.model, *home
    )
    assert indexed.returncode == 0, indexed.stderr
    assert "12 tiles captioned, 12 stored, 0 quarantined" in indexed.stdout
    exported = vllm_environment.run("-m", "trsllava", "export", *home)
    assert [len(json.loads(line)["variants"]) for line in exported.stdout.splitlines()] == [5] * 12


@pytest.mark.parametrize(
    "model", ["Qwen/Qwen3-VL-8B-Instruct", "Qwen/Qwen2.5-VL-7B-Instruct", "llava-hf/llava-onevision-qwen2-7b-ov-hf"]
)
def test_a_real_vllm_understands_the_command_that_serve_vlm_prints(
    vllm_environment: VllmEnvironment, model: str
) -> None:
    parsed = vllm_environment.run("-c", PARSE, *serve_command(model)[2:])
    assert parsed.returncode == 0, parsed.stderr[-2000:]
    assert parsed.stdout.startswith("128 True {'image': 1, 'video': 0}")


def test_a_real_run_batch_answers_what_batch_export_writes(
    vllm_environment: VllmEnvironment, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRSLLAVA_SKIP_CHECKS", json.dumps(WORDING))
    asked = (images, tmp_path / "requests", "--model", "tiny", "--home", tmp_path / "home")
    exported = vllm_environment.run("-m", "trsllava", "batch", "export", *asked)
    assert exported.returncode == 0, exported.stderr
    requests, results = tmp_path / "requests" / "requests-00000.jsonl", tmp_path / "results.jsonl"
    run_batch = vllm_environment.run(
        Path(__file__).with_name("run_batch.py"),
        *("-i", requests, "-o", results, "--model", vllm_environment.model, "--served-model-name", "tiny"),
        *("--max-model-len=16384", "--max-num-seqs=8", "--block-size=32", "--enforce-eager"),
        *("--no-enable-chunked-prefill", "--max-num-batched-tokens=16384"),
        '--structured-outputs-config={"backend": "xgrammar", "disable_any_whitespace": true}',
    )
    assert run_batch.returncode == 0, run_batch.stderr[-3000:]
    taken = vllm_environment.run(
        *("-m", "trsllava", "batch", "import", images, results, "--model", "tiny", "--home", tmp_path / "home")
    )
    assert "12 tiles captioned, 12 stored, 0 quarantined" in taken.stdout, taken.stdout + taken.stderr
