import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.captioners.pixels import LongestSide, Patches, Tiles, pixel_rule

SIDES = st.integers(1, 3000)


@pytest.mark.parametrize(
    ("model", "source", "final"),
    [
        ("Qwen/Qwen3-VL-8B-Instruct", (512, 512), (512, 512)),
        ("Qwen/Qwen3-VL-8B-Instruct", (224, 224), (256, 256)),
        ("Qwen/Qwen3-VL-8B-Instruct", (3000, 2000), (1024, 672)),
        ("Qwen/Qwen2.5-VL-7B-Instruct", (512, 512), (504, 504)),
        ("Qwen/Qwen2.5-VL-7B-Instruct", (224, 224), (224, 224)),
        ("lmms-lab/LLaVA-OneVision-1.5-8B-Instruct", (512, 512), (504, 504)),
        ("llava-hf/llava-onevision-qwen2-7b-ov-hf", (384, 384), (384, 384)),
        ("llava-hf/llava-onevision-qwen2-7b-ov-hf", (1000, 500), (1152, 576)),
        ("llava-hf/llava-v1.6-mistral-7b-hf", (1000, 1000), (672, 672)),
        ("llava-hf/llava-1.5-7b-hf", (1024, 512), (336, 168)),
        ("some/other-model", (2048, 1024), (1024, 512)),
    ],
)
def test_every_family_has_its_sizes(model, source, final):
    assert pixel_rule(model, 1024).size(*source) == final


@given(st.sampled_from([28, 32]), SIDES, SIDES)
def test_patch_models_get_whole_patches_within_their_bounds(factor, width, height):
    final = Patches(factor, 4 * factor**2, 1280 * factor**2, 1024).size(width, height)
    assert all(side % factor == 0 for side in final)
    thin = max(width, height) / min(width, height) > 8
    assert 4 * factor**2 <= math.prod(final)
    assert thin or math.prod(final) <= 1280 * factor**2


@given(SIDES, SIDES)
def test_a_final_size_is_final(width, height):
    for rule in (Patches(28, 3136, 12_845_056, 1024), LongestSide(700), Tiles(((384, 384), (384, 768)), 1024)):
        final = rule.size(width, height)
        if min(final) >= 28 and max(final) <= 700:
            assert rule.size(*final) == final


@given(SIDES, SIDES)
def test_a_tiled_picture_fills_one_side_of_a_canvas_and_passes_none(width, height):
    canvases = ((384, 384), (384, 768), (768, 384))
    across, down = Tiles(canvases, 4096).size(width, height)
    assert any((across == wide and down <= tall) or (down == tall and across <= wide) for tall, wide in canvases)
