"""A language model asked about a label that likeness does not decide."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, Field

from prompts import load
from trsllava.completion import Message
from trsllava.config import Settings, plain
from trsllava.errors import AnswerError
from trsllava.labels.duplicates import Twin
from trsllava.labels.file import rule_of
from trsllava.labels.placing import Place
from trsllava.labels.plan import Judge
from trsllava.labels.raw import RawLabel
from trsllava.llm import ChatServer

_SECONDS = 60.0
_PLACES = 6
"""How many of the likeliest places are shown to the model."""


class _Verdict(BaseModel):
    decision: Literal["same", "new", "unknown"]
    label: str = Field(default="", max_length=80)


def judge(settings: Settings) -> Judge | None:
    """A language model's word on labels, by the settings' model server; None without one.

    An answer that names a label that was not offered counts as none. It raises InputError and ServerError.
    """
    if settings.base_url is None:
        return None

    def asked(raw: RawLabel, twin: Twin | None, places: Sequence[Place]) -> tuple[Literal["same", "new"], str] | None:
        offered: Mapping[str, Sequence[str]] = {
            "same": [twin.label.name] if twin else [],
            "new": [place.parent.name for place in places[:_PLACES]],
        }
        try:
            verdict = asyncio.run(_asked(settings, _messages(raw, twin, places)))
        except AnswerError:
            return None
        if verdict.decision == "unknown" or verdict.label not in offered[verdict.decision]:
            return None
        return verdict.decision, verdict.label

    return asked


def _messages(raw: RawLabel, twin: Twin | None, places: Sequence[Place]) -> list[Message]:
    prompt = load("labels")
    user = prompt.fill(
        "user",
        word=raw.word,
        about=raw.about or "nothing is said",
        tags=rule_of(raw.tags) or "none",
        same=f"- {twin.label.name}: {twin.label.about}" if twin else "none",
        parents="\n".join(f"- {place.parent.name}: {place.parent.about}" for place in places[:_PLACES]) or "none",
    )
    return [
        {"role": "system", "content": prompt.fill("system")},
        {"role": "user", "content": [{"type": "text", "text": user}]},
    ]


async def _asked(settings: Settings, messages: Sequence[Message]) -> _Verdict:
    server = ChatServer(
        settings.base_url or "",
        settings.model,
        api_key=plain(settings.api_key),
        concurrency=1,
        timeout=_SECONDS,
        retries=1,
        patience=_SECONDS,
    )
    async with server.session() as session:
        return await session.ask(_Verdict, messages, max_tokens=200)
