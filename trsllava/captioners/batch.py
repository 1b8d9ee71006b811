"""Captions by way of files: requests for `vllm run-batch` (OpenAI's batch format) out, its results in."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import prompts
from trsllava.captioners.answer import Bounds
from trsllava.captioners.attempts import ATTEMPTS, after, settled
from trsllava.captioners.exchange import Exchange, InstructionsIn, failed, refused, unreadable
from trsllava.captioners.picture import Picture, data_url
from trsllava.captioners.pixels import pixel_rule
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.captioners.workers import PictureWorkers
from trsllava.completion import completion_of
from trsllava.errors import AnswerError, CaptionFileError, InputError
from trsllava.records import CheckName, Tile

_URL = "/v1/chat/completions"


def batch_exchange(
    model: str,
    *,
    variants: int = 5,
    instructions_in: InstructionsIn = "system",
    skip_checks: Collection[CheckName] = (),
) -> Exchange:
    """How a batch asks, and how its results are read."""
    question = RsrtQuestion(prompts.load("rsrt"), variants, Bounds(), skip_checks)
    return Exchange(question, model, instructions_in=instructions_in)


def write_requests(
    jobs: Iterable[CaptionJob], exchange: Exchange, folder: Path, *, per_file: int = 2000, max_side: int = 1024
) -> tuple[list[Path], list[CaptionAnswer]]:
    """Write a request a job, `per_file` of them a file (`requests-00000.jsonl` …); the names are new in the folder.

    Returns the files, and an answer with its reason for every picture that cannot be read. Raises InputError where the
    folder already holds requests, or cannot be made or written.
    """
    _make_folder(folder)
    files: list[Path] = []
    without: list[CaptionAnswer] = []
    render = partial(data_url, rule=pixel_rule(exchange.model, max_side))
    with PictureWorkers() as workers:
        lines = _lines(workers.pictures(jobs, render), exchange, without)
        while first := next(lines, None):
            path = folder / f"requests-{len(files):05}.jsonl"
            with _opened(path) as file:
                file.write(first)
                file.writelines(islice(lines, per_file - 1))
            files.append(path)
    return files, without


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be made: {error.strerror}. Name another for the requests."
        ) from error
    if any(folder.glob("requests-*.jsonl")):
        raise InputError(f"{folder} already holds requests. Name a new folder, or remove them.")


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error


def request_line(tile_id: str, attempt: int, body: dict[str, Any]) -> str:
    """One line of a batch file. From the second attempt on its number is part of the id."""
    custom_id = f"{tile_id}:{attempt}" if attempt else tile_id
    return json.dumps({"custom_id": custom_id, "method": "POST", "url": _URL, "body": body}) + "\n"


def result_answer(row: dict[str, Any], exchange: Exchange, tile: Tile) -> CaptionAnswer:
    """One line of a result file as the answer about its tile.

    Raises ValueError, KeyError, TypeError or AttributeError for a line that is no result.
    """
    response = row.get("response") or {}
    if row.get("error") or response.get("status_code", 200) != 200:
        reason = json.dumps(row.get("error") or response.get("body"))
        return failed(str(tile.id), f"the batch failed on it: {reason[:300]}")
    try:
        return exchange.answer(tile, completion_of(response["body"]))
    except AnswerError as error:
        return refused(tile, error)


class BatchResults:
    """A captioner whose answers are already there: files that `vllm run-batch` wrote.

    `results`: a file, or a folder of `*.jsonl`, of one round of requests or of several. A tile without a result stays
    pending, and so does one with bad answers until it has had three. Raises CaptionFileError.
    """

    def __init__(self, results: Path, exchange: Exchange) -> None:
        self._exchange = exchange
        self._files = sorted(results.glob("*.jsonl")) if results.is_dir() else [results]
        if not self._files:
            raise CaptionFileError(f"{results} holds no .jsonl file.")

    @property
    def name(self) -> str:
        """`vllm:` and the model."""
        return f"vllm:{self._exchange.model}"

    @property
    def prompt(self) -> str:
        """Id and version of the prompt."""
        return self._exchange.question.prompt.name

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """An answer for each job that the files speak of: its last good one, else its last; no picture is read.

        Raises CaptionFileError, with file and line, where a line is no result; what comes before it is answered."""
        wanted = {str(job.tile.id): job for job in jobs}
        places, broken = self._places(wanted)
        for tile_id, lines in places.items():
            if answer := self._best(wanted[tile_id], lines):
                yield answer
        if broken is not None:
            raise broken

    def _places(self, wanted: Collection[str]) -> tuple[dict[str, list[_Place]], CaptionFileError | None]:
        """Where the results of each wanted tile are, up to the first line that is no result; and that line's error.

        Only places are held: the answers of a whole archive need not fit in memory.
        """
        places: dict[str, list[_Place]] = {}
        try:
            for place, line in chain.from_iterable(map(_lines_of, self._files)):
                with _told(place):
                    tile_id = json.loads(line)["custom_id"].partition(":")[0]
                if tile_id in wanted:
                    places[tile_id] = [*places.pop(tile_id, []), place]  # in the order of their last lines
        except CaptionFileError as error:
            return places, error
        return places, None

    def _best(self, job: CaptionJob, lines: Sequence[_Place]) -> CaptionAnswer | None:
        """The last good answer, else the bad ones as one; None where an earlier import has counted those already."""
        bad: dict[int, CaptionAnswer] = {}
        for place in reversed(lines):
            with _told(place):
                row = json.loads(place.read())
                attempt, answer = _attempt(row), result_answer(row, self._exchange, job.tile)
            if answer.text is not None:
                return answer
            if attempt >= job.attempts:
                bad.setdefault(attempt, answer)
        if not bad:
            return None
        answer = reduce(after, (bad[attempt] for attempt in sorted(bad)))
        if job.attempts + answer.attempts >= ATTEMPTS:
            return settled(answer)
        return replace(answer, final=False)


def _lines(
    pictures: Iterable[tuple[CaptionJob, Picture[str]]], exchange: Exchange, without: list[CaptionAnswer]
) -> Iterator[str]:
    for job, picture in pictures:
        if picture.content is None:
            without.append(unreadable(job.tile, picture.error))
        else:
            yield request_line(
                str(job.tile.id), job.attempts, exchange.request(job.tile, picture.content, job.attempts)
            )


@dataclass(frozen=True, slots=True)
class _Place:
    """One line of a file: its number, and the byte at which it begins."""

    path: Path
    number: int
    start: int

    def read(self) -> bytes:
        """The line. Raises CaptionFileError."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                return file.readline()
        except OSError as error:
            raise _unreadable_file(self.path, error) from error


def _lines_of(path: Path) -> Iterator[tuple[_Place, bytes]]:
    """The lines of a file that are not blank, each with its place. Raises CaptionFileError."""
    start = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _Place(path, number, start), line
                start += len(line)
    except OSError as error:
        raise _unreadable_file(path, error) from error


def _unreadable_file(path: Path, error: OSError) -> CaptionFileError:
    return CaptionFileError(f"{path} cannot be read: {error}.")


def _attempt(row: dict[str, Any]) -> int:
    """How often the tile of a result had been asked about before."""
    return int(row["custom_id"].partition(":")[2] or 0)


@contextmanager
def _told(place: _Place) -> Iterator[None]:
    """Names file and line of what is no result."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CaptionFileError(
            f"{place.path}, line {place.number} is not a result of `vllm run-batch` ({error}). "
            "What came before is kept."
        ) from error
