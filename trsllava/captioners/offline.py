"""Captions by vLLM inside this process: no server, for a machine that only captions. Needs vLLM's own environment."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, partial
from itertools import islice
from typing import Any

import prompts
from trsllava.captioners.answer import Bounds
from trsllava.captioners.attempts import ATTEMPTS, after, settled
from trsllava.captioners.exchange import Exchange, InstructionsIn, unreadable
from trsllava.captioners.picture import data_url
from trsllava.captioners.pixels import pixel_rule
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.captioners.serving import engine_options
from trsllava.captioners.workers import PictureWorkers
from trsllava.completion import Completion, Usage
from trsllava.errors import Parameter, ServerError
from trsllava.records import CheckName

_BATCH = 512
"""Tiles handed to the engine at once: enough that its slots are idle for little of the time."""


class OfflineCaptioner:
    """`LLM.chat` with the requests that a server would be sent.

    `model`: hub id or folder. `engine`: further keyword arguments of `vllm.LLM`. `variants`, `bounds`, `max_tokens`,
    `temperature`, `max_side`, `instructions_in`, `skip_checks`, `prompt`: as VllmCaptioner has them.
    """

    def __init__(
        self,
        model: str,
        *,
        max_side: int = 1024,
        variants: int = 5,
        instructions_in: InstructionsIn = "system",
        temperature: float = 0.3,
        max_tokens: int = 4096,
        bounds: Bounds | None = None,
        skip_checks: Collection[CheckName] = (),
        engine: Mapping[str, Any] | None = None,
        prompt: str = "rsrt",
    ) -> None:
        self.model = model
        self.max_side = max_side
        question = RsrtQuestion(prompts.load(prompt), variants, bounds or Bounds(), skip_checks)
        self._exchange = Exchange(question, model, temperature, max_tokens, instructions_in)
        self._engine = engine_options(model, max_side) | dict(engine or {})

    @property
    def name(self) -> str:
        """`vllm:` and the model: where it runs makes no other captioner of it."""
        return f"vllm:{self.model}"

    @property
    def prompt(self) -> str:
        """Id and version of the prompt."""
        return self._exchange.question.prompt.name

    @cached_property
    def _llm(self) -> Any:
        try:
            from vllm import LLM
        except ImportError as error:
            raise ServerError(
                "vLLM is not installed in this environment. Install it in one of its own, with trsllava beside it "
                "(`pip install vllm trsllava`), or use ",
                Parameter("captioner", "vllm"),
                " with a server.",
            ) from error
        try:
            return LLM(self.model, **self._engine)
        except (OSError, ValueError, RuntimeError) as error:
            raise ServerError(f"vLLM cannot load {self.model}: {error}") from error

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """One answer a job, batch by batch; the next batch's bad answers are asked for anew with it.

        Raises ServerError where vLLM or the model cannot be loaded.
        """
        engine = self._llm
        with PictureWorkers() as workers:
            render = partial(data_url, rule=pixel_rule(self.model, self.max_side))
            pictures = iter(workers.pictures(jobs, render))
            waiting: list[tuple[CaptionJob, str, CaptionAnswer]] = []
            while True:
                drawn = list(islice(pictures, _BATCH - len(waiting)))
                if not drawn and not waiting:
                    return
                for job, picture in drawn:
                    if picture.out_of_reach:
                        continue
                    if picture.content is None:
                        yield unreadable(job.tile, picture.error)
                    else:
                        waiting.append((job, picture.content, CaptionAnswer(str(job.tile.id), None, attempts=0)))
                if not waiting:  # no picture of these could be read; the next ones may be
                    continue
                answers = self._chat(engine, waiting)
                waiting, done = _sorted_out(waiting, answers)
                yield from done

    def _chat(self, engine: Any, asked: list[tuple[CaptionJob, str, CaptionAnswer]]) -> list[CaptionAnswer]:
        """One more attempt at each tile, added to what it has cost before."""
        bodies = [
            self._exchange.request(job.tile, url, job.attempts + before.attempts, labels=job.labels)
            for job, url, before in asked
        ]
        begun = time.perf_counter()
        outputs = engine.chat(
            [body["messages"] for body in bodies], [sampling_of(body) for body in bodies], use_tqdm=False
        )
        seconds = (time.perf_counter() - begun) / len(bodies)
        return [
            after(before, self._exchange.answer(job.tile, completion_of_output(output, seconds)))
            for (job, _, before), output in zip(asked, outputs, strict=True)
        ]


def sampling_of(body: Mapping[str, Any]) -> Any:
    """A chat request's sampling as vLLM's SamplingParams."""
    from vllm import SamplingParams
    from vllm.sampling_params import StructuredOutputsParams

    schema = body["response_format"]["json_schema"]["schema"]
    return SamplingParams(
        temperature=body["temperature"],
        seed=body["seed"],
        max_tokens=body["max_tokens"],
        structured_outputs=StructuredOutputsParams(json=json.dumps(schema)),
    )


def completion_of_output(output: Any, seconds: float) -> Completion:
    """vLLM's RequestOutput as a Completion; `seconds`: the share of the batch's time."""
    choice = output.outputs[0]
    usage = Usage(
        requests=1,
        prompt_tokens=len(output.prompt_token_ids or ()),
        cached_tokens=output.num_cached_tokens or 0,
        completion_tokens=len(choice.token_ids),
        seconds=seconds,
    )
    return Completion(choice.text, choice.finish_reason or "", usage)


def _sorted_out(
    asked: list[tuple[CaptionJob, str, CaptionAnswer]], answers: list[CaptionAnswer]
) -> tuple[list[tuple[CaptionJob, str, CaptionAnswer]], list[CaptionAnswer]]:
    """What is to be asked again, and what is settled."""
    again, done = [], []
    for (job, url, _), answer in zip(asked, answers, strict=True):
        if answer.text is None and answer.attempts < ATTEMPTS:
            again.append((job, url, answer))
        else:
            done.append(settled(answer))
    return again, done
