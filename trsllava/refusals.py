"""What a model's server says when it refuses a request, and what that means for the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from trsllava.errors import Parameter, ServerError

if TYPE_CHECKING:
    import httpx

_LONGEST_RETRY_AFTER = 120.0
_BUSY = (429, 503, 529)
_PASSING = (408, 409, 425, 429, 500, 502, 503, 504, 529)
"""Statuses after which the same request may succeed."""
_KEYS_WANTED = (401, 403)
_CODES = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "overloaded_error": 529,
    "server_error": 500,
    "internal_server_error": 500,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "model_not_found": 404,
}


@dataclass(frozen=True)
class Refusal:
    """A refusal, by HTTP status or as an error inside a reply."""

    status: int
    message: str
    code: str = ""
    wait: float | None = None
    """Seconds that the server asks for."""
    inside: bool = False
    """It came inside a reply of status 200."""

    @property
    def busy(self) -> bool:
        """The server has more to do than it can."""
        return self.status in _BUSY

    @property
    def passing(self) -> bool:
        """The same request may succeed later."""
        return self.status in _PASSING

    @property
    def adaptable(self) -> bool:
        """Something in the request may be at fault that can be left out."""
        return self.status in (400, 415, 422, 501)

    def sentence(self, url: str) -> str:
        """The refusal as the beginning of a sentence."""
        how = f"answers with error {self.status}" if self.inside else f"answers HTTP {self.status}"
        return f"{url} {how}: {self.message.strip().rstrip('.') or 'no reason given'}"

    def of_the_server(self, url: str) -> ServerError | None:
        """The error that ends a run, where the server refuses us and not one request."""
        said = self.sentence(url)
        if self.status == 402 or "insufficient_quota" in self.message or "quota" in self.code:
            return ServerError(f"{said}. The account has no credit left: add some, then run the command again.")
        if self.status in _KEYS_WANTED:
            return ServerError(f"{said}. Pass a valid API key.")
        if 300 <= self.status < 400:
            return ServerError(f"{said}. Give that address as ", Parameter("base_url"), ".")
        if self.status in (404, 405):
            return ServerError(
                f"{said}. Correct ",
                Parameter("base_url"),
                ", which ends with /v1 for most servers, or look at the server's log.",
            )
        return None


def refusal_of(response: httpx.Response) -> Refusal:
    """What a response with another status than 200 says."""
    if response.is_redirect:
        return Refusal(response.status_code, f"it redirects to {_without_path(response.headers.get('Location', ''))}")
    try:
        body = response.json()
    except ValueError:
        body = response.text[:200]
    message, code = _message(body)
    wait = _retry_after(response.headers.get("Retry-After", ""))
    return Refusal(response.status_code, message or response.reason_phrase, code, wait)


def refusal_inside(reply: Mapping[str, Any]) -> Refusal | None:
    """The error inside a reply of status 200; None where there is none."""
    error = reply.get("error")
    choices = reply.get("choices")
    if not error and isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        error = choices[0].get("error")
    if not error:
        return None
    message, code = _message({"error": error})
    status = error.get("status") if isinstance(error, Mapping) else None
    for value in (code, status):
        number = _CODES.get(str(value)) or (int(str(value)) if str(value).isdigit() else 0)
        if 400 <= number < 600:
            return Refusal(number, message, code, inside=True)
    return Refusal(400, message, code, inside=True)


def _message(body: Any) -> tuple[str, str]:
    """What an error says, and its code: in OpenAI's form, FastAPI's, or any other."""
    if not isinstance(body, Mapping):
        return str(body)[:200], ""
    error = body.get("error") or body
    if not isinstance(error, Mapping):
        return str(error)[:500], ""
    code = str(error.get("code") or error.get("type") or "")
    message = error.get("message")
    detail = error.get("detail")
    if message is None and isinstance(detail, list):
        message = "; ".join(
            f"{'.'.join(map(str, fault.get('loc', ())))}: {fault.get('msg', '')}"
            for fault in detail
            if isinstance(fault, Mapping) and isinstance(fault.get("loc", ()), list | tuple)
        )
    return str(message if message is not None else detail or error)[:500], code


def _without_path(location: str) -> str:
    return location.removesuffix("/chat/completions").removesuffix("/models") or "another address"


def _retry_after(value: str) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: a number or a date), within reason."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER) if seconds == seconds else None
