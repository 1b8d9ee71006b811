"""What is asked of a chat model and what it replies, as plain rows: pure functions, whoever carries the rows.

A live server, `LLM.chat` in the process and the files of `vllm run-batch` take the same question and give the same
reply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from trsllava.errors import AnswerError
from trsllava.lenient_json import values

_DEEPEST = 8
"""Levels of a reply that are searched for texts."""
_QUOTED = 60
_MOST_TOKENS = 2**40
Answer = TypeVar("Answer", bound=BaseModel)
Message = dict[str, Any]
"""A chat message in OpenAI's form."""


@dataclass(frozen=True)
class Usage:
    """What answers cost; usages add up."""

    requests: int = 0
    """Requests that were answered."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt, those that the server's prefix cache held."""
    completion_tokens: int = 0
    seconds: float = 0.0
    """From sending to the end of the reply, summed."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
        )


NO_USAGE = Usage()


@dataclass(frozen=True)
class Completion:
    """A model's reply before anybody has read it."""

    text: str
    finish_reason: str
    usage: Usage = NO_USAGE
    elsewhere: tuple[str, ...] = ()
    """Texts with a bracket in other fields of the message: reasoning, tool calls."""


def chat_body(
    model: str,
    answer: type[BaseModel],
    messages: Sequence[Message],
    *,
    temperature: float = 0.0,
    seed: int | None = None,
    max_tokens: int = 4096,
) -> dict[str, Any]:
    """The body of a chat request, with the JSON schema of `answer` as the form that the reply must have.

    Bound every string and list of `answer`: a server that decodes by grammar lets a model fill an unbounded one until
    `max_tokens`.
    """
    schema = {"name": answer.__name__, "strict": True, "schema": _schema(answer)}
    return {
        "model": model,
        "messages": list(messages),
        "temperature": temperature,
        "seed": seed,
        "max_tokens": max_tokens,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


def completion_of(reply: Mapping[str, Any], seconds: float = 0.0) -> Completion:
    """A chat completion object as a Completion. Raises AnswerError for an object that is none."""
    choices = reply.get("choices")
    if isinstance(choices, Mapping):
        choices = list(choices.values())
    choice = choices[0] if isinstance(choices, list) and choices else reply
    message = choice.get("message") if isinstance(choice, Mapping) else choice
    content = message.get("content") if isinstance(message, Mapping) else message
    text = _content_text(content)
    rest = tuple(words for words in _texts(choice) if words != text and ("{" in words or "[" in words))
    if not (isinstance(message, Mapping) and "content" in message) and not rest and not text:
        raise AnswerError("the reply contains no choices", json.dumps(reply))
    finish = choice.get("finish_reason") if isinstance(choice, Mapping) else ""
    return Completion(text, finish if isinstance(finish, str) else "", _usage(reply.get("usage"), seconds), rest)


def _content_text(content: Any) -> str:
    """A message's content as text: a string, a list of parts, or an object in place of its JSON."""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, str) or _is_part(part) for part in content):
        return "".join(part if isinstance(part, str) else _part_text(part) for part in content)
    return json.dumps(content) if isinstance(content, list | Mapping) else ""


def _is_part(part: Any) -> bool:
    return isinstance(part, Mapping) and ("type" in part or "text" in part)


def _part_text(part: Mapping[str, Any]) -> str:
    text = part.get("text", part.get("content"))
    if isinstance(text, Mapping):
        text = text.get("value")
    return text if isinstance(text, str) else ""


def _texts(value: Any, depth: int = 0) -> list[str]:
    """All strings in a reply, and objects in it that may be the answer itself."""
    if isinstance(value, str):
        return [value]
    if depth > _DEEPEST:
        return []
    if isinstance(value, Mapping):
        whole = [json.dumps(value)] if "variants" in value or "parsed" in value else []
        return whole + [text for child in value.values() for text in _texts(child, depth + 1)]
    return [text for child in value for text in _texts(child, depth + 1)] if isinstance(value, list) else []


def parsed(answer: type[Answer], completion: Completion) -> Answer:
    """The reply as the type that was asked for. Raises AnswerError where it is cut off, no JSON or off the schema."""
    check_whole(completion)
    misfit: ValidationError | None = None
    for text in (completion.text, *completion.elsewhere):
        for value, _ in values(text):
            try:
                return answer.model_validate(value)
            except ValidationError as error:
                misfit = misfit or error
    if misfit is None:
        raise AnswerError(no_json(completion.text), completion.text)
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in misfit.errors()[:3]]
    raise AnswerError(f"the answer does not fit the schema: {'; '.join(faults)}", completion.text) from misfit


def check_whole(completion: Completion) -> None:
    """Raises AnswerError for a reply that was cut off at the token limit."""
    if reason := cut_off(completion):
        raise AnswerError(reason, completion.text)


def is_short_of_room(completion: Completion) -> bool:
    """True where a reply was cut off at the token limit in the middle of words: more room may help."""
    return completion.finish_reason == "length" and bool(completion.text[-100:].strip() or not completion.text)


def no_json(text: str) -> str:
    """Why a text without a readable object is no answer."""
    if not text.strip():
        return "the answer is empty"
    begins = " ".join(text.split())
    begins = begins if len(begins) <= _QUOTED else begins[:_QUOTED] + "…"
    if "{" in text or "[" in text:
        return f"the answer holds JSON that cannot be read; it begins {begins!r}"
    return f"the answer holds no JSON; it begins {begins!r}"


def without_system_role(messages: Sequence[Message]) -> list[Message]:
    """The same conversation for a chat template that knows no system role.

    The instructions open the first user message, before its picture, so that they stay a common prefix.
    """
    instructions = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    rest = [message for message in messages if message["role"] != "system"]
    if not instructions or not rest:
        return list(messages)
    first = rest[0]["content"]
    parts = [{"type": "text", "text": first}] if isinstance(first, str) else list(first)
    return [{**rest[0], "content": [{"type": "text", "text": instructions}, *parts]}, *rest[1:]]


@cache
def _schema(answer: type[BaseModel]) -> dict[str, Any]:
    return answer.model_json_schema()


def _usage(counts: Any, seconds: float) -> Usage:
    counts = counts if isinstance(counts, Mapping) else {}
    details = counts.get("prompt_tokens_details")
    return Usage(
        requests=1,
        prompt_tokens=_count(counts.get("prompt_tokens")),
        cached_tokens=_count(details.get("cached_tokens")) if isinstance(details, Mapping) else 0,
        completion_tokens=_count(counts.get("completion_tokens")),
        seconds=seconds,
    )


def _count(value: Any) -> int:
    """A number of tokens; 0 for whatever is none."""
    try:
        number = int(value)
    except (ValueError, TypeError, OverflowError):
        return 0
    return number if 0 <= number < _MOST_TOKENS else 0


def cut_off(completion: Completion) -> str:
    """How a reply was cut off at the token limit; empty where it was not."""
    text = completion.text
    if completion.finish_reason != "length":
        return ""
    reason = "the answer was cut off at the token limit"
    if text and not text[-100:].strip():
        return (
            f"{reason} in a run of white space: start vLLM with disable_any_whitespace (--structured-outputs-config)"
        )
    return reason
