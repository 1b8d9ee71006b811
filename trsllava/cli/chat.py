"""`trsllava chat`."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from trsllava.cli.options import Collection, Device, Home, QdrantUrl

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from trsllava.chat import Chat
    from trsllava.dialogue.standing import ChatHit, Standing

_HELP = 'Answer in words, yes, no, don\'t know or skip; "more like 3", "less like 2", "undo", "pick 1", "stop".'
_LONGEST = 120
"""Characters of a text that is shown."""
_ENDS = {
    "gain": "No further question would tell much.",
    "rounds": "That was the last question.",
}
_INTERRUPTED = 130
"""Exit status of a program that Ctrl-C ended."""


def chat(
    text: Annotated[str, typer.Argument(help="What to look for, however vague.", show_default=False)] = "",
    rounds: Annotated[
        int | None, typer.Option("--rounds", "-n", min=0, max=50, help="Most questions.  [default: 5]")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Number of hits to show.")] = 5,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="Keep the dialogue in this file after every step.", show_default=False),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", help="Go on with the dialogue in this file, and keep it there.", show_default=False),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: a line for where the dialogue stands after each step.")
    ] = False,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="A model server that words questions.  [env: TRSLLAVA_BASE_URL]")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model to ask there.  [env: TRSLLAVA_MODEL]")] = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Find the picture that you mean by answering a few questions.

    Answer **yes**, **no**, **don't know**, **skip**, or in your own words; say **more like 3**, **less like 2**,
    **undo**, or **pick 1** when you have found it. Answers are read from the terminal, or from a pipe, one a line.

    **Examples**

    `trsllava chat "a densely populated area"`

    `trsllava chat "a harbor" --save harbor.json` and later `trsllava chat --resume harbor.json`
    """
    import trsllava

    kept = save or resume
    settings = {"device": device, "qdrant_url": qdrant_url, "base_url": base_url, "model": model}
    with trsllava.open(home, collection, **settings) as archive:
        talk = archive.chat(text, resume=resume, k=k, rounds=rounds)
        show = _print_json if as_json else _print_standing
        try:
            _talk(talk, show, kept)
        except KeyboardInterrupt:
            _tell_where_it_is(kept)
            raise typer.Exit(_INTERRUPTED) from None


def _talk(talk: Chat, show: Callable[[Standing], None], kept: Path | None) -> None:
    """Show, ask and take answers until the dialogue ends, or they do."""
    from trsllava.cli.flags import in_flags
    from trsllava.errors import InputError

    def shown(standing: Standing) -> None:
        if kept is not None:
            talk.save(kept)
        show(standing)

    shown(talk.standing)
    answers = _answers(sys.stderr if show is _print_json else sys.stdout)
    while talk.finished is None:
        said = next(answers, None)
        if said is None:
            _tell_where_it_is(kept)
            return
        try:
            standing = talk.answer(said)
        except InputError as error:
            print(in_flags(error), file=sys.stderr)
            continue
        if standing.heard == "stop":
            _tell_where_it_is(kept)
            return
        shown(standing)


def _answers(prompts: TextIO) -> Iterator[str]:
    """What is typed, a line each. What comes from a pipe is printed, so that what was asked and said reads as one."""
    from trsllava.formats.table import printable

    typed = sys.stdin.isatty()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # bytes that are no text are told of
    while True:
        print("> ", end="", file=prompts, flush=True)
        line = sys.stdin.readline()
        if not typed or not line:
            print(printable(line.rstrip("\n")), file=prompts)
        if not line:
            return
        yield line


def _tell_where_it_is(kept: Path | None) -> None:
    told = f"Go on with `trsllava chat --resume {kept}`." if kept else "The next time, --save FILE keeps the dialogue."
    print(f"Stopped. {told}", file=sys.stderr)


def _print_json(standing: Standing) -> None:
    print(standing.model_dump_json(), flush=True)


def _print_standing(standing: Standing) -> None:
    from rich.console import Console

    from trsllava.formats.table import printable

    console = Console(highlight=False)
    for notice in standing.notices:
        console.print(printable(notice))
    if standing.heard not in ("question", "empty", "pick"):
        if standing.dialogue.turns:
            console.print(printable(f"So far: {standing.caption}"))
        console.print(_table(standing))
    if standing.finished == "picked":
        console.print(printable(f"Found: {_picked(standing)}"))
    elif standing.finished is not None:
        console.print(_ENDS[standing.finished])
        if standing.instructions:
            console.print(printable(f"In sum: {'; '.join(edit.text for edit in standing.instructions)}."))
    elif standing.question is not None:
        asked = f"{standing.round} of {standing.dialogue.settings.rounds}"
        console.print(printable(f"Question {asked}: {standing.question.text}"), style="bold")
        if standing.heard is None:
            console.print(printable(_HELP), style="dim")


def _picked(standing: Standing) -> str:
    tile = standing.dialogue.picked
    paths = [hit.paths[0] for hit in standing.hits if str(hit.tile.id) == tile]
    return paths[0] if paths else f"tile {tile}"


def _table(standing: Standing) -> RenderableType:
    """The hits: number, how each has moved, its chance, the file, and what it shows of what was told. Those that were
    shown before the last turn need not be described again."""
    from rich import box
    from rich.table import Table

    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    rows.add_column("#", justify="right", style="bold")
    rows.add_column("moved", no_wrap=True)
    rows.add_column("chance", justify="right", no_wrap=True)
    rows.add_column("tile", overflow="fold")
    rows.add_column("what it shows", ratio=1)
    for hit in standing.hits:
        known = hit.before is not None and hit.before <= len(standing.hits)
        text = "" if known and (hit.agrees or hit.differs) else _shortened(hit.text)
        shown = _shown(text, hit, standing.caption)
        rows.add_row(str(hit.rank), _moved(hit), f"{hit.chance:.0%}", _tile(hit), shown)
    return rows


def _moved(hit: ChatHit) -> str:
    if hit.before is None or hit.before == hit.rank:
        return "" if hit.before is None else "="
    up = hit.before > hit.rank
    return f"{'▲' if up else '▼'} from {hit.before}"


def _tile(hit: ChatHit) -> Text:
    from trsllava.formats.table import printable

    cell = printable("/".join(["…", *hit.paths[0].split("/")[-2:]]) if hit.paths else "")
    return cell.append(f"\n{str(hit.tile.id)[:8]}", "dim")


def _shown(text: str, hit: ChatHit, caption: str) -> Text:
    from rich.text import Text

    from trsllava.formats.highlight import marked
    from trsllava.formats.table import printable

    words = Text()
    for piece, wanted in marked(text, caption):
        words.append_text(Text(piece, "bold green") if wanted else printable(piece))
    lines = [words] if text else []
    if hit.agrees:
        lines.append(printable(f"as told: {', '.join(hit.agrees)}"))
    if hit.differs:
        lines.append(printable(f"but: {', '.join(hit.differs)}"))
    return Text("\n").join(lines)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"
