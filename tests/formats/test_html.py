from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from trsllava.formats.html import html_page
from trsllava.records import BranchScore, Footprint

VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Elements, attributes and text of a page; complains of tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.images, self.text = [], [], [], [], ""
        self.marks, self.bars = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attributes = dict(attrs)
        if tag == "a":
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes["src"])
        if tag == "i":
            self.bars.append((attributes["class"], attributes["style"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data
        if self.open and self.open[-1] == "mark":
            self.marks.append(data)


def page(query, hits, thumbnails=None):
    return Page(html_page(query, hits, thumbnails or {}))


def test_a_card_shows_score_branches_words_labels_place_and_time(make_hit):
    shown = page("harbor with cranes", [make_hit()])

    for part in (
        "harbor with cranes",
        "1 hit",
        "0.7500",
        "Meaning #1",
        "Words #3",
        "Two cranes stand at the harbor.",
        "caption of variant 2",
        "crane",
        "harbor/harbor_1.tif",
        "51.6250°N 4.3750°E",
        "2024-05-17",
    ):
        assert part in shown.text
    assert shown.marks == ["cranes", "harbor", "harbor", "crane"]


def test_thumbnails_are_inside_of_the_page(make_hit):
    hit = make_hit()
    shown = page("x", [hit], {str(hit.tile.id): b"\xff\xd8 a picture"})

    assert shown.images == ["data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8 a picture").decode()]


def test_a_picture_that_cannot_be_read_is_replaced_by_the_reason(make_hit):
    hit = make_hit()
    shown = page("x", [hit, make_hit(2)], {str(hit.tile.id): "cannot read <x>: the file is empty"})

    assert shown.images == []
    assert "cannot read <x>: the file is empty" in shown.text
    assert "no picture" in shown.text


def test_nothing_is_loaded_and_nothing_is_run(make_hit):
    text = html_page("x", [make_hit()], {})

    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text
    assert not re.search(r"<(script|link|iframe)|url\(|@import| on\w+=", text)
    assert {"script", "link", "iframe"}.isdisjoint(Page(text).tags)


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b &lt; c"])
def test_whatever_is_written_anywhere_is_shown_and_not_obeyed(make_hit, evil):
    hit = make_hit(text=evil, labels=(evil,), paths=(f"/data/{evil}/{evil}.tif", "/b.tif"))
    plain = page("x", [make_hit(paths=("/data/a/b.tif", "/b.tif"), labels=("a",))])

    shown = page(evil, [hit], {str(hit.tile.id): evil})

    elements = [tag for tag in shown.tags if tag != "mark"]
    assert elements == [tag for tag in plain.tags if tag != "mark"]
    assert shown.text.count(evil) >= 4


def test_links_lead_to_the_file_and_to_a_map(make_hit):
    shown = page("x", [make_hit(paths=("/data/my scenes/50% #1?.tif",))])

    assert "file:///data/my%20scenes/50%25%20%231%3F.tif" in shown.links
    map_link = "https://www.openstreetmap.org/?mlat=51.62500&mlon=4.37500#map=14/51.62500/4.37500"
    assert map_link in shown.links


def test_the_centre_of_a_box_across_the_dateline_is_at_the_dateline(make_hit):
    shown = page("x", [make_hit(footprint=Footprint(west=179, south=-2, east=-177, north=-1))])

    assert "1.5000°S 179.0000°W" in shown.text


def test_a_hit_without_place_and_time_shows_none(make_hit):
    shown = page("x", [make_hit(footprint=None, acquired=None)])

    assert "°" not in shown.text
    assert not any("openstreetmap" in link for link in shown.links)


def test_bars_are_drawn_to_one_scale(make_hit):
    lesser = {
        "dense": BranchScore(score=0.4, rank=2, share=0.15),
        "image": BranchScore(score=0.1, rank=9, share=0.3),
    }
    shown = page("x", [make_hit(), make_hit(2, branches=lesser)])

    assert shown.bars == [
        ("dense", "width:66.67%"),
        ("bm25", "width:33.33%"),
        ("dense", "width:20.00%"),
        ("image", "width:40.00%"),
    ]


def test_a_share_below_zero_has_no_length_but_is_named(make_hit):
    branches = {"dense": BranchScore(score=0.4, rank=2, share=-0.15)}
    shown = page("x", [make_hit(branches=branches)])

    assert shown.bars == []
    assert "Meaning #2 (-0.15)" in shown.text


def test_without_hits_it_says_so():
    assert "No tile matches." in page("x", []).text
