"""Captions by way of files: requests for `vllm run-batch` (OpenAI's batch format) out, its results in."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import prompts
from trsllava.captioners.answer import Bounds
from trsllava.captioners.asking import Asking, InstructionsIn, failed, refused, unreadable
from trsllava.captioners.picture import Picture
from trsllava.captioners.pixels import pixel_rule
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.captioners.workers import PictureWorkers
from trsllava.completion import completion_of
from trsllava.errors import AnswerError, CaptionFileError, InputError
from trsllava.records import CheckName, Tile

_URL = "/v1/chat/completions"


def batch_asking(
    model: str,
    *,
    variants: int = 5,
    instructions_in: InstructionsIn = "system",
    skip_checks: Collection[CheckName] = (),
) -> Asking:
    """How a batch asks, and how its results are read."""
    question = RsrtQuestion(prompts.load("rsrt"), variants, Bounds(), skip_checks)
    return Asking(question, model, instructions_in=instructions_in)


def write_requests(
    jobs: Iterable[CaptionJob], asking: Asking, folder: Path, *, per_file: int = 2000, max_side: int = 1024
) -> tuple[list[Path], list[CaptionAnswer]]:
    """Write a request a job, `per_file` of them a file (`requests-00000.jsonl` …); the names are new in the folder.

    Returns the files, and an answer with its reason for every picture that cannot be read. Raises InputError where the
    folder already holds requests.
    """
    if any(folder.glob("requests-*.jsonl")):
        raise InputError(f"{folder} already holds requests. Name a new folder, or remove them.")
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    without: list[CaptionAnswer] = []
    rule = pixel_rule(asking.model, max_side)
    with PictureWorkers() as workers:
        lines = _lines(workers.pictures(jobs, rule), asking, without)
        while first := next(lines, None):
            path = folder / f"requests-{len(files):05}.jsonl"
            with path.open("w", encoding="utf-8") as file:
                file.write(first)
                file.writelines(islice(lines, per_file - 1))
            files.append(path)
    return files, without


def request_line(tile_id: str, body: dict[str, Any]) -> str:
    """One line of a batch file."""
    return json.dumps({"custom_id": tile_id, "method": "POST", "url": _URL, "body": body}) + "\n"


def result_answer(line: str, asking: Asking, tiles: Mapping[str, Tile]) -> CaptionAnswer | None:
    """One line of a result file as an answer; None where it is about none of the `tiles` (by id).

    Raises ValueError, KeyError, TypeError or AttributeError for a line that is no result.
    """
    row = json.loads(line)
    tile, response = tiles.get(row["custom_id"]), row.get("response") or {}
    if tile is None:
        return None
    if row.get("error") or response.get("status_code", 200) != 200:
        reason = json.dumps(row.get("error") or response.get("body"))
        return failed(str(tile.id), f"the batch failed on it: {reason[:300]}")
    try:
        return asking.answer(tile, completion_of(response["body"]))
    except AnswerError as error:
        return refused(tile, error)


class BatchResults:
    """A captioner whose answers are already there: files that `vllm run-batch` wrote.

    `results`: a file, or a folder of `*.jsonl`. A tile without a result stays pending. Raises CaptionFileError.
    """

    def __init__(self, results: Path, asking: Asking) -> None:
        self._asking = asking
        self._files = sorted(results.glob("*.jsonl")) if results.is_dir() else [results]
        if not self._files:
            raise CaptionFileError(f"{results} holds no .jsonl file.")

    @property
    def name(self) -> str:
        """`vllm:` and the model."""
        return f"vllm:{self._asking.model}"

    @property
    def prompt(self) -> str:
        """Id and version of the prompt."""
        return self._asking.question.prompt.name

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """An answer for each job that the files speak of, in their order; no picture is read.

        Raises CaptionFileError, with file and line, where a line is no result."""
        wanted = {str(job.tile.id): job.tile for job in jobs}
        for path in self._files:
            for number, line in _numbered(path):
                try:
                    answer = result_answer(line, self._asking, wanted)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise CaptionFileError(
                        f"{path}, line {number} is no result of `vllm run-batch` ({error}). What came before is kept."
                    ) from error
                if answer is not None:
                    del wanted[answer.tile_id]
                    yield answer


def _lines(
    pictures: Iterable[tuple[CaptionJob, Picture]], asking: Asking, without: list[CaptionAnswer]
) -> Iterator[str]:
    for job, picture in pictures:
        if picture.error:
            without.append(unreadable(job.tile, picture.error))
        else:
            yield request_line(str(job.tile.id), asking.request(job.tile, picture.url, job.attempts))


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from ((number, line) for number, line in enumerate(file, start=1) if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise CaptionFileError(f"{path} cannot be read: {error}.") from error
