"""Captions from a vision-language model behind an OpenAI-compatible server, such as vLLM."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property
from queue import SimpleQueue

import prompts
from trsllava.captioners.answer import Bounds
from trsllava.captioners.picture import data_url
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.errors import AnswerError, ImageError, ServerError
from trsllava.llm import ChatServer, ChatSession, RequestError
from trsllava.records import CheckName, Reason, RichText

_ATTEMPTS = 3
_WARMER = 0.3
_HOTTEST = 1.0
"""A new attempt at the same tile is sampled with another seed, and so much warmer up to this temperature."""
_LOST_IN_A_ROW = 16
"""After so many requests without a single reply the fault is not the pictures'."""


class VllmCaptioner:
    """Asks a server for RSRT rich text, about `concurrency` tiles at a time.

    `model` may be left out where the server serves one alone. `max_side`: longest side of the picture sent, in pixels.
    `timeout`: seconds that one answer may take. `retries`: how often a request is sent again to a server that is
    busy or away. `max_tokens`: of one answer, which must hold `variants` descriptions within `bounds`. `skip_checks`:
    checks that answers need not pass.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        concurrency: int = 16,
        max_side: int = 1024,
        variants: int = 5,
        temperature: float = 0.3,
        timeout: float = 300.0,
        retries: int = 6,
        max_tokens: int = 4096,
        bounds: Bounds | None = None,
        skip_checks: Collection[CheckName] = (),
    ) -> None:
        self._server = ChatServer(base_url, model, api_key=api_key, timeout=timeout, retries=retries)
        self.question = RsrtQuestion(prompts.load("rsrt"), variants, bounds or Bounds(), skip_checks)
        self.concurrency = concurrency
        self.max_side = max_side
        self.temperature = temperature
        self.max_tokens = max_tokens

    @cached_property
    def name(self) -> str:
        """`vllm:` and the model. Raises ServerError where the server must be asked for its model and cannot."""
        return f"vllm:{self._server.model or self._server.resolve_model()}"

    @property
    def prompt(self) -> str:
        """Id and version of the prompt."""
        return self.question.prompt.name

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """One answer a job, as they become ready.

        Jobs are drawn in the caller's thread, twice as many ahead as are being asked about, so that the server stays
        busy while the caller works on an answer. Raises ServerError, after what was ready, for a server that is gone.
        """
        from anyio.from_thread import start_blocking_portal

        with start_blocking_portal() as portal, portal.wrap_async_context_manager(self._server.session()) as session:
            run = _Run(self, session)
            ready: SimpleQueue[Future[CaptionAnswer]] = SimpleQueue()
            pending: set[Future[CaptionAnswer]] = set()
            try:
                for job in jobs:
                    future = portal.start_task_soon(run.answer, job)
                    pending.add(future)
                    future.add_done_callback(ready.put)
                    while len(pending) >= 2 * self.concurrency or not ready.empty():
                        yield _next(ready, pending)
                while pending:
                    yield _next(ready, pending)
            except ServerError:
                while not ready.empty():
                    future = ready.get()
                    if future.exception() is None:
                        yield future.result()
                raise
            finally:
                for future in pending:
                    future.cancel()


def _next(ready: SimpleQueue[Future[CaptionAnswer]], pending: set[Future[CaptionAnswer]]) -> CaptionAnswer:
    future = ready.get()
    pending.remove(future)
    return future.result()


class _Run:
    """One run over many tiles, all of it in one event loop."""

    def __init__(self, captioner: VllmCaptioner, session: ChatSession) -> None:
        self._captioner = captioner
        self._session = session
        self._slots = asyncio.Semaphore(captioner.concurrency)
        self._lost_in_a_row = 0

    async def answer(self, job: CaptionJob) -> CaptionAnswer:
        """What becomes of one tile. Raises ServerError where asking on is of no use."""
        async with self._slots:
            started = time.monotonic()
            answer = await self._try(job)
            return replace(answer, seconds=time.monotonic() - started)

    async def _try(self, job: CaptionJob) -> CaptionAnswer:
        tile_id = str(job.tile.id)
        try:
            url = await asyncio.to_thread(self._picture, job)
        except ImageError as error:
            return CaptionAnswer(tile_id, None, str(error), refusals=("picture",))
        refusals: list[Reason] = []
        for attempt in range(_ATTEMPTS):
            try:
                text = await self._ask(job, url, attempt)
            except RequestError as error:
                self._count_lost(error)
                return CaptionAnswer(tile_id, None, str(error), attempts=attempt + 1, refusals=(*refusals, "server"))
            except AnswerError as error:
                self._lost_in_a_row = 0
                refusals.append(error.check)
                bad = CaptionAnswer(tile_id, None, str(error), error.raw, attempt + 1, refusals=tuple(refusals))
            else:
                self._lost_in_a_row = 0
                return CaptionAnswer(tile_id, text, attempts=attempt + 1, refusals=tuple(refusals))
        return bad

    def _picture(self, job: CaptionJob) -> str:
        return data_url(job.load(), self._captioner.max_side)

    async def _ask(self, job: CaptionJob, url: str, attempt: int) -> RichText:
        """One question about a tile; each attempt samples anew, and in the same way whenever it is made again."""
        captioner = self._captioner
        question = captioner.question
        answer = await self._session.ask(
            question.answer,
            question.messages(job.tile, url),
            temperature=max(captioner.temperature, min(captioner.temperature + attempt * _WARMER, _HOTTEST)),
            seed=(job.tile.id.int + job.attempts + attempt) % 2**31,
            max_tokens=captioner.max_tokens,
        )
        return question.rich_text(answer, job.tile, self._session.model)

    def _count_lost(self, error: RequestError) -> None:
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= _LOST_IN_A_ROW:
            raise ServerError(
                f"{self._lost_in_a_row} requests in a row were lost, the last one thus: {error}"
            ) from error
