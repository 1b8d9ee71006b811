"""The report as Markdown and as a page."""

import base64
import re
from html.parser import HTMLParser

import pytest

from eval.leakage import Leakage, TextOverlap
from eval.publishing.curves import curves
from eval.publishing.markdown import markdown_report
from eval.publishing.page import html_report, pictures_of
from eval.publishing.sections import sections

VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Elements and text of a page; complains of tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.images, self.ids, self.links, self.focus, self.text = [], [], [], [], [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.images += [found["src"]] if tag == "img" else []
        self.links += [found["href"]] if tag == "a" else []
        self.ids += [found["id"]] if "id" in found else []
        self.focus += [found["aria-label"]] if found.get("tabindex") == "0" and "aria-label" in found else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


@pytest.fixture
def runs(make_run):
    leakage = Leakage(
        captions="list.jsonl",
        split="train",
        documents=TextOverlap(texts=4, verbatim=1, normalised=3),
        queries=TextOverlap(texts=8, verbatim=0, normalised=0),
        pictures=None,
    )
    quay = dict.fromkeys(["a.png", "b.png", "c.png", "d.png"], "a quay")
    return [make_run("<i>good</i> | dense", leakage=leakage), make_run("bad", quay)]


def test_the_page_is_well_formed_and_loads_and_runs_nothing(runs):
    text = html_report(sections(runs), {})
    page = Page(text)
    assert {"script", "link", "iframe"}.isdisjoint(page.tags)
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text
    assert not re.search(r"url\(|@import| on\w+=", text)
    assert "i" not in [tag for tag in page.tags if tag != "i"]


def test_what_is_written_in_names_and_captions_is_shown_and_not_obeyed(runs):
    text = html_report(sections(runs), {})
    assert "<i>good</i>" not in text
    assert "<b>cranes</b>" not in text
    assert "two <b>cranes</b> & a ship" in Page(text).text


def test_tables_are_reached_with_the_keyboard_and_tasks_by_links(runs):
    page = Page(html_report(sections(runs), {}))
    assert {"Figures: Human queries on split 'test'", "Significance", "mR by class"} <= set(page.focus)
    assert all(link[1:] in page.ids for link in page.links)


def test_pictures_of_the_worst_queries_are_inside_of_the_page(runs):
    tasks = sections(runs)
    wanted = pictures_of(tasks)
    assert wanted
    pictures = {path: b"\xff\xd8" + path.encode() for path in wanted[1:]} | {wanted[0]: "the file <is> damaged"}
    page = Page(html_report(tasks, pictures))
    shown = {"data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8" + path.encode()).decode() for path in wanted[1:]}
    assert set(page.images) == shown
    assert "the file <is> damaged" in page.text


def test_both_reports_tell_the_figures_the_protocol_the_difference_and_how_to_repeat_it(runs):
    tasks = sections(runs)
    for text in (Page(html_report(tasks, {})).text, markdown_report(tasks)):
        for part in (
            f"{runs[0].report.mR:.2f}",
            "ransductive",
            "racle",
            "captioner (teller): not stated",
            "95 % interval",
            "port",
            "trsllava eval retrieval --captions 'my captions.jsonl'",
            "sha256 " + "0" * 64,
            "word for word, without case and punctuation, 3 (75.0%)",
            "not looked for",
        ):
            assert part in text


def test_markdown_tables_keep_their_columns(runs):
    tables = re.findall(r"(?:^\|.*\|$\n?)+", markdown_report(sections(runs)), re.MULTILINE)
    assert len(tables) >= 5
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_a_single_run_has_nothing_to_be_compared_with(make_run):
    tasks = sections([make_run()])
    assert "more than chance" not in html_report(tasks, {})
    assert "more than chance" not in markdown_report(tasks)


def test_a_curve_is_a_picture_with_words(make_run):
    drawn = curves([make_run("<a>"), make_run("b")], "t2i", "Recall over K")
    page = Page(drawn)
    assert page.tags.count("polyline") == 2
    assert f"<a>: {make_run().report.t2i['R@1']:.1f} at 1, 100.0 at 3" in page.text


def test_runs_without_a_curve_have_no_picture(make_run):
    run = make_run()
    bare = {way: side.model_copy(update={"curve": {}}) for way, side in run.outcomes.items()}
    assert curves([run.model_copy(update={"outcomes": bare})], "t2i", "Recall over K") == ""
