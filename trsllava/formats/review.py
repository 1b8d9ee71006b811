"""A sample of captions as one HTML file to judge them in: pictures, texts, radio buttons, and a script that saves."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import PurePosixPath

from trsllava.records import RichCaption, RichText, TileRecord

FIELDS = {"one_sentence": "One sentence", "feature": "Features", "caption": "Caption"}


def review_page(collection: str, records: Sequence[TileRecord], pictures: Mapping[str, bytes | str]) -> str:
    """A page of cards, one for each record with a text. `pictures` maps a tile's id to its JPEG, or to the reason why
    there is none. Everything is escaped; the page's policy forbids everything from the network."""
    resources = files(__package__)
    cards = "\n".join(
        _card(number, record, record.text, pictures.get(str(record.tile.id), "no picture"))
        for number, record in enumerate(records, start=1)
        if record.text is not None
    )
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="generator" content="trsllava">
<title>Review of {escape(collection)} – trsllava</title>
<style>
{resources.joinpath("review.css").read_text("utf-8")}</style>
</head>
<body data-collection="{escape(collection)}">
<header>
<h1>Review of {escape(collection)}</h1>
<p>Accept a text when everything in it can be seen in the picture and nothing important is missing or wrong.
Keys: <kbd>a</kbd> accept, <kbd>r</kbd> reject, <kbd>j</kbd> and <kbd>k</kbd> next and previous.</p>
<p class="bar"><span id="count"></span> <button id="save" type="button">Save verdicts</button></p>
</header>
<main>
{cards or "<p>No captioned tile.</p>"}
</main>
<footer><p>If no file is saved, copy this into one:</p><pre id="verdicts"></pre></footer>
<script>
{resources.joinpath("review.js").read_text("utf-8")}</script>
</body>
</html>
"""


def _card(number: int, record: TileRecord, text: RichText, picture: bytes | str) -> str:
    tile = str(record.tile.id)
    name = PurePosixPath(record.paths[0]).name if record.paths else tile
    variants = "\n".join(_variant(count, variant) for count, variant in enumerate(text.variants, start=1))
    labels = "".join(f"<li>{escape(label)}</li>" for label in text.labels)
    return f"""<article data-tile="{tile}" data-text="{text.digest()}" tabindex="-1">
<figure>{_picture(name, picture)}<figcaption>{number}. {escape(name)}</figcaption></figure>
<div>
<ul class="labels">{labels}</ul>
{variants}
<fieldset>
<legend>Is this text true of the picture?</legend>
<label><input type="radio" name="{tile}" value="accept"> accept</label>
<label><input type="radio" name="{tile}" value="reject"> reject</label>
<input type="text" class="note" placeholder="what is wrong" aria-label="what is wrong">
</fieldset>
</div>
</article>"""


def _variant(number: int, variant: RichCaption) -> str:
    rows = "".join(f"<dt>{FIELDS[name]}</dt><dd>{escape(words)}</dd>" for name, words in variant.fields().items())
    return f"<section><h2>Variant {number}</h2><dl>{rows}</dl></section>"


def _picture(name: str, picture: bytes | str) -> str:
    if isinstance(picture, str):
        return f'<span class="missing">{escape(picture)}</span>'
    data = base64.b64encode(picture).decode("ascii")
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(name)}">'
