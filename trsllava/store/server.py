"""The store for everybody who outgrows one machine: a Qdrant server or cluster, with the embedded store's layout."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from trsllava.errors import ServerError, UnknownCollectionError
from trsllava.records import Branch, Filters
from trsllava.store import backup, server_points
from trsllava.store.order import ranked
from trsllava.store.payload import FLOAT_KEYS, INTEGER_KEYS, KEYWORD_KEYS, from_stored
from trsllava.store.protocol import FloatArray, QueryVector, Scored, StoreSchema, TilePoint
from trsllava.store.scoring import MANY, StoredVectors
from trsllava.store.validation import check_facet, check_points, check_schema, check_vector

_BATCH = 256
_PAGE = 1000
_TIMEOUT_SECONDS = 60
_POLL_SECONDS = 0.2


class ServerStore:
    """A `VectorStore` in the collection `collection` of the Qdrant server at `url`.

    `client`: a ready client instead, say `QdrantClient(":memory:")`. Every call raises ServerError where the server
    cannot be reached or refuses, with its URL and what to do.
    """

    def __init__(
        self, url: str, collection: str, *, api_key: str | None = None, client: QdrantClient | None = None
    ) -> None:
        self._url, self._collection = url, collection
        self._client = client or QdrantClient(
            url=url, api_key=api_key, timeout=_TIMEOUT_SECONDS, check_compatibility=False
        )
        self._known: StoreSchema | None = None
        self._target: str | None = None
        self._found = ""

    def exists(self) -> bool:
        """True where the collection has been created."""
        self._find()
        with self._our_errors():
            return self._client.collection_exists(self._in_place())

    def create(self, schema: StoreSchema) -> None:
        """Create the empty collection and its payload indexes; nothing where it exists with this schema.

        Raises CollectionMismatchError for another schema.
        """
        if not self.exists():
            with self._our_errors():
                self._client.create_collection(
                    self._in_place(),
                    vectors_config=server_points.vectors_config(schema),
                    sparse_vectors_config=server_points.sparse_config(),
                )
        check_schema(self._name(), self._schema(), schema)
        with self._our_errors():
            # Repeated where they exist: a crash between the two calls must not leave a collection without indexes.
            for key in KEYWORD_KEYS:
                self._client.create_payload_index(self._in_place(), key, models.PayloadSchemaType.KEYWORD, wait=True)
            for key in FLOAT_KEYS:
                self._client.create_payload_index(self._in_place(), key, models.PayloadSchemaType.FLOAT, wait=True)
            for key in INTEGER_KEYS:
                self._client.create_payload_index(self._in_place(), key, models.PayloadSchemaType.INTEGER, wait=True)

    def drop(self) -> None:
        """Delete the collection; nothing where it does not exist."""
        with self._our_errors():
            if self._find():
                self._client.update_collection_aliases([self._without_alias()])
            self._client.delete_collection(self._collection)
        self._known = None
        self.sweep()

    def build(self) -> str:
        """The name of the build that answers: the alias's; empty where none was swapped in."""
        return self._find().removeprefix(self._built(""))

    @contextmanager
    def beside(self, build: str, schema: StoreSchema) -> Iterator[ServerStore]:
        """An empty collection of the same server; deleted where filling it fails."""
        store = ServerStore(self._url, self._built(build), client=self._client)
        try:
            store.create(schema)
            yield store
        except BaseException:
            store.drop()
            raise

    def swap(self, build: str) -> None:
        """Point the alias, which calls go to from then on, at the collection filled beside."""
        created = models.CreateAlias(collection_name=self._built(build), alias_name=self._alias)
        steps: list[Any] = [models.CreateAliasOperation(create_alias=created)]
        if self._find():
            steps.insert(0, self._without_alias())
        with self._our_errors():
            self._client.update_collection_aliases(steps)  # the server takes the steps as one
        self.sweep()

    def sweep(self) -> None:
        """Delete the builds that the alias does not name and, where it names one, the collection before the first."""
        in_place = self._find()
        with self._our_errors():
            for found in self._client.get_collections().collections:
                is_build = re.fullmatch(re.escape(self._built("")) + "[0-9a-f]{32}", found.name)
                if (is_build and found.name != in_place) or (in_place and found.name == self._collection):
                    self._client.delete_collection(found.name)

    def session(self) -> AbstractContextManager[None]:
        """A server needs none."""
        return nullcontext()

    def upsert(self, points: Sequence[TilePoint]) -> None:
        """Write tiles, replacing those with the same id; applied when the call returns.

        Raises CollectionMismatchError for a wrong dimension.
        """
        check_points(self._name(), self._schema(), points)
        with self._our_errors():
            for start in range(0, len(points), _BATCH):
                batch = [server_points.to_point(point) for point in points[start : start + _BATCH]]
                self._client.upsert(self._in_place(), batch, wait=True)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove tiles; unknown ids are ignored."""
        self._schema()
        with self._our_errors():
            for start in range(0, len(ids), _PAGE):
                chosen = models.PointIdsList(points=list(ids[start : start + _PAGE]))
                self._client.delete(self._in_place(), chosen, wait=True)

    def ids(self) -> list[str]:
        """The ids of all tiles, sorted."""
        return sorted(str(record.id) for record in self._records(whole=False))

    def count(self, filters: Filters | None = None) -> int:
        """How many tiles pass the filters, exactly."""
        with self._our_errors():
            where = server_points.conditions(filters)
            return self._client.count(self._in_place(), count_filter=where, exact=True).count

    def facet(self, key: str, filters: Filters | None = None, limit: int = 100) -> dict[str, int]:
        """How often each value of `labels` or `sources` occurs among the tiles that pass, most frequent first."""
        check_facet(key)
        with self._our_errors():
            where = server_points.conditions(filters)
            response = self._client.facet(self._in_place(), key, facet_filter=where, limit=limit, exact=True)
        return {str(hit.value): hit.count for hit in response.hits}

    def search(self, branch: Branch, vector: QueryVector, limit: int, filters: Filters | None = None) -> Scored:
        """The best tiles of one branch, by the index (approximate for dense and image)."""
        check_vector(self._name(), self._schema(), branch, vector)
        request = server_points.indexed_query(branch, vector, limit, server_points.conditions(filters))
        return self._answers([request])[0]

    def exact(
        self,
        branch: Branch,
        vectors: Sequence[QueryVector],
        ids: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> list[Scored]:
        """Exact scores, one `Scored` a query vector, of the given tiles (None: of all) that pass the filters."""
        for vector in vectors:
            check_vector(self._name(), self._schema(), branch, vector)
        where = server_points.conditions(filters, ids)
        if where is None and len(vectors) >= MANY:
            return StoredVectors.of(self._points()).scored(branch, vectors)
        limit = max(1, len(ids) if ids is not None else self.count())
        return self._answers([server_points.exact_query(branch, vector, limit, where) for vector in vectors])

    def held(self, queries: int) -> None:
        """None: others may write to the server, so no copy of its vectors is kept here."""

    def hold(self) -> None:
        """Does nothing: see `held`."""

    def dense_vectors(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        """The `(v, d)` float32 caption vectors of tiles, in the order they were written; unknown ids are left out."""
        with self._our_errors():
            records = self._client.retrieve(self._in_place(), list(ids), with_payload=False, with_vectors=["dense"])
        return {str(record.id): np.asarray(_named(record)["dense"], np.float32) for record in records}

    def optimize(self) -> None:
        """Wait until the server has built its index over everything written so far."""
        while True:
            with self._our_errors():
                status = self._client.get_collection(self._in_place()).status
            if status == models.CollectionStatus.GREEN:
                return
            if status == models.CollectionStatus.RED:
                raise ServerError(f"{self._name()} cannot build its index. Look at the server's log.")
            if status == models.CollectionStatus.GREY:  # postponed after a restart: an update wakes the optimisers
                with self._our_errors():
                    self._client.update_collection(self._in_place(), optimizers_config=models.OptimizersConfigDiff())
            time.sleep(_POLL_SECONDS)

    def backup(self, target: Path) -> None:
        """Write the whole collection to a new folder; see `backup.py`. Raises InputError, HomeError."""
        backup.write(target, self._schema(), self._points())

    def restore(self, source: Path) -> None:
        """Replace the collection by what `backup` wrote. Raises InputError where `source` is no backup."""
        backup.restore(self, source)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    @property
    def _alias(self) -> str:
        return f"{self._collection}-current"

    def _built(self, build: str) -> str:
        return f"{self._collection}-build-{build}"

    def _without_alias(self) -> models.DeleteAliasOperation:
        return models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self._alias))

    def _find(self) -> str:
        """The build's collection that the alias names now, empty where there is none; calls go by it from then on."""
        with self._our_errors():
            aliases = {found.alias_name: found.collection_name for found in self._client.get_aliases().aliases}
        found = aliases.get(self._alias, "")
        self._target = self._alias if found else self._collection
        if found != self._found:
            self._found, self._known = found, None
        return found

    def _in_place(self) -> str:
        """Where calls go: to the alias, which the server itself resolves, before the first `swap` to a collection."""
        if self._target is None:
            self._find()
        return self._target or self._collection

    def _name(self) -> str:
        return f"Collection {self._collection!r} on {self._url}"

    def _schema(self) -> StoreSchema:
        """The dimensions the collection was created with. Raises UnknownCollectionError where there is none."""
        if self._known is None:
            with self._our_errors():
                config: Any = self._client.get_collection(self._in_place()).config.params.vectors
            image = config.get("image")
            self._known = StoreSchema(config["dense"].size, None if image is None else image.size)
        return self._known

    def _answers(self, requests: Sequence[models.QueryRequest]) -> list[Scored]:
        answers: list[Scored] = []
        with self._our_errors():
            for start in range(0, len(requests), MANY):
                for response in self._client.query_batch_points(self._in_place(), requests[start : start + MANY]):
                    points = response.points
                    answers.append(ranked([str(point.id) for point in points], [point.score for point in points]))
        return answers

    def _records(self, *, whole: bool) -> Iterator[models.Record]:
        offset: Any = None
        while True:
            with self._our_errors():
                records, offset = self._client.scroll(
                    self._in_place(), limit=_BATCH if whole else _PAGE, offset=offset,
                    with_payload=whole, with_vectors=whole,
                )  # fmt: skip
            yield from records
            if offset is None:
                return

    def _points(self) -> Iterator[TilePoint]:
        for record in self._records(whole=True):
            yield from_stored(str(record.id), _named(record), record.payload or {})

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except ResponseHandlingException as error:
            raise ServerError(
                f"The Qdrant server at {self._url} cannot be reached ({error}). "
                "Start it (`docker compose up qdrant`), or correct the address."
            ) from error
        except UnexpectedResponse as error:
            raise self._refusal(error) from error
        except ApiException as error:
            raise ServerError(f"The Qdrant server at {self._url} failed: {error}.") from error
        except ValueError as error:  # what local mode raises where a server answers 404
            if not re.fullmatch(r"Collection .* not found", str(error)):
                raise
            raise self._unknown() from error

    def _refusal(self, error: UnexpectedResponse) -> ServerError | UnknownCollectionError:
        if error.status_code in (401, 403):
            return ServerError(f"The Qdrant server at {self._url} rejects the API key. Set TRSLLAVA_QDRANT_API_KEY.")
        if error.status_code == 404:
            return self._unknown()
        text = error.content.decode("utf-8", "replace")[:300]
        return ServerError(f"The Qdrant server at {self._url} refused with status {error.status_code}: {text}")

    def _unknown(self) -> UnknownCollectionError:
        self._target = None  # the first `swap` of another process may have moved it
        return UnknownCollectionError(
            f"There is no collection {self._collection!r} on {self._url} yet. Create it with `trsllava index FOLDER`."
        )


def _named(record: models.Record) -> dict[str, Any]:
    vectors: Any = record.vector
    return dict(vectors)
