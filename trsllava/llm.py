"""Structured chat with any OpenAI-compatible server: a schema goes in, a validated object comes out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from trsllava.errors import AnswerError, InputError, ServerError

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionMessageParam

Answer = TypeVar("Answer", bound=BaseModel)

_CONNECT_SECONDS = 10.0
_LISTING_SECONDS = 15.0
_NO_KEY = "none"
"""The client insists on a key; a server without keys ignores it."""
_GIVEN_UP = (401, 403, 404, 408, 429, 502, 503, 504)
"""Statuses that say something of the server, not of the one request; the last five come after all retries."""


class RequestError(ServerError):
    """The server fails on this one request: finds it malformed, breaks down on it, takes too long. Others may do."""


def list_models(base_url: str, *, api_key: str | None = None) -> list[str]:
    """The names of the models that a server serves. Raises ServerError, and InputError for a URL that is none."""
    import openai

    url = _api_url(base_url)
    try:
        with openai.OpenAI(
            base_url=url, api_key=api_key or _NO_KEY, max_retries=1, timeout=_LISTING_SECONDS
        ) as client:
            return [model.id for model in client.models.list()]
    except openai.OpenAIError as error:
        raise _explained(error, url) from error
    except AttributeError as error:  # how the client trips over a page that is not JSON
        raise ServerError(f"{url} is no model server's address. Correct it.") from error


class ChatServer:
    """Where a chat model is served, and how patiently it is asked.

    `timeout`: seconds that one question may take, retries included. `retries`: how often a request is sent again
    after a lost connection, a 429 or a 5xx, waiting as long as Retry-After says, else 0.5 s, 1 s, 2 s … up to 8 s.
    Raises InputError for a URL that is none.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 300.0,
        retries: int = 6,
    ) -> None:
        self.base_url = _api_url(base_url)
        self.model = model
        self._api_key = api_key or _NO_KEY
        self._timeout = timeout
        self._retries = retries

    def resolve_model(self) -> str:
        """The model to ask: the one named if it is served; without a name, the only one served. Raises ServerError."""
        served = list_models(self.base_url, api_key=self._api_key)
        if self.model in served:
            return self.model
        listed = ", ".join(served) or "no model"
        if self.model is not None:
            raise ServerError(f"{self.base_url} does not serve {self.model!r}; it serves: {listed}. Name one.")
        if len(served) != 1:
            raise ServerError(f"{self.base_url} serves: {listed}. Say which model to ask.")
        return served[0]

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ChatSession]:
        """Connections for many questions, closed at the end. Raises ServerError where the model is not served."""
        import openai

        model = await asyncio.to_thread(self.resolve_model)
        # Only connecting has a limit of its own: the whole question is limited in `ask`.
        limits = openai.Timeout(None, connect=_CONNECT_SECONDS)
        async with openai.AsyncOpenAI(
            base_url=self.base_url, api_key=self._api_key, max_retries=self._retries, timeout=limits
        ) as client:
            yield ChatSession(client, self.base_url, model, self._timeout)


class ChatSession:
    """Open connections to a `ChatServer`; made by `ChatServer.session`."""

    def __init__(self, client: openai.AsyncOpenAI, base_url: str, model: str, timeout: float) -> None:
        self.model = model
        self._client = client
        self._base_url = base_url
        self._timeout = timeout

    async def ask(
        self,
        answer: type[Answer],
        messages: Iterable[ChatCompletionMessageParam],
        *,
        temperature: float = 0.0,
        seed: int | None = None,
        max_tokens: int = 4096,
    ) -> Answer:
        """Ask, with the JSON schema of `answer` as the form that the reply must have.

        Bound every string and list of `answer`: a server that decodes by grammar lets a model fill an unbounded one
        until `max_tokens`. Raises AnswerError for a reply that is cut off, no JSON or against the schema, RequestError
        for a question that this server cannot deal with, ServerError for a server that cannot be used.
        """
        import openai

        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._client.chat.completions.create(
                    model=self.model,
                    messages=messages,
                    temperature=temperature,
                    seed=seed,
                    max_tokens=max_tokens,
                    response_format={
                        "type": "json_schema",
                        "json_schema": {
                            "name": answer.__name__,
                            "strict": True,
                            "schema": answer.model_json_schema(),
                        },
                    },
                )
        except TimeoutError as error:
            raise RequestError(
                f"{self._base_url} did not answer within {self._timeout:g} s. Ask less at once, or allow more time."
            ) from error
        except openai.OpenAIError as error:
            raise _explained(error, self._base_url) from error
        if not reply.choices:
            raise AnswerError("the reply holds no choice", reply.model_dump_json())
        choice = reply.choices[0]
        text = choice.message.content or ""
        if choice.finish_reason == "length":
            raise AnswerError(_cut_off(text), text)
        return _parsed(answer, text)


def _api_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{base_url!r} is no address of a model server; write it like http://localhost:8000/v1.")
    return base_url.rstrip("/") + ("" if parts.path.strip("/") else "/v1")


def _parsed(answer: type[Answer], text: str) -> Answer:
    try:
        # Grammars that bound a string's length let raw control characters into it.
        return answer.model_validate(json.loads(text, strict=False))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3]]
        raise AnswerError(f"the answer does not fit the schema: {'; '.join(faults)}", text) from error
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"the answer is no JSON: {error}", text) from error


def _cut_off(text: str) -> str:
    reason = "the answer was cut off at the token limit"
    if text and not text[-100:].strip():
        return (
            f"{reason} in a run of white space: start vLLM with disable_any_whitespace (--structured-outputs-config)"
        )
    return reason


def _explained(error: openai.OpenAIError, base_url: str) -> ServerError:
    import openai

    if isinstance(error, openai.APIStatusError):
        said = f"{base_url} answers HTTP {error.status_code}: {error.message}"
        if error.status_code in (401, 403):
            return ServerError(f"{said}. Pass the API key that it wants.")
        if error.status_code in _GIVEN_UP:
            return ServerError(f"{said}. Look at the server's log, then run the command again.")
        return RequestError(said)
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        return ServerError(f"no server can be reached at {base_url} ({cause}). Start it, or correct the address.")
    return ServerError(f"{base_url} does not answer as a model server should: {error}. Look at the server's log.")
