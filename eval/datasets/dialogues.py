"""Ready-made dialogues as ChatIR and PlugIR publish them (`LAYOUT`).

PlugIR's reformulated files (`…_reconed.json`) hold whole captions, one a round: each is evaluated alone. Turns are
never taken apart: many have no question mark, or several.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from eval.datasets.captions import read_json
from trsllava.errors import CaptionFileError
from trsllava.validation import first_fault

LAYOUT = '[{"img": "a.jpg", "dialog": ["a harbor", "are there boats? yes, many", …]}]'
Turns = Literal["appended", "whole"]
"""What each entry of a dialogue is: something more to know, or all that is known."""
_SEPARATOR = ", "
"""As ChatIR's program joins them."""


class ReadyDialogue(BaseModel):
    """One dialogue."""

    model_config = ConfigDict(frozen=True)

    image: Annotated[str, StringConstraints(min_length=1)] = Field(alias="img")
    dialog: tuple[str, ...] = Field(min_length=1)

    def captions(self, turns: Turns) -> tuple[str, ...]:
        """What is known after each round, from the first caption alone."""
        if turns == "whole":
            return self.dialog
        return tuple(_SEPARATOR.join(self.dialog[: number + 1]) for number in range(len(self.dialog)))


_FILE = TypeAdapter(tuple[ReadyDialogue, ...])


def read_dialogues(path: Path) -> tuple[ReadyDialogue, ...]:
    """Raises CaptionFileError, with the place, for a file that is none, or whose dialogues differ in length."""
    try:
        found = _FILE.validate_python(read_json(path))
    except ValidationError as error:
        raise CaptionFileError(f"{path}: {first_fault(error)}. Dialogues look like {LAYOUT}.") from error
    if not found:
        raise CaptionFileError(f"{path} has no dialogue. Dialogues look like {LAYOUT}.")
    lengths = {len(dialogue.dialog) for dialogue in found}
    if len(lengths) > 1:
        raise CaptionFileError(
            f"{path}: dialogues have {min(lengths)} to {max(lengths)} entries; figures by round need as many of each."
        )
    return found


def turns_of(path: Path) -> Turns:
    """By the file's name, as PlugIR names its files."""
    return "whole" if path.stem.endswith("_reconed") else "appended"
