"""A chat model as a dialogue asks it: soon or not at all, with everything that people wrote handed over as data."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from prompts import Prompt
from trsllava.captioners.checks.refusal import refusal_in
from trsllava.completion import NO_USAGE, Answer, Message, Usage, chat_body, parsed
from trsllava.dialogue.state import Turn
from trsllava.errors import AnswerError, ServerError
from trsllava.llm import ChatServer

_SECONDS = 20.0
"""What a person waits for one answer of the model."""
_REST_SECONDS = 30.0
"""A server that was away or late is left alone for so long: each round would otherwise wait for it again."""
_LONGEST = 2000
"""Characters of one text that a model is shown."""


@dataclass(frozen=True)
class Failure:
    """A task that the rules did in the model's place, and why."""

    task: str
    reason: str


class ChatModel:
    """A model behind an OpenAI-compatible server; one may serve many dialogues at once.

    `timeout`: seconds that one answer may take. `rest`: seconds for which a server that was away or late is not asked
    again. Raises InputError for an address that is none.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = _SECONDS,
        rest: float = _REST_SECONDS,
    ) -> None:
        self._server = ChatServer(
            base_url, model, api_key=api_key, concurrency=1, timeout=timeout, retries=1, patience=timeout
        )
        self._rest = rest
        self._resting_until = 0.0
        self._away = ""
        self._counting = Lock()
        self.usage: Usage = NO_USAGE
        """What its answers have cost so far."""
        self.failures: list[Failure] = []
        """What the rules had to do in its place, in order."""

    def ask(
        self,
        prompt: Prompt,
        answer: type[Answer],
        data: Mapping[str, Any],
        *,
        picture: str | None = None,
        max_tokens: int = 300,
    ) -> Answer:
        """The model's answer to a prompt about `data`. `picture`: a data URL.

        Raises ServerError where the server is away, late or refuses, AnswerError for an answer that cannot be used.
        """
        if time.monotonic() < self._resting_until:
            raise ServerError(self._away)
        try:
            return asyncio.run(self._asked(answer, messages(prompt, data, picture), max_tokens))
        except ServerError as error:
            self._away, self._resting_until = str(error), time.monotonic() + self._rest
            raise

    async def _asked(self, answer: type[Answer], asked: list[Message], max_tokens: int) -> Answer:
        async with self._server.session() as session:
            completion = await session.complete(chat_body(session.model, answer, asked, max_tokens=max_tokens))
        with self._counting:
            self.usage += completion.usage
        return parsed(answer, completion)

    def failed(self, task: str, error: ServerError | AnswerError) -> None:
        """Remember that the rules did a task in the model's place."""
        self.failures.append(Failure(task, str(error)))


def history_data(query: str, turns: Sequence[Turn]) -> dict[str, Any]:
    """A dialogue as prompts are given it: the first query, and what was asked and answered."""
    return {"query": query, "answers": [_exchange(turn) for turn in turns if turn.answer.tile is None]}


def telling(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns that say something of the picture. Of "I cannot tell", small models make denials."""
    return tuple(turn for turn in turns if turn.answer.kind in ("yes", "no", "words"))


def _exchange(turn: Turn) -> dict[str, str]:
    kind, words = turn.answer.kind, turn.answer.words
    said = {"unknown": "I cannot tell", "skip": "skipped"}.get(kind, words)
    if kind in ("yes", "no"):
        said = words if words.lower().startswith(kind) else ", ".join(filter(None, (kind, words)))
    return {"question": turn.question.text, "answer": said} if turn.question else {"answer": said}


def usable(text: str) -> str:
    """A text that a model wrote, on one line. Raises AnswerError where it is empty or refuses."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if not line:
        raise AnswerError("the answer is empty", text, "empty")
    if refused := refusal_in(line):
        raise AnswerError(f"the model refuses ({refused!r})", text, "refusal")
    return line


def messages(prompt: Prompt, data: Mapping[str, Any], picture: str | None = None) -> list[Message]:
    """A prompt's rules as the system message, word for word, and the data as JSON in the user message.

    The data cannot leave its place: its angle brackets are written as JSON escapes, so that no text closes the frame.
    """
    written = json.dumps(_clean(data), ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt.fill("user", data=written)}]
    if picture is not None:
        content.insert(0, {"type": "image_url", "image_url": {"url": picture, "detail": "high"}})
    return [{"role": "system", "content": prompt.parts["system"]}, {"role": "user", "content": content}]


def _clean(value: Any) -> Any:
    """The same with texts that can be sent: not endless, without half characters."""
    if isinstance(value, str):
        whole = value.encode("utf-8", "replace").decode()
        return whole if len(whole) <= _LONGEST else whole[:_LONGEST] + "…"
    if isinstance(value, Mapping):
        return {str(name): _clean(part) for name, part in value.items()}
    return [_clean(part) for part in value] if isinstance(value, list | tuple) else value
