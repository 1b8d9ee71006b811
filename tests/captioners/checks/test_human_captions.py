"""What people write passes: a check that refuses it would refuse a good model too."""

import os
from pathlib import Path

import pytest

from eval.benchmarks.checks import objections, repairs
from trsllava.captioners.imported import read_caption_file, read_rich_texts

RSICD = os.environ.get("TRSLLAVA_RSICD")


def test_the_sample_archives_captions_pass_every_check(sample_archive: Path) -> None:
    assert objections(read_rich_texts(sample_archive / "captions.jsonl").values(), north_up=True) == {}


@pytest.mark.skipif(RSICD is None, reason="TRSLLAVA_RSICD names no folder with RSICD")
def test_sentences_of_rsicd_pass_every_check_that_they_can_fail_only_by_mistake() -> None:
    """Compass words are real ones. "4% playground" is a figure. Whole sentences that stand under one picture five
    times are no variants."""
    texts = read_caption_file(Path(str(RSICD)) / "captions.jsonl").texts.values()
    alone = {v.text(): text.model_copy(update={"variants": (v,)}) for text in texts for v in text.variants}
    assert len(alone) == 18_188
    counts = {check: len(said) for check, said in objections(alone.values(), north_up=False).items()}
    assert counts == {"compass": 41, "figures": 1, "length": 6}
    together = objections(texts, north_up=True)
    assert "directions" not in together
    assert {check: len(said) for check, said in repairs(alone).items()} == {"boilerplate": 3}
