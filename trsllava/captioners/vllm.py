"""Captions from a vision-language model behind an OpenAI-compatible server, such as vLLM."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property, partial
from queue import SimpleQueue

import prompts
from trsllava.brake import Brake
from trsllava.captioners.answer import Bounds
from trsllava.captioners.attempts import ATTEMPTS, after, settled
from trsllava.captioners.checks import language
from trsllava.captioners.exchange import Exchange, InstructionsIn, failed, refused, together, unreadable
from trsllava.captioners.picture import data_url
from trsllava.captioners.pixels import pixel_rule
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.captioners.workers import PictureWorkers
from trsllava.completion import is_short_of_room
from trsllava.errors import AnswerError, OutOfReachError, ServerError
from trsllava.llm import ChatServer, ChatSession, RequestError
from trsllava.records import CheckName, RichText

_LOOK_AHEAD = 64
"""Pictures read before their turn: about two seconds' worth for a fast server."""
_MORE_ROOM = 2
"""Times the token limit that an answer gets once it was cut off at it."""
_OUT_OF_REACH_IN_A_ROW = 16
"""After so many files that cannot be opened the folder is away, not the one file."""


_Answer = Future[CaptionAnswer | None]


class VllmCaptioner:
    """Asks a server for RSRT rich text, about up to `concurrency` tiles at a time.

    `model` may be left out where the server serves one alone. `max_side`: longest side of the picture sent, in
    pixels, before it is fitted to the model. `one_by_one`: each of the `variants` is asked for in a request of its
    own, under another seed. `temperature`: left out, 0.3, and 0.8 for variants asked for one by one, which do not know
    each other. `timeout`: seconds that one answer may take. `retries`, `patience`: see ChatServer. `max_tokens`: of
    one answer, which must hold `variants` descriptions within `bounds`. `skip_checks`: checks that answers need not
    pass. `language`: ISO 639-1 code of the language asked for, or `any`. `keep_going`: a run whose every answer is
    bad is not stopped. `prompt`: id of what it is asked with.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        concurrency: int = 128,
        max_side: int = 1024,
        variants: int = 5,
        one_by_one: bool = False,
        instructions_in: InstructionsIn = "system",
        temperature: float | None = None,
        timeout: float = 300.0,
        retries: int = 6,
        patience: float = 300.0,
        max_tokens: int = 4096,
        bounds: Bounds | None = None,
        skip_checks: Collection[CheckName] = (),
        language: str = "en",
        keep_going: bool = False,
        prompt: str = "rsrt",
    ) -> None:
        self._server = ChatServer(
            base_url,
            model,
            api_key=api_key,
            concurrency=concurrency,
            timeout=timeout,
            retries=retries,
            patience=patience,
        )
        each = 1 if one_by_one else variants
        self.question = RsrtQuestion(prompts.load(prompt), each, bounds or Bounds(), skip_checks, language)
        self.parts = variants if one_by_one else 1
        self.instructions_in = instructions_in
        self.concurrency = concurrency
        self.max_side = max_side
        self.temperature = (0.8 if one_by_one else 0.3) if temperature is None else temperature
        self.max_tokens = max_tokens
        self.keep_going = keep_going
        self._end: _Answer = Future()

    @cached_property
    def name(self) -> str:
        """`vllm:` and the model. Raises ServerError where the server must be asked for its model and cannot."""
        return f"vllm:{self._server.model or self._server.resolve_model()}"

    @property
    def prompt(self) -> str:
        """Id and version of the prompt."""
        return self.question.prompt.name

    def end(self, error: BaseException) -> None:
        """Let `caption`, under way in another thread or yet to come, raise an error once it has told what is answered
        by now."""
        if not self._end.done():
            self._end.set_exception(error)

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """One answer a job, as they become ready.

        Jobs are drawn in the caller's thread, some more than are being asked about, and read in processes of their
        own, so that the server stays busy while the caller works on an answer. A tile whose file is out of reach has
        no answer. Raises ServerError or OutOfReachError, after what was ready, for a server or a folder that is gone.
        """
        from anyio.from_thread import start_blocking_portal

        brake = Brake(self.keep_going)
        withheld = Withheld(brake)
        most = self.concurrency + min(self.concurrency, _LOOK_AHEAD)
        with (
            start_blocking_portal() as portal,
            PictureWorkers() as workers,
            portal.wrap_async_context_manager(self._server.session(brake)) as session,
        ):
            portal.start_task_soon(asyncio.to_thread, language.prepare)
            run = _Run(self, session, workers)
            ready: SimpleQueue[_Answer] = SimpleQueue()
            pending: set[_Answer] = set()
            self._end.add_done_callback(ready.put)
            try:
                for job in jobs:
                    future = portal.start_task_soon(run.answer, job)
                    pending.add(future)
                    future.add_done_callback(ready.put)
                    while len(pending) >= most or not ready.empty():
                        yield from withheld.passed(_next(ready, pending))
                while pending:
                    yield from withheld.passed(_next(ready, pending))
                yield from withheld.rest()
            except (ServerError, OutOfReachError):
                while not ready.empty():
                    future = ready.get()
                    if future.exception() is None and (answer := future.result()) is not None:
                        yield from withheld.passed(answer)
                raise
            finally:
                for future in pending:
                    future.cancel()


def _next(ready: SimpleQueue[_Answer], pending: set[_Answer]) -> CaptionAnswer | None:
    future = ready.get()
    pending.discard(future)
    return future.result()


class Withheld:
    """Bad answers that are not told before a good one has shown that the fault is not the server's.

    Before the run's first good answer all are withheld; later those on which the server failed. What is withheld when
    the run is stopped is dropped: its tiles go on waiting.
    """

    def __init__(self, brake: Brake) -> None:
        self._brake = brake
        self._answers: list[CaptionAnswer] = []
        self._any_good = False

    def passed(self, answer: CaptionAnswer | None) -> Iterator[CaptionAnswer]:
        """What can be told once this answer is there; None: there is none."""
        if answer is None:
            return
        self._any_good = self._any_good or answer.text is not None
        if answer.text is not None:
            yield answer
            yield from self._told()
        elif answer.refusals[-1:] == ("picture",) or (self._any_good and answer.refusals[-1:] != ("server",)):
            yield answer
        else:
            self._answers.append(answer)

    def rest(self) -> Iterator[CaptionAnswer]:
        """What is withheld when all are answered: where the server failed on all, no tile is to blame."""
        for answer in self._told():
            by_server = answer.refusals[-1:] == ("server",)
            yield replace(answer, final=False) if by_server and not self._any_good else answer

    def _told(self) -> Iterator[CaptionAnswer]:
        answers, self._answers = self._answers, []
        yield from answers


class _Run:
    """One run over many tiles, all of it in one event loop."""

    def __init__(self, captioner: VllmCaptioner, session: ChatSession, workers: PictureWorkers) -> None:
        self._parts = captioner.parts
        self._session = session
        self._workers = workers
        self._render = partial(data_url, rule=pixel_rule(session.root, captioner.max_side))
        self._exchange = Exchange(
            captioner.question,
            session.model,
            captioner.temperature,
            captioner.max_tokens,
            captioner.instructions_in,
        )
        self._out_of_reach_in_a_row = 0

    async def answer(self, job: CaptionJob) -> CaptionAnswer | None:
        """What becomes of one tile; None where its file is out of reach for now.

        Raises ServerError where asking on is of no use, OutOfReachError where the whole folder is away.
        """
        picture = await self._workers.picture(job, self._render)
        if picture.out_of_reach:
            self._count_out_of_reach(picture.error)
            return None
        self._out_of_reach_in_a_row = 0
        if picture.content is None:
            return unreadable(job.tile, picture.error)
        if self._parts == 1:
            return await self._try(job, picture.content)
        return await self._try_parts(job, picture.content)

    async def _try_parts(self, job: CaptionJob, url: str) -> CaptionAnswer:
        """All parts at once; then a part that does not go with the ones before is asked for again."""
        answers = await asyncio.gather(*(self._try(job, url, part) for part in range(self._parts)))
        said: list[RichText] = []
        for part, answer in enumerate(answers):
            beside = self._exchange.beside(answer, said)
            if answer.text is not None and beside.text is None:
                beside = await self._try(job, url, part, said, beside)
            answers[part] = beside
            if beside.text is not None:
                said.append(beside.text)
        return together(answers)

    async def _try(
        self,
        job: CaptionJob,
        url: str,
        part: int = 0,
        said: Sequence[RichText] = (),
        before: CaptionAnswer | None = None,
    ) -> CaptionAnswer:
        """Ask until an answer is good and goes with what was `said`, or the attempts are used up.

        `before`: what came of the attempts so far.
        """
        answer = before or CaptionAnswer(str(job.tile.id), None, attempts=0)
        room, sampling = 1, job.attempts + answer.attempts
        while answer.attempts < ATTEMPTS:
            try:
                reply, short_of_room = await self._ask(job, url, sampling, part, room)
            except RequestError as error:
                if room > 1:  # the server has no more room to give
                    room, sampling = 1, sampling + 1
                    continue
                self._session.brake.failed(error.kind, str(error), lost=True)
                return after(answer, failed(answer.tile_id, str(error), answer.raw))
            answer = after(answer, self._exchange.beside(reply, said))
            if answer.text is not None:
                self._session.brake.succeeded()
                break
            self._session.brake.failed(answer.refusals[-1], answer.error)
            # An answer cut off is asked for again in the same way with more room, once, before anything else.
            room, sampling = (_MORE_ROOM, sampling) if short_of_room and room == 1 else (1, sampling + 1)
        answer = settled(answer)
        if answer.text is not None:
            self._session.brake.succeeded()
        return answer

    async def _ask(self, job: CaptionJob, url: str, sampling: int, part: int, room: int) -> tuple[CaptionAnswer, bool]:
        """One request's answer, and whether it lacked room."""
        try:
            request = self._exchange.request(job.tile, url, sampling, part, room, job.labels)
            completion = await self._session.complete(request)
        except AnswerError as error:
            return refused(job.tile, error), False
        answer = self._exchange.answer(job.tile, completion)
        left_out = tuple(sorted(self._session.capabilities.left_out))
        return replace(answer, left_out=left_out), is_short_of_room(completion)

    def _count_out_of_reach(self, error: str) -> None:
        self._out_of_reach_in_a_row += 1
        if self._out_of_reach_in_a_row >= _OUT_OF_REACH_IN_A_ROW:
            raise OutOfReachError(
                f"{self._out_of_reach_in_a_row} files in a row cannot be opened; the last error: {error}. "
                "Bring the folder back, then run the command again."
            )
