from __future__ import annotations

import io

import pytest
from rich.console import Console

from trsllava.formats.table import table


def shown(query, hits, width=120, colour=False):
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=colour, color_system="standard" if colour else None).print(
        table(query, hits)
    )
    return file.getvalue()


def test_a_hit_shows_rank_score_branches_file_labels_id_and_words(make_hit):
    text = shown("harbor with cranes", [make_hit()])

    for part in ("1", "0.7500", "dense 1", "bm25 3", "…/harbor/harbor_1.tif", "harbor, crane, ship", "00000000"):
        assert part in text
    assert "Two cranes stand at the harbor.  (caption of variant 2)" in text


def test_the_words_of_the_query_stand_out(make_hit):
    text = shown("harbor with cranes", [make_hit()], colour=True)

    assert "\x1b[1;32mcranes\x1b[0m" in text
    assert "\x1b[1;32mstand" not in text


def test_further_files_of_a_tile_are_counted(make_hit):
    assert "+2 more" in shown("x", [make_hit(paths=("/a.tif", "/b.tif", "/c.tif"))])


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(make_hit, width):
    lines = shown("x", [make_hit(paths=("/data/" + "very_long_name" * 9 + ".tif",))], width).splitlines()

    assert max(map(len, lines)) <= width


def test_markup_and_control_characters_of_captions_stay_harmless(make_hit):
    text = shown("x", [make_hit(text="[bold]red[/bold] \x1b[31malert\x07")])

    assert "[bold]red[/bold]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_without_hits_it_says_so():
    assert shown("x", []).strip() == "No tile matches."
