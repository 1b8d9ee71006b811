"""What a model's server takes in a request: found out once from its refusals, remembered for the run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trsllava.completion import without_system_role

_NAMED: Mapping[str, re.Pattern[str]] = {
    "system role": re.compile(r"system[ _]role|system messages?\b|roles must alternate|role.{0,20}system", re.I),
    "json_schema": re.compile(r"response_format|json_schema|json schema|guided|structured.?output|grammar", re.I),
    "json_object": re.compile(r"response_format|json_object|json mode", re.I),
    "seed": re.compile(r"\bseed\b", re.I),
    "temperature": re.compile(r"\btemperature\b", re.I),
    "max_tokens": re.compile(r"max_tokens|max_completion_tokens|maximum context length|context window", re.I),
    "image detail": re.compile(r"\bdetail\b", re.I),
}
"""What may be left out of a request, and how a server's refusal names it."""
_KEYS = ("seed", "temperature", "max_tokens")


@dataclass(frozen=True)
class Capabilities:
    """What is left out of requests, as names of `_NAMED`."""

    left_out: frozenset[str] = frozenset()

    def without(self, *names: str) -> Capabilities:
        """The same with more left out."""
        return Capabilities(self.left_out.union(names))

    def fitted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A chat request as this server takes it: the schema in words where it cannot be enforced."""
        fitted = {name: value for name, value in body.items() if name not in self.left_out}
        messages = fitted["messages"]
        if "json_schema" in self.left_out and "response_format" in fitted:
            messages = _with_schema_in_words(messages, fitted.pop("response_format"))
            if "json_object" not in self.left_out:
                fitted["response_format"] = {"type": "json_object"}
        if "system role" in self.left_out:
            messages = without_system_role(messages)
        if "image detail" in self.left_out:
            messages = [_without_detail(message) for message in messages]
        return {**fitted, "messages": messages}

    def after(self, refusal: str, body: Mapping[str, Any]) -> Capabilities | None:
        """What to try once the server has refused `body` in these words; None where they name nothing of it."""
        sent = list(self._sent(body))
        named = [name for name in sent if _NAMED[name].search(refusal)]
        return self.without(named[0]) if named else None

    def trials(self, body: Mapping[str, Any]) -> Iterator[Capabilities]:
        """What to try where a refusal names nothing: the same twice more, one thing left out at a time, then all."""
        sent = list(self._sent(body))
        yield from (self, self)  # a server that fails now and then must not lose a parameter over it
        for name in sent:
            yield self.without(name)
        yield self.without(*sent, "json_object")

    def _sent(self, body: Mapping[str, Any]) -> Iterator[str]:
        """What the request holds that could be left out."""
        asks_for_form = "response_format" in body
        parts = [part for message in body["messages"] for part in _parts(message)]
        present = {
            "system role": any(message["role"] == "system" for message in body["messages"]),
            "json_schema": asks_for_form,
            "json_object": asks_for_form and "json_schema" in self.left_out,
            "image detail": any("detail" in part.get("image_url", ()) for part in parts),
            **{key: key in body for key in _KEYS},
        }
        yield from (name for name, there in present.items() if there and name not in self.left_out)


def _with_schema_in_words(messages: list[dict[str, Any]], form: Mapping[str, Any]) -> list[dict[str, Any]]:
    schema = json.dumps(form["json_schema"]["schema"])
    wish = f"Answer with one JSON object and nothing else. It must fit this JSON schema: {schema}"
    first, *rest = messages
    if isinstance(first["content"], str):
        return [{**first, "content": f"{first['content']}\n\n{wish}"}, *rest]
    return [{**first, "content": [{"type": "text", "text": wish}, *first["content"]]}, *rest]


def _parts(message: Mapping[str, Any]) -> list[Any]:
    return message["content"] if isinstance(message["content"], list) else []


def _without_detail(message: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(message["content"], list):
        return message
    return {
        **message,
        "content": [
            {**part, "image_url": {"url": part["image_url"]["url"]}} if part["type"] == "image_url" else part
            for part in message["content"]
        ],
    }
