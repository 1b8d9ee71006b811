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
    try:
        choice = reply["choices"][0]
        text = choice["message"].get("content") or ""
        return Completion(text, choice.get("finish_reason") or "", _usage(reply.get("usage") or {}, seconds))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise AnswerError("the reply holds no choice", json.dumps(reply)) from error


def parsed(answer: type[Answer], completion: Completion) -> Answer:
    """The reply as the type that was asked for. Raises AnswerError where it is cut off, no JSON or off the schema."""
    text = completion.text
    if completion.finish_reason == "length":
        raise AnswerError(_cut_off(text), text)
    try:
        return answer.model_validate(_value(text))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3]]
        raise AnswerError(f"the answer does not fit the schema: {'; '.join(faults)}", text) from error
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"the answer is no JSON: {error}", text) from error


def _value(text: str) -> Any:
    """What a JSON text says; half a surrogate pair, which is a valid escape and no valid text, as U+FFFD."""
    # Grammars that bound a string's length let raw control characters into it.
    value = json.loads(text, strict=False)
    if "\\u" not in text:
        return value
    whole = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return json.loads(whole)


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


def _usage(counts: Mapping[str, Any], seconds: float) -> Usage:
    details = counts.get("prompt_tokens_details") or {}
    return Usage(
        requests=1,
        prompt_tokens=int(counts.get("prompt_tokens") or 0),
        cached_tokens=int(details.get("cached_tokens") or 0),
        completion_tokens=int(counts.get("completion_tokens") or 0),
        seconds=seconds,
    )


def _cut_off(text: str) -> str:
    reason = "the answer was cut off at the token limit"
    if text and not text[-100:].strip():
        return (
            f"{reason} in a run of white space: start vLLM with disable_any_whitespace (--structured-outputs-config)"
        )
    return reason
