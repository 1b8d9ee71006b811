import json

import pytest

from trsllava.captioners.serving import engine_options, serve_command
from trsllava.errors import InputError


def option(command: list[str], name: str) -> str | None:
    return next((word.partition("=")[2] for word in command if word.startswith(f"--{name}=")), None)


@pytest.mark.parametrize(
    "model",
    ["Qwen/Qwen3-VL-8B-Instruct", "Qwen/Qwen2.5-VL-7B-Instruct", "llava-hf/llava-onevision-qwen2-7b-ov-hf", "a/b"],
)
def test_every_server_takes_one_picture_keeps_the_instructions_and_writes_no_idle_white_space(model):
    command = serve_command(model)
    assert command[:3] == ["vllm", "serve", model]
    assert json.loads(option(command, "limit-mm-per-prompt") or "") == {"image": 1, "video": 0}
    assert "--enable-prefix-caching" in command
    assert json.loads(option(command, "structured-outputs-config") or "")["disable_any_whitespace"] is True


@pytest.mark.parametrize(
    ("model", "least", "most"),
    [("Qwen/Qwen3-VL-8B-Instruct", 65536, 1024**2), ("Qwen/Qwen2.5-VL-7B-Instruct", 3136, 1036**2)],
)
def test_a_qwen_sets_memory_aside_for_the_pictures_that_are_sent_and_no_larger_ones(model, least, most):
    size = {"size": {"shortest_edge": least, "longest_edge": most}}
    assert json.loads(option(serve_command(model), "mm-processor-kwargs") or "") == size
    assert engine_options(model)["mm_processor_kwargs"] == size


def test_a_model_of_fixed_size_is_given_no_pixel_limits():
    assert option(serve_command("llava-hf/llava-onevision-qwen2-7b-ov-hf"), "mm-processor-kwargs") is None


def test_a_model_with_a_short_context_keeps_to_it():
    assert option(serve_command("llava-hf/llava-1.5-7b-hf"), "max-model-len") == "4096"
    assert option(serve_command("lmms-lab/LLaVA-OneVision-1.5-8B-Instruct"), "max-model-len") == "12288"


def test_copies_and_spread_are_named_where_there_are_any():
    assert option(serve_command("a/b"), "data-parallel-size") is None
    command = serve_command("a/b", tensor_parallel=2, data_parallel=4, slots=64)
    names = ("tensor-parallel-size", "data-parallel-size", "max-num-seqs")
    assert [option(command, name) for name in names] == ["2", "4", "64"]


@pytest.mark.parametrize("model", ["", " ", "--evil", "-q"])
def test_what_is_no_model_gives_no_command(model):
    with pytest.raises(InputError, match="is not a model"):
        serve_command(model)
