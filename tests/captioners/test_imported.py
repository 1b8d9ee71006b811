from __future__ import annotations

import json
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.captioners.imported import CaptionFile, read_caption_file, read_rich_texts, rich_text_line
from trsllava.errors import CaptionFileError
from trsllava.records import RichCaption, RichText

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20)
CAPTIONS = st.builds(RichCaption, one_sentence=WORDS, feature=st.lists(WORDS, max_size=3).map(tuple), caption=WORDS)
TEXTS = st.builds(RichText, variants=st.lists(CAPTIONS, min_size=1, max_size=5).map(tuple), model=WORDS)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_plain_captions_fill_the_caption_field(tmp_path: Path) -> None:
    file = write(tmp_path / "c.jsonl", '{"image": "a/b.png", "captions": ["two ships", "a quay"], "model": "m"}')
    text = read_rich_texts(file)["a/b.png"]
    assert [variant.caption for variant in text.variants] == ["two ships", "a quay"]
    assert text.model == "m"


def test_rsrt_variants_and_labels_are_read(tmp_path: Path) -> None:
    line = '{"image": "a.png", "variants": [{"one_sentence": "A quay.", "feature": ["crane"]}], "labels": ["port"]}'
    text = read_rich_texts(write(tmp_path / "c.jsonl", line))["a.png"]
    assert text.variants[0].text() == "A quay. crane."
    assert text.labels == ("port",)


@given(text=TEXTS)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, text: RichText) -> None:
    file = write(tmp_path_factory.mktemp("c") / "c.jsonl", rich_text_line("a.png", text))
    assert read_rich_texts(file) == {"a.png": text}


def test_a_malformed_line_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    file = write(
        tmp_path / "c.jsonl",
        '{"image": "a.png", "captions": ["fine"]}',
        '{"image": "b.png", "captions": ["cut',
        "",
        '{"image": "c.png"}',
        '{"captions": ["of nothing"]}',
        '{"image": "d.png", "captions": [""]}',
        '{"image": "a.png", "captions": ["again"]}',
    )
    found = read_caption_file(file)
    assert list(found.texts) == ["a.png"]
    assert [error.split(":")[0] for error in found.errors] == [f"{file}, line {n}" for n in (2, 4, 5, 6, 7)]
    with pytest.raises(CaptionFileError, match="line 2"):
        read_rich_texts(file)


def test_windows_and_dotted_paths_name_the_same_image(tmp_path: Path) -> None:
    file = write(tmp_path / "c.jsonl", r'{"image": ".\\a\\b.png", "captions": ["x"]}')
    assert list(read_rich_texts(file)) == ["a/b.png"]


def test_a_missing_or_binary_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CaptionFileError, match="No such file"):
        read_caption_file(tmp_path / "none.jsonl")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaptionFileError, match="not UTF-8"):
        read_caption_file(tmp_path / "b.jsonl")


@pytest.mark.parametrize(
    "line",
    [
        '{"image": "a.png", "variants": 5}',
        '{"image": "a.png", "variants": null}',
        '{"image": "a.png", "captions": ["x"], "labels": 5}',
        '{"image": "a.png", "captions": ["x"], "labels": "harbor"}',
        '{"image": "a.png", "captions": ["\\ud800 road"]}',
        '{"image": "a.png", "captions": ' + "[" * 100_000,
    ],
)
def test_a_line_of_a_wrong_form_is_named_like_any_other(tmp_path: Path, line: str) -> None:
    file = write(tmp_path / "c.jsonl", line, '{"image": "b.png", "captions": ["fine"]}')
    found = read_caption_file(file)
    assert list(found.texts) == ["b.png"]
    (error,) = found.errors
    assert "line 1" in error


def test_a_byte_order_mark_and_an_empty_caption_beside_a_good_one_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"image": "a.png", "captions": ["", "fine"]}', encoding="utf-8-sig")
    assert len(read_rich_texts(tmp_path / "c.jsonl")["a.png"].variants) == 1


def names(tmp_path: Path, root: Path, *images: str) -> list[str]:
    lines = [json.dumps({"image": image, "captions": ["a quay"]}) for image in images]
    return list(read_caption_file(write(tmp_path / "c.jsonl", *lines)).below(root).texts)


def test_absolute_paths_inside_the_folder_are_made_relative_to_it(tmp_path: Path) -> None:
    root = tmp_path / "images"
    assert names(tmp_path, root, f"{root}/sub/a.png", f"{root}/sub/../b.tif#0,0,32,32", "c.png") == [
        "sub/a.png",
        "b.tif#0,0,32,32",
        "c.png",
    ]


def test_absolute_paths_elsewhere_stay_as_they_are(tmp_path: Path) -> None:
    elsewhere = [f"{tmp_path}/other/a.png", f"{tmp_path}/images2/a.png", "/a.png"]
    assert names(tmp_path, tmp_path / "images", *elsewhere) == elsewhere


def test_an_absolute_path_is_matched_through_links_on_either_side(tmp_path: Path) -> None:
    (tmp_path / "real" / "sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for named, root in (("link", "real"), ("real", "link")):
        assert names(tmp_path, tmp_path / root, f"{tmp_path}/{named}/sub/a.png") == ["sub/a.png"]


def test_an_absolute_path_is_matched_whichever_unicode_form_names_the_folder(tmp_path: Path) -> None:
    root = tmp_path / normalize("NFD", "Zürich")
    assert names(tmp_path, root, f"{tmp_path}/{normalize('NFC', 'Zürich')}/a.png") == ["a.png"]


def test_of_an_absolute_and_a_relative_name_of_one_image_the_first_counts(tmp_path: Path) -> None:
    lines = [f'{{"image": "{image}", "captions": ["{image[:1]}"]}}' for image in ("a.png", f"{tmp_path}/a.png")]
    found = read_caption_file(write(tmp_path / "c.jsonl", *lines)).below(tmp_path)
    assert found.texts["a.png"].texts() == ["a"]
    assert ["was captioned before as a.png" in error for error in found.errors] == [True]


@given(name=WORDS.filter(lambda name: "/" not in name), forms=st.permutations(["NFC", "NFD"]))
def test_a_name_is_found_in_any_unicode_form(name: str, forms: list[Literal["NFC", "NFD"]]) -> None:
    file = CaptionFile(Path("c.jsonl"), {normalize(forms[0], name): RichText(variants=(RichCaption(caption="x"),))})
    assert file.name_of(normalize(forms[1], name)) == normalize(forms[0], name)
    assert file.name_of(name + "x") is None


def test_the_exact_name_comes_before_another_form_of_it() -> None:
    composed, decomposed = normalize("NFC", "Zürich"), normalize("NFD", "Zürich")
    text = RichText(variants=(RichCaption(caption="x"),))
    file = CaptionFile(Path("c.jsonl"), {decomposed: text, composed: text})
    assert (file.name_of(composed), file.name_of(decomposed)) == (composed, decomposed)
