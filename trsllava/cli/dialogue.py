"""`trsllava dialogue`: dialogues as data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make dialogues about captioned images.", no_args_is_help=True, rich_markup_mode="markdown")


@app.callback()
def _group() -> None:
    """Make dialogues about captioned images."""


@app.command()
def generate(
    images: Annotated[Path, typer.Option("--images", help="Folder that image paths are relative to.")],
    captions: Annotated[Path, typer.Option("--captions", help="Human captions, in any layout of `eval retrieval`.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File for the dialogues; the same command resumes it.")
    ],
    split: Annotated[str, typer.Option("--split", help="Split of the captions.")] = "train",
    queries: Annotated[
        int, typer.Option("--queries", min=1, help="Captions of each image that begin a dialogue, the shortest first.")
    ] = 1,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Questions of a dialogue.")] = 5,
    most: Annotated[int | None, typer.Option("--most", min=1, help="Dialogues to make.  [default: all]")] = None,
) -> None:
    """Make dialogues for a training split, by rules: the simulated user knows an image's captions.

    Each line holds the first query, questions and answers, and the instructions and keywords that attribute reasoning
    reads out of them. `train diaret --dialogues FILE` learns from them.

    **Example**: `trsllava dialogue generate --images images --captions captions.jsonl -o dialogues.jsonl`
    """
    from trsllava.cli.output import check_folder_of
    from trsllava.cli.progress import shown_progress
    from trsllava.encoders.image_text import load_shipped_nano
    from trsllava.training.dialogues import generate_dialogues

    check_folder_of(output)
    with shown_progress() as progress:
        count = generate_dialogues(
            images,
            captions,
            output,
            load_shipped_nano(),
            split=split,
            queries=queries,
            most=most,
            rounds=rounds,
            progress=progress,
        )
    print(f"{count} dialogues in {output}")
