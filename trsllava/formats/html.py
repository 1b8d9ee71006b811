"""Hits as one HTML file that needs nothing else: thumbnails and styles are inside, there are no scripts."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import PurePosixPath
from urllib.parse import quote

from trsllava.formats.flat import FIELD_NAMES, branches_of, timestamp
from trsllava.formats.highlight import marked
from trsllava.records import BranchScore, Footprint, Hit, Part

BRANCH_NAMES: dict[Part, str] = {
    "dense": "Meaning",
    "bm25": "Words",
    "image": "Image",
    "by_image": "Like the picture",
    "by_text": "As the text says",
    "without": "Without what it excludes",
    "rerank": "Second look",
}
"""What the branches look at, for people who do not know their names."""


def html_page(query: str, hits: Sequence[Hit], thumbnails: Mapping[str, bytes | str], heading: str = "") -> str:
    """A page of cards, best hit first: picture, score split by branch, matching words, labels, place and time.

    `thumbnails` maps a tile's id to its JPEG, or to the reason why there is none; a tile that is left out has
    "no picture". `heading` stands in place of the query above the hits. Everything is escaped, and the page's
    policy forbids scripts and anything from the network.
    """
    branches = branches_of(hits)
    longest = max((_positive(hit) for hit in hits), default=0.0)
    cards = "\n".join(
        _card(rank, hit, query, thumbnails.get(str(hit.tile.id), "no picture"), longest)
        for rank, hit in enumerate(hits, start=1)
    )
    legend = "".join(f'<span class="key {branch}">{BRANCH_NAMES[branch]}</span>' for branch in branches)
    count = f"{len(hits)} hit" if len(hits) == 1 else f"{len(hits)} hits"
    style = files(__package__).joinpath("page.css").read_text("utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="trsllava">
<title>{escape(heading or query)} – trsllava</title>
<style>
{style}</style>
</head>
<body>
<header>
<p class="brand">trsllava</p>
<h1>{escape(heading or query)}</h1>
<p class="summary"><span>{count}</span>{legend}</p>
</header>
<main>
{cards or '<p class="nothing">No tile matches.</p>'}
</main>
</body>
</html>
"""


def _card(rank: int, hit: Hit, query: str, thumbnail: bytes | str, longest: float) -> str:
    path = PurePosixPath(hit.paths[0])
    more = f' <span class="more">+{len(hit.paths) - 1} more</span>' if len(hit.paths) > 1 else ""
    more += f' <span class="more">+{hit.merged} overlapping</span>' if hit.merged else ""
    link = f"file://{quote(str(path), errors='surrogateescape')}"
    labels = "".join(f"<li>{_words(label, query)}</li>" for label in hit.labels)
    return f"""<article id="{hit.tile.id}">
<a class="picture" href="{escape(link)}" tabindex="-1">{_picture(path.name, thumbnail)}<b class="rank">{rank}</b></a>
<div class="text">
{_score(hit, longest)}
<blockquote>{_words(hit.why.text, query)}</blockquote>
<p class="source">{FIELD_NAMES[hit.why.field]} of variant {hit.why.variant + 1}{_id(hit)}</p>
{f'<ul class="labels">{labels}</ul>' if labels else ""}
<footer>
<a class="file" href="{escape(link)}" title="{escape(str(path))}">{escape(_tail(path))}</a>{more}{_place(hit)}
</footer>
</div>
</article>"""


def _score(hit: Hit, longest: float) -> str:
    """Nothing for a hit that no branch scored: it was chosen, not found."""
    if not hit.branches:
        return ""
    fused = f'<strong title="fused score">{hit.score:.4f}</strong>'
    return f"""<div class="score">{fused}{_chance(hit)}{_bar(hit, longest)}</div>
<p class="branches">{_branches(hit)}</p>"""


def _picture(name: str, thumbnail: bytes | str) -> str:
    if isinstance(thumbnail, str):
        return f'<span class="missing"><span>{escape(thumbnail)}</span></span>'
    data = base64.b64encode(thumbnail).decode("ascii")
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(name)}" loading="lazy">'


def _positive(hit: Hit) -> float:
    return sum(max(0.0, said.share) for said in hit.branches.values())


def _bar(hit: Hit, longest: float) -> str:
    """Each branch's share, drawn to one scale on the whole page. A share below zero has no length: z-scores have
    such, and the line under the bar names it."""
    parts = "".join(
        f'<i class="{branch}" style="width:{100 * hit.branches[branch].share / longest:.2f}%"></i>'
        for branch in branches_of([hit])
        if hit.branches[branch].share > 0
    )
    return f'<span class="bar" aria-hidden="true">{parts}</span>'


def _branches(hit: Hit) -> str:
    return "".join(_said(branch, hit.branches[branch]) for branch in branches_of([hit]))


def _said(branch: Part, said: BranchScore) -> str:
    score = "not known" if said.score is None else f"score {said.score:.4f}"
    place = "–" if said.rank is None else f"#{said.rank}"
    loss = "" if said.share >= 0 else f" ({said.share:.2f})"
    title = f"{branch}: {score}, share {said.share:.4f}"
    return f'<span class="key {branch}" title="{title}">{BRANCH_NAMES[branch]} {place}{loss}</span>'


def _words(text: str, query: str) -> str:
    return "".join(
        f"<mark>{escape(piece)}</mark>" if wanted else escape(piece) for piece, wanted in marked(text, query)
    )


def _id(hit: Hit) -> str:
    return f'<code title="{hit.tile.id}">{str(hit.tile.id)[:8]}</code>'


def _tail(path: PurePosixPath) -> str:
    return "/".join(path.parts[-2:]) if len(path.parts) > 2 else str(path)


def _place(hit: Hit) -> str:
    place = _coordinates(hit.tile.footprint) if hit.tile.footprint else ""
    time = timestamp(hit.tile.acquired)
    when = f'<time datetime="{time}">{time[:10]}</time>' if time else ""
    return f'<span class="where">{place}{when}</span>' if place or when else ""


def _coordinates(box: Footprint) -> str:
    latitude = (box.south + box.north) / 2
    longitude = ((box.west + box.unwrapped_east) / 2 + 180) % 360 - 180
    shown = (
        f"{abs(latitude):.4f}°{'N' if latitude >= 0 else 'S'} {abs(longitude):.4f}°{'E' if longitude >= 0 else 'W'}"
    )
    marker = f"mlat={latitude:.5f}&mlon={longitude:.5f}#map=14/{latitude:.5f}/{longitude:.5f}"
    link = escape(f"https://www.openstreetmap.org/?{marker}")
    return f'<a href="{link}" rel="noreferrer" title="on OpenStreetMap">{shown}</a>'


def _chance(hit: Hit) -> str:
    if hit.relevance is None:
        return ""
    return f'<span title="chance that this is right">{hit.relevance:.0%}</span>'
