"""Hits as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from trsllava.formats.flat import BRANCHES, FIELD_NAMES, near_words
from trsllava.formats.highlight import marked
from trsllava.records import Hit


def table(query: str, hits: Sequence[Hit]) -> RenderableType:
    """A table: rank, score with each branch's rank, the tile (file, labels, the first 8 digits of its id, which
    `trsllava show` takes) and the words that matched best."""
    if not hits:
        return Text("No tile matches.")
    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    rows.add_column("#", justify="right", style="bold")
    rows.add_column("score", justify="right", no_wrap=True)
    rows.add_column("tile", overflow="fold", ratio=2)
    rows.add_column("matching words", ratio=3)
    for rank, hit in enumerate(hits, start=1):
        rows.add_row(str(rank), _score(hit), _tile(hit), _why(hit, query))
    return rows


def printable(text: str) -> Text:
    """Text without markup and without control characters: captions and file names come from anywhere."""
    return Text("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text))


def _score(hit: Hit) -> Text:
    ranks = [f"{branch} {hit.branches[branch].rank or '–'}" for branch in BRANCHES if branch in hit.branches]
    chance = [] if hit.relevance is None else [(f"\n{hit.relevance:.0%} likely", "bold")]
    return Text.assemble(f"{hit.score:.4f}", *chance, *((f"\n{rank}", "dim") for rank in ranks))


def _tile(hit: Hit) -> Text:
    """Of the file its name and folder: enough to know it again, where the whole path would fill the line."""
    parts = hit.paths[0].split("/")
    cell = printable("/".join(parts[-2:]) if len(parts) <= 3 else "…/" + "/".join(parts[-2:]))
    if len(hit.paths) > 1:
        cell.append(f" +{len(hit.paths) - 1} more", "dim")
    if hit.merged:
        cell.append(f"\n+{hit.merged} overlapping tile{'s' if hit.merged > 1 else ''}", "dim")
    if hit.labels:
        cell.append("\n").append_text(printable(", ".join(hit.labels)))
    if hit.near:
        cell.append(f"\n{near_words(hit.near)}", "dim")
    return cell.append(f"\n{str(hit.tile.id)[:8]}", "dim")


def _why(hit: Hit, query: str) -> Text:
    words = Text()
    for piece, wanted in marked(hit.why.text, query):
        words.append_text(Text(piece, "bold green") if wanted else printable(piece))
    return words.append(f"  ({FIELD_NAMES[hit.why.field]} of variant {hit.why.variant + 1})", "dim")
