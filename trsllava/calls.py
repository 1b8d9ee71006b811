"""What can be asked of the service, call by call: the request that a call becomes, and how its answer is read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter

from trsllava.dialogue.standing import Standing
from trsllava.dialogue.state import Answer, Dialogue, DialogueSettings
from trsllava.errors import (
    BusyError,
    CollectionMismatchError,
    EncoderError,
    ImageError,
    InputError,
    OutOfReachError,
    Parameter,
    ServerError,
    TrsllavaError,
    UnknownCollectionError,
    UnknownTileError,
    UnsearchableError,
)
from trsllava.labels.file import parse_tree, tree_text
from trsllava.records import Branch, Filters, FusionName, Hit, Picture, Query, SideBranch, Sort, Term, TileRecord
from trsllava.search.branches import check_query
from trsllava.search.conditions import BBoxLike, DatetimeLike, as_filters, as_query
from trsllava.search.coverage import Coverage
from trsllava.search.facets import Facets
from trsllava.search.result import SearchResult
from trsllava.search.suggesting import Suggestions
from trsllava.search.timings import Timings
from trsllava.search.understood import Understood

T = TypeVar("T")

_ERRORS: Mapping[str, type[TrsllavaError]] = {
    "bad-request": InputError,
    "bad-picture": InputError,
    "limit": InputError,
    "unknown-reranker": InputError,
    "unknown-dialogue": InputError,
    "moved-on": InputError,
    "unknown-collection": UnknownCollectionError,
    "unknown-item": UnknownTileError,
    "unsearchable": UnsearchableError,
    "other-encoder": CollectionMismatchError,
    "picture-gone": OutOfReachError,
    "picture-unreadable": ImageError,
    "busy": BusyError,
    "encoder": EncoderError,
}
"""The library's errors by the kind of problem; any other is a ServerError."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request, and how its answer is read."""

    path: str
    read: Callable[[bytes], T]
    method: str = "GET"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    """Sent as JSON, or beside the picture where there is one."""
    picture: bytes | None = None
    """An image file that is uploaded."""
    of_collection: bool = True
    """The client's collection goes with it."""
    repeatable: bool = True
    """Asked twice it does nothing twice."""


class RemoteJob(BaseModel):
    """A job of the service, and how far it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    collection: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    stage: str = ""
    done: int = 0
    total: int = 0
    report: dict[str, Any] | None = None
    """What the job did."""
    error: str | None = None
    """Why it failed."""


class RemoteEvent(BaseModel):
    """Something that happened to a job."""

    model_config = ConfigDict(frozen=True)

    number: int
    """Rises by one."""
    event: str
    """`state` or `progress`."""
    data: dict[str, Any]


@dataclass(frozen=True)
class RemoteStanding:
    """Where a dialogue of the service stands."""

    id: str
    step: int
    """Rises with every change."""
    standing: Standing


def search(
    text: str | Query = "",
    *,
    image: Path | str | Picture | None = None,
    k: int | None = None,
    bbox: BBoxLike | None = None,
    time: DatetimeLike | None = None,
    labels: str | Sequence[str] | None = None,
    without_labels: str | Sequence[str] | None = None,
    properties: str | Sequence[str] | None = None,
    source: Path | str | Sequence[Path | str] | None = None,
    filters: Filters | None = None,
    weight: float | None = None,
    pair: tuple[SideBranch, SideBranch] | None = None,
    edit: bool | None = None,
    exact_words: bool | None = None,
    places: bool | None = None,
    times: bool | None = None,
    branches: Sequence[Branch] | None = None,
    fusion: FusionName | None = None,
    weights: Mapping[Term, float] | None = None,
    all_tiles: bool | None = None,
    min_relevance: float | None = None,
    min_score: float | None = None,
    diversity: float | None = None,
    sort: Sort | None = None,
    rerank: str | None = None,
    rerank_top: int | None = None,
) -> Call[SearchResult]:
    """The k tiles (10) that best fit a text, a picture or both together: `trsllava.Archive.search` on the server.

    A picture is a file of this machine, or an array; it is uploaded. Paths in `source` are the server's.
    """
    query = as_query(
        text,
        k=k,
        filters=filters,
        weight=weight,
        pair=pair,
        edit=edit,
        exact_words=exact_words,
        places=places,
        times=times,
        branches=branches,
        fusion=fusion,
        weights=weights,
        all_tiles=all_tiles,
        min_relevance=min_relevance,
        min_score=min_score,
        diversity=diversity,
        sort=sort,
    )
    conditions = as_filters(
        query.filters,
        bbox=bbox,
        time=time,
        labels=labels,
        without_labels=without_labels,
        source=source,
        properties=properties,
    )
    picture = image if image is not None else query.image
    check_query(query.model_copy(update={"image": picture}), reranked=rerank is not None)
    told = query.model_dump(exclude={"filters", "image", "caption"}, exclude_defaults=True)
    body = told | _conditions(conditions) | _given(rerank=rerank, rerank_top=rerank_top)
    if picture is None:
        return Call("/v1/search", result_of, "POST", body=body)
    return Call("/v1/search/upload", result_of, "POST", body=body, picture=_file_of(picture))


def similar(
    tile_id: str,
    *,
    k: int | None = None,
    filters: Filters | None = None,
    all_tiles: bool | None = None,
    diversity: float | None = None,
    sort: Sort | None = None,
) -> Call[SearchResult]:
    """The tiles most like one of the collection's own, itself left out."""
    given = _given(k=k, all_tiles=all_tiles, diversity=diversity, sort=sort)
    return Call(f"/v1/items/{_id(tile_id)}/similar", result_of, parameters=given | _in_address(filters))


def tile(tile_id: str) -> Call[TileRecord]:
    """One tile by its id or the beginning of it. Raises UnknownTileError."""
    return Call(f"/v1/items/{_id(tile_id)}", _record_of)


def picture(tile_id: str, *, longest: int | None = None) -> Call[Picture]:
    """A tile's picture, `(h, w, 3)` uint8 RGB, shrunk to at most `longest` pixels a side (the server's limit)."""
    return Call(f"/v1/items/{_id(tile_id)}/render", _pixels_of, parameters=_given(size=longest) | {"format": "png"})


def thumbnail(tile_id: str, *, size: int = 256) -> Call[bytes]:
    """A small JPEG file of a tile, at most `size` pixels a side."""
    return Call(f"/v1/items/{_id(tile_id)}/thumbnail", bytes, parameters={"size": size})


def facets(filters: Filters | None = None, *, limit: int = 100) -> Call[Facets]:
    """How the tiles that pass the filters divide by label (at most `limit`), folder and time."""
    return Call("/v1/facets", TypeAdapter(Facets).validate_json, parameters=_in_address(filters) | {"limit": limit})


def suggest(text: str, *, limit: int = 10) -> Call[Suggestions]:
    """What a text that is being typed may become, by the collection's own words."""
    return Call("/v1/suggest", TypeAdapter(Suggestions).validate_json, parameters={"text": text, "limit": limit})


def use_labels(tree: Path | str | None) -> Call[None]:
    """Look labels up in a copy of a tree: a file of this machine, or `overhead`, which comes with trsllava; None: in
    none. Raises LabelFileError."""
    if tree is None:
        return Call("/v1/label-tree", _nothing, "DELETE")
    text = tree_text(tree)
    parse_tree(text, str(tree))
    return Call("/v1/label-tree", _nothing, "PUT", body={"file": text})


def _nothing(_: bytes) -> None:
    """What is read of an answer that says no more than that it was done."""


def collections() -> Call[list[str]]:
    """The names of the collections that are served, sorted."""
    return Call(
        "/v1/collections", lambda said: [one["id"] for one in json.loads(said)["collections"]], of_collection=False
    )


def index(
    folder: str,
    *,
    stac_query: str | None = None,
    captions: str | None = None,
    captioner: Literal["nano", "vllm"] | None = None,
    prune: bool = False,
    confirmed: bool = False,
    recaption_stale: bool = False,
    recaption_fewer: bool = False,
    dedupe: bool = False,
) -> Call[RemoteJob]:
    """Queue a job that brings the collection up to date with a folder of the server, below one of its roots, or with a
    document or an address that it may read.

    As `trsllava.Archive.index` does it; `events` follows the job.
    """
    switches = {
        "prune": prune,
        "confirmed": confirmed,
        "recaption_stale": recaption_stale,
        "recaption_fewer": recaption_fewer,
        "dedupe": dedupe,
    }
    body = {
        "kind": "index",
        "folder": folder,
        **_given(stac_query=stac_query, captions=captions, captioner=captioner),
        **switches,
    }
    return Call("/v1/jobs", RemoteJob.model_validate_json, "POST", body=body, repeatable=False)


def reindex() -> Call[RemoteJob]:
    """Queue a job that encodes all captions of the collection anew."""
    return Call("/v1/jobs", RemoteJob.model_validate_json, "POST", body={"kind": "reindex"}, repeatable=False)


def job(job_id: str) -> Call[RemoteJob]:
    """A job, and how far it is."""
    return Call(_job(job_id), RemoteJob.model_validate_json, of_collection=False)


def jobs() -> Call[list[RemoteJob]]:
    """The collection's jobs, the newest first."""
    return Call("/v1/jobs", lambda said: [RemoteJob.model_validate(one) for one in json.loads(said)["jobs"]])


def cancel(job_id: str) -> Call[RemoteJob]:
    """End a job; what it did so far is kept."""
    return Call(f"{_job(job_id)}/cancel", RemoteJob.model_validate_json, "POST", of_collection=False)


def resume(job_id: str) -> Call[RemoteJob]:
    """Queue a failed or cancelled job once more; it goes on where it was."""
    return Call(f"{_job(job_id)}/resume", RemoteJob.model_validate_json, "POST", of_collection=False)


def begin_chat(
    text: str,
    dialogue: Dialogue | None,
    *,
    k: int,
    rounds: int | None,
    settings: DialogueSettings | None,
    filters: Filters | None,
) -> Call[RemoteStanding]:
    """Begin a dialogue with a text, or where another one was."""
    told = _given(dialogue=_plain(dialogue), rounds=rounds, settings=_plain(settings))
    told |= _conditions(filters or Filters())
    body = told | ({"text": text} if text else {})
    return Call("/v1/dialogues", _standing_of, "POST", {"k": k}, body, repeatable=False)


def chat_standing(dialogue_id: str, *, k: int) -> Call[RemoteStanding]:
    """Where a dialogue stands."""
    return Call(_dialogue(dialogue_id), _standing_of, parameters={"k": k}, of_collection=False)


def answer_chat(dialogue_id: str, said: str | Answer, *, k: int, step: int) -> Call[RemoteStanding]:
    """Answer the question that a dialogue asked at a step."""
    body = {"said": said} if isinstance(said, str) else {"answer": _plain(said)}
    return _step(dialogue_id, "answer", k, step, body)


def undo_chat(dialogue_id: str, *, k: int, step: int) -> Call[RemoteStanding]:
    """Take back what was answered last."""
    return _step(dialogue_id, "undo", k, step)


def pick_chat(dialogue_id: str, tile: str, *, k: int, step: int) -> Call[RemoteStanding]:
    """The tile is found."""
    return _step(dialogue_id, "pick", k, step, {"item": tile})


def forget_chat(dialogue_id: str) -> Call[None]:
    """Have a dialogue forgotten."""
    return Call(_dialogue(dialogue_id), lambda _: None, "DELETE", of_collection=False)


def _step(
    dialogue_id: str, name: str, k: int, step: int, body: Mapping[str, Any] | None = None
) -> Call[RemoteStanding]:
    # Taken twice, the second is refused: it names a step that the dialogue has left behind.
    path = f"{_dialogue(dialogue_id)}/{name}"
    return Call(path, _standing_of, "POST", {"k": k, "step": step}, body, of_collection=False, repeatable=False)


def _dialogue(dialogue_id: str) -> str:
    if not dialogue_id or set(dialogue_id) - set("0123456789abcdef"):
        raise InputError(f"No dialogue has the id {dialogue_id!r}.")
    return f"/v1/dialogues/{dialogue_id}"


def _plain(record: BaseModel | None) -> dict[str, Any] | None:
    return None if record is None else record.model_dump(mode="json")


def _standing_of(said: bytes) -> RemoteStanding:
    told = json.loads(said)
    for hit in told["hits"]:
        del hit["links"]
    standing = Standing.model_validate({name: value for name, value in told.items() if name in Standing.model_fields})
    return RemoteStanding(told["id"], told["step"], standing)


def events_path(job_id: str) -> str:
    """Where a job's events are streamed from."""
    return f"{_job(job_id)}/events"


def _job(job_id: str) -> str:
    if not job_id or set(job_id) - set("0123456789abcdef"):
        raise InputError(f"No job has the id {job_id!r}.")
    return f"/v1/jobs/{job_id}"


def error_of(status: int, content: bytes) -> TrsllavaError:
    """The library's error for a problem that the service told."""
    try:
        told = json.loads(content)
        kind, said = str(told["type"]).rsplit("/", 1)[-1], " ".join(filter(None, [told["detail"], told.get("hint")]))
    except (ValueError, TypeError, KeyError):
        return ServerError(f"The service answered with status {status}. Check its address.")
    return _ERRORS.get(kind, ServerError)(said)


def result_of(said: bytes) -> SearchResult:
    """A search's result from its JSON."""
    told = json.loads(said)
    hits = [
        Hit.model_validate({name: value for name, value in hit.items() if name in Hit.model_fields})
        for hit in told["hits"]
    ]
    return SearchResult(
        hits,
        TypeAdapter(Understood).validate_python(told["understood"]),
        TypeAdapter(Coverage).validate_python(told["coverage"]),
        TypeAdapter(Timings).validate_python(told["timings"]),
    )


def _record_of(said: bytes) -> TileRecord:
    told = json.loads(said)
    return TileRecord.model_validate({name: value for name, value in told.items() if name in TileRecord.model_fields})


def _pixels_of(file: bytes) -> Picture:
    from PIL import Image

    pixels: Picture = np.array(Image.open(io.BytesIO(file)))
    return pixels


def _file_of(image: Path | str | Picture) -> bytes:
    """An image file, as it is or made of pixels. Raises InputError."""
    if isinstance(image, Path | str):
        try:
            return Path(image).expanduser().read_bytes()
        except OSError as error:
            raise InputError(f"The picture to search by cannot be read: {image}: {error.strerror}.") from error
    from PIL import Image

    from trsllava.search.picture_query import read_picture

    file = io.BytesIO()
    Image.fromarray(read_picture(image)).save(file, "PNG")
    return file.getvalue()


def _conditions(filters: Filters) -> dict[str, Any]:
    """Filters as the service takes them. Raises InputError for those that it does not."""
    if filters.area or filters.spans or filters.label_spellings:
        raise InputError(
            "A service takes filters without area, spans and spellings of labels. Say place and time in the "
            "text, or give ",
            Parameter("bbox"),
            ", ",
            Parameter("time"),
            " and ",
            Parameter("labels"),
            ".",
        )
    time = None
    if filters.start or filters.end:
        time = "/".join(side.isoformat() if side else ".." for side in (filters.start, filters.end))
    box = filters.bbox
    return _given(
        bbox=(box.west, box.south, box.east, box.north) if box else None,
        time=time,
        labels=filters.labels or None,
        without_labels=filters.without_labels or None,
        properties=tuple(map(str, filters.properties)) or None,
        source=filters.sources or None,
    )


def _in_address(filters: Filters | None) -> dict[str, Any]:
    told = _conditions(filters or Filters())
    if "bbox" in told:
        told["bbox"] = ",".join(map(str, told["bbox"]))
    return told


def _given(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _id(tile_id: str) -> str:
    """An id as it can stand in an address. Raises UnknownTileError for what cannot be one."""
    if not tile_id or set(str(tile_id)) - set("0123456789abcdef-"):
        raise UnknownTileError(f"No tile has an id that begins with {tile_id!r}.")
    return str(tile_id)
