"""Queries in other languages, put into English by the model server of the settings."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from pydantic import BaseModel, Field

from trsllava.completion import Message
from trsllava.config import Settings, plain
from trsllava.llm import ChatServer

_MULTILINGUAL = re.compile(
    r"multilingual|labse|bge-m3|xlm|qwen3-emb|embeddinggemma|jina-embeddings-v3|openai:text-emb", re.I
)
"""How text encoders that know many languages are called."""
_SECONDS = 20.0
"""What a person waits for a translation."""
_INSTRUCTIONS = (
    "Translate a search query for aerial and satellite images into plain English. Keep every word that excludes "
    'something. Answer with JSON: {"english": "…"}.'
)


class _Translation(BaseModel):
    english: str = Field(max_length=500)


def is_multilingual(encoder: str) -> bool:
    """True where a text encoder's name says that it knows many languages."""
    return bool(_MULTILINGUAL.search(encoder))


def translator(settings: Settings) -> Callable[[str, str], str] | None:
    """A function that puts a text of a language into English by the settings' model server; None without one.

    It raises InputError, ServerError and AnswerError.
    """
    if settings.base_url is None:
        return None

    def translate(text: str, language: str) -> str:
        return asyncio.run(_translated(settings, text, language))

    return translate


async def _translated(settings: Settings, text: str, language: str) -> str:
    server = ChatServer(
        settings.base_url or "",
        settings.model,
        api_key=plain(settings.api_key),
        concurrency=1,
        timeout=_SECONDS,
        retries=1,
        patience=_SECONDS,
    )
    messages: list[Message] = [
        {"role": "system", "content": _INSTRUCTIONS},
        {"role": "user", "content": [{"type": "text", "text": f"{language}: {text}"}]},
    ]
    async with server.session() as session:
        answer = await session.ask(_Translation, messages, max_tokens=300)
    return answer.english
