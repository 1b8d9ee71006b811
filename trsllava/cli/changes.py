"""What `trsllava query --change` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trsllava.records import TileRecord
    from trsllava.search.changes import Change


def print_changes(found: Sequence[Change], *, as_json: bool) -> None:
    """Each place with its two dates, most changed first."""
    if as_json:
        sides = [{"before": one.before.model_dump(mode="json"), "after": one.after.model_dump(mode="json")}
                 for one in found]  # fmt: skip
        print(json.dumps([{"score": one.score} | side for one, side in zip(found, sides, strict=True)], indent=2))
        return
    if not found:
        print("No place has tiles of both times. Times are those of `trsllava show`; footprints must overlap by half.")
    for number, one in enumerate(found, start=1):
        print(f"{number:>3}  {one.score:+.2f}")
        for title, record in (("before", one.before), ("after", one.after)):
            print(f"     {title:6}  {_line(record)}")


def _line(record: TileRecord) -> str:
    sentence = next(iter(record.text.texts()), "") if record.text else ""
    return f"{record.tile.acquired:%Y-%m-%d}  {record.tile.id}  {record.paths[0] if record.paths else ''}  {sentence}"
