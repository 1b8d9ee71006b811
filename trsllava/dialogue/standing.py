"""Where a dialogue stands: what the terminal, Python programs and the service show of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from trsllava.dialogue.attributes import AttributeTable, concepts
from trsllava.dialogue.questions.wording import spoken
from trsllava.dialogue.reasoning import rules
from trsllava.dialogue.reasoning.instructions import AtomicInstruction
from trsllava.dialogue.session import DialogueHit, End, Session
from trsllava.dialogue.state import Dialogue, Question
from trsllava.dialogue.statements import Verdict, verdicts
from trsllava.records import Record, Tile, TileRecord

Heard = Literal["answer", "undo", "pick", "stop", "question", "empty"]
"""What the last step was taken for; the last three change nothing."""
_SEEN = 0.5
"""Chance from which a tile is said to show something."""


class ChatHit(Record):
    """A tile as the dialogue ranks it."""

    rank: int
    """From 1."""
    before: int | None
    """Its rank before the last turn; None before the first."""
    chance: float = Field(ge=0, le=1)
    """That it is the one, as far as the dialogue knows."""
    tile: Tile
    paths: tuple[str, ...]
    labels: tuple[str, ...]
    text: str
    """The text of it that has most in common with what is known of the picture."""
    agrees: tuple[str, ...]
    """What the answers told and it shows, and what they denied and it does not show (`no trees`)."""
    differs: tuple[str, ...]
    """What the answers told and it does not show (`no trees`), and what they denied and it shows."""


class Standing(Record):
    """A dialogue, and all there is to show of it."""

    dialogue: Dialogue
    heard: Heard | None = None
    """What the last step was taken for; None where it begins or goes on."""
    notices: tuple[str, ...] = ()
    """What to say about the last step."""
    caption: str
    """All that is known of the picture, as one caption."""
    question: Question | None
    """To be answered next; None at the end."""
    round: int
    """Of the pending question, from 1; at the end, how many were answered."""
    finished: End | None
    """Why nothing more is asked."""
    uncertainty: float
    """Bits: log2 of the number of tiles that it could as well be."""
    instructions: tuple[AtomicInstruction, ...] = ()
    """What the answers add to the first query, remove, modify and retain, by rules (DiaRet's FAR)."""
    hits: tuple[ChatHit, ...]
    """Best first."""


def standing_of(
    session: Session,
    k: int,
    records: Callable[[Sequence[str]], Mapping[str, TileRecord]],
    heard: Heard | None = None,
) -> Standing:
    """Where a dialogue stands, with its k best hits. `records`: gives tiles by id; removed ones are left out."""
    question = None if session.dialogue.picked is not None else session.ask()
    found = session.hits(k)
    known = records([hit.tile for hit in found])
    caption = session.caption()
    told = verdicts(session.dialogue)
    hits = [_hit(hit, known[hit.tile], caption, told, session) for hit in found if hit.tile in known]
    return Standing(
        dialogue=session.dialogue,
        heard=heard,
        caption=caption,
        question=question,
        round=session.dialogue.round() + (question is not None),
        finished=session.finished(),
        uncertainty=session.uncertainty(),
        instructions=rules.reason(session.dialogue.query, session.dialogue.turns).instructions,
        hits=tuple(hits),
    )


def _hit(hit: DialogueHit, record: TileRecord, caption: str, told: Mapping[str, Verdict], session: Session) -> ChatHit:
    agrees, differs = _compared(session.material.place[hit.tile], told, session.material.table)
    return ChatHit(
        rank=hit.rank,
        before=hit.before,
        chance=min(hit.chance, 1.0),
        tile=record.tile,
        paths=record.paths,
        labels=record.text.labels if record.text else (),
        text=_nearest(record.text.texts(), caption) if record.text else "",
        agrees=agrees,
        differs=differs,
    )


def _compared(
    place: int, told: Mapping[str, Verdict], table: AttributeTable
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a tile has in common with the answers, and what not; `red roof` stands for `red` and `roof` as well."""
    agrees: dict[str, bool] = {}
    differs: dict[str, bool] = {}
    for name, verdict in told.items():
        if verdict != "unknown" and name in table.place:
            column = table.place[name]
            shown = bool(table.named[place, column] > 0 or table.chances[place, column] >= _SEEN)
            (agrees if shown == (verdict == "yes") else differs)[name] = shown
    return _worded(agrees), _worded(differs)


def _worded(shown: Mapping[str, bool]) -> tuple[str, ...]:
    parts = {part for name in shown if " " in name for part in name.split()}
    return tuple(
        spoken(name) if is_shown else f"no {spoken(name)}" for name, is_shown in shown.items() if name not in parts
    )


def _nearest(texts: Sequence[str], caption: str) -> str:
    """Of texts the one that names most of what a caption names; of equal ones the first."""
    wanted = concepts(caption)
    return max(texts, key=lambda text: len(concepts(text) & wanted), default="")
