import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from eval.benchmarks.typos import TOLERANCES, TYPISTS, main, mistyped, one_typo


@settings(deadline=None)
@given(st.text(alphabet="abcxyz", min_size=2, max_size=12), st.integers())
def test_a_typo_is_one_slip_and_never_none(word, seed):
    assert OSA.distance(word, mistyped(word, random.Random(seed))) == 1


def test_one_content_word_is_mistyped_and_its_punctuation_kept():
    typed = one_typo("There is a large harbor.", random.Random(1)).split()
    meant = ["There", "is", "a", "large", "harbor."]
    assert sum(a != b for a, b in zip(typed, meant, strict=True)) == 1
    assert typed[:3] == meant[:3]
    assert typed[-1].endswith(".")


@pytest.fixture
def captions(tmp_path):
    rows = [
        {"image": "a.jpg", "split": "val", "captions": ["a grey ship at a quay", "a ship in the harbor"]},
        {"image": "b.jpg", "split": "val", "captions": ["a green field", "farmland and a field seen from above"]},
        {"image": "c.jpg", "split": "val", "captions": ["a wide road with cars", "traffic on a road with many cars"]},
    ]
    (tmp_path / "captions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path / "captions.jsonl"


def test_every_typist_is_measured_as_typed_and_repaired_in_every_branch(captions, capsys):
    main(["--captions", str(captions)])
    out = capsys.readouterr().out
    for name in TYPISTS:
        assert out.count(f"\n| {name} |") == out.count(f"\n| {name}, repaired |") == 3


def test_choosing_tries_every_tolerance(captions, capsys):
    main(["--captions", str(captions), "--choose"])
    out = capsys.readouterr().out
    assert out.count(" of 3 |") == len(TOLERANCES)
    assert out.count("(chosen)") == 1
