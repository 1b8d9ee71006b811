"""The same calls on both stores agree: the embedded engine, `QdrantClient(":memory:")`, and a server if there is one.

Set TRSLLAVA_TEST_QDRANT_URL to compare with a real server.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trsllava.errors import CollectionMismatchError, InputError, ServerError, UnknownCollectionError
from trsllava.records import Area, Filters, Footprint, PropertyCondition
from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import SparseVector, StoreSchema, TilePoint, VectorStore
from trsllava.store.scoring import MANY
from trsllava.store.server import ServerStore

SCHEMA = StoreSchema(dense_dim=4, image_dim=3)
SERVER = os.environ.get("TRSLLAVA_TEST_QDRANT_URL")
LABELS = ("port", "ship", "farm")
SOURCES = ("/a", "/a/b", "/c")

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorStore]:
    store = EmbeddedStore(tmp_path_factory.mktemp("congruence") / "store", wait_seconds=60)
    yield store
    store.close()


@pytest.fixture(
    scope="module",
    params=[
        "memory",
        pytest.param(
            "server", marks=pytest.mark.skipif(not SERVER, reason="TRSLLAVA_TEST_QDRANT_URL names no Qdrant server")
        ),
    ],
)
def other(request: pytest.FixtureRequest) -> Iterator[VectorStore]:
    from qdrant_client import QdrantClient

    if request.param == "memory":
        store = ServerStore(":memory:", "congruence", client=QdrantClient(":memory:"))
    else:
        store = ServerStore(SERVER, f"trsllava-test-{uuid.uuid4()}")
    yield store
    store.drop()
    store.close()


def vectors(dim: int) -> st.SearchStrategy[np.ndarray]:
    numbers = st.lists(st.integers(-3, 3), min_size=dim, max_size=dim).filter(any)
    return numbers.map(lambda row: (np.array(row, np.float32) / np.linalg.norm(row)).astype(np.float32))


sparse = st.dictionaries(st.integers(0, 6), st.sampled_from([0.5, 1.0, 2.0]), max_size=4).map(
    lambda words: SparseVector(np.array([*words], np.uint32), np.array([*words.values()], np.float32))
)
times = st.integers(0, 20).map(lambda day: datetime(2020, 1, 1 + day, tzinfo=UTC))
degrees = st.integers(-18, 18).map(lambda ten: 10.0 * ten)


properties = st.fixed_dictionaries(
    {}, optional={"view:sun": st.sampled_from([-1.0, 0.5, 20.0]), "platform": st.sampled_from(["s2a", "20"])}
)
conditions = st.builds(
    PropertyCondition,
    name=st.sampled_from(["view:sun", "platform", "gsd"]),
    comparison=st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
    value=st.sampled_from(["-1", "0.5", "20"]),
) | st.builds(
    PropertyCondition, name=st.just("platform"), comparison=st.sampled_from(["=", "!="]), value=st.just("S2A")
)


@st.composite
def tiles(draw: st.DrawFn, number: st.SearchStrategy[int]) -> TilePoint:
    west, south = draw(degrees), draw(st.integers(-8, 7)) * 10.0
    box = (west, south, west + draw(st.sampled_from([0.0, 5, 20, 200, 360])), south + 10)
    acquired = draw(st.none() | times.map(datetime.timestamp))
    lasts = draw(st.none() | st.sampled_from([3600.0, 40 * 86400.0]))
    return TilePoint(
        id=str(uuid.UUID(int=draw(number))),
        dense=np.stack(draw(st.lists(vectors(4), min_size=1, max_size=3))),
        sparse=draw(sparse),
        image=draw(st.none() | vectors(3)),
        labels=tuple(draw(st.sets(st.sampled_from(LABELS)))),
        sources=tuple(draw(st.sets(st.sampled_from(SOURCES)))),
        box=draw(st.sampled_from([box, box, None])),
        acquired=acquired,
        acquired_end=None if acquired is None or lasts is None else acquired + lasts,
        properties=draw(properties),
    )


boxes = st.builds(
    lambda west, east, south, height: Footprint(west=west, east=east, south=south, north=south + height),
    degrees,
    degrees,
    st.integers(-8, 6).map(lambda ten: 10.0 * ten),
    st.sampled_from([0.0, 5, 20]),
)
some_filters = st.builds(
    Filters,
    bbox=st.none() | boxes,
    area=st.none() | st.lists(boxes, min_size=1, max_size=3).map(lambda held: Area(boxes=tuple(held))),
    spans=st.lists(st.tuples(times, times).map(sorted).map(tuple), max_size=2).map(tuple),
    start=st.none() | times,
    end=st.none() | times,
    labels=st.lists(st.sampled_from(LABELS), max_size=2, unique=True).map(tuple),
    label_spellings=st.lists(st.sampled_from([("port",), ("port", "ship"), ("ship", "farm")]), max_size=1).map(tuple),
    without_labels=st.lists(st.sampled_from(LABELS), max_size=1).map(tuple),
    sources=st.lists(st.sampled_from(SOURCES), max_size=2, unique=True).map(tuple),
    properties=st.lists(conditions, max_size=2).map(tuple),
)
some_ids = st.lists(st.integers(1, 14).map(lambda n: str(uuid.UUID(int=n))), min_size=1, max_size=5, unique=True)
some_tiles = st.lists(tiles(st.integers(1, 12)), min_size=1, max_size=8, unique_by=lambda tile: tile.id)
# Something is written first: local mode does not know a vector's kind before it has seen one.
changes = st.tuples(some_tiles, st.lists(some_tiles | some_ids, max_size=3)).map(lambda steps: [steps[0], *steps[1]])


def _meets(value: str | float | None, condition: PropertyCondition) -> bool:
    if isinstance(value, str):
        equal = value == condition.value.lower()
        return equal if condition.comparison == "=" else condition.comparison == "!=" and not equal
    if value is None:
        return condition.comparison == "!="
    number = condition.number
    if number is None:
        return condition.comparison == "!="
    by = {"=": value == number, "!=": value != number, "<": value < number, ">": value > number}
    return by.get(condition.comparison, value <= number if condition.comparison == "<=" else value >= number)


def passes(tile: TilePoint, filters: Filters) -> bool:
    """What the filters mean, said without any engine."""
    if filters.bbox is not None and not meets(tile, filters.bbox):
        return False
    if filters.area is not None and not any(meets(tile, box) for box in filters.area.boxes):
        return False
    if not all(_meets(tile.properties.get(condition.name), condition) for condition in filters.properties):
        return False
    last = tile.acquired if tile.acquired_end is None else tile.acquired_end
    if filters.start is not None and (last is None or last < filters.start.timestamp()):
        return False
    if filters.end is not None and (tile.acquired is None or tile.acquired > filters.end.timestamp()):
        return False
    if filters.spans and not any(
        last is not None and tile.acquired <= end.timestamp() and last >= start.timestamp()
        for start, end in filters.spans
    ):
        return False
    return (
        set(filters.labels) <= set(tile.labels)
        and all(set(group) & set(tile.labels) for group in filters.label_spellings)
        and not set(filters.without_labels) & set(tile.labels)
        and (not filters.sources or bool(set(filters.sources) & set(tile.sources)))
    )


def meets(tile: TilePoint, box: Footprint) -> bool:
    if tile.box is None or tile.box[1] > box.north or tile.box[3] < box.south:
        return False
    west, east = box.west, box.unwrapped_east
    return any(tile.box[0] <= east + turn and tile.box[2] >= west + turn for turn in (-720, -360, 0, 360, 720))


def agree(first, second) -> None:
    """Scores are equal to 1e-5, and so is the order, but for tiles whose scores are."""
    assert sorted(first.ids) == sorted(second.ids)
    np.testing.assert_allclose(first.scores, second.scores, atol=1e-5)
    theirs = dict(zip(second.ids, second.scores.tolist(), strict=True))
    np.testing.assert_allclose(first.scores, [theirs[tile] for tile in first.ids], atol=1e-5)


def apply(store: VectorStore, steps: list[list[TilePoint] | list[str]]) -> dict[str, TilePoint]:
    """Start afresh, write and delete; what should be there."""
    store.drop()
    store.create(SCHEMA)
    expected: dict[str, TilePoint] = {}
    for step in steps:
        if isinstance(step[0], TilePoint):
            store.upsert(step)
            expected |= {tile.id: tile for tile in step}
        else:
            store.delete(step)
            expected = {tile: point for tile, point in expected.items() if tile not in step}
    return expected


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would make stores for many minutes
)
@given(
    steps=changes,
    filters=some_filters,
    dense=vectors(4),
    image=vectors(3),
    words=sparse,
    chosen=some_ids,
)
def test_both_stores_hold_find_and_score_the_same(embedded, other, steps, filters, dense, image, words, chosen):
    expected = apply(embedded, steps)
    apply(other, steps)
    passing = sorted(tile for tile, point in expected.items() if passes(point, filters))
    for store in (embedded, other):
        assert store.ids() == sorted(expected)
        assert store.count(filters) == len(passing)
        assert sorted(store.exact("dense", [dense], filters=filters)[0].ids) == passing
    assert embedded.facet("labels", filters) == other.facet("labels", filters)
    for branch, query in (("dense", dense), ("image", image), ("bm25", words)):
        for ids in (None, chosen):
            (ours,), (theirs,) = (store.exact(branch, [query], ids, filters) for store in (embedded, other))
            agree(ours, theirs)
        agree(embedded.search(branch, query, 20, filters), other.search(branch, query, 20, filters))
        for store in (embedded, other):
            (alone,) = store.exact(branch, [query])
            agree(store.exact(branch, [query] * MANY)[-1], alone)
            agree(store.exact(branch, [query])[0], alone)


def test_a_backup_of_either_store_restores_the_other(embedded, other, tile, tmp_path: Path):
    points = [
        replace(
            tile(n),
            dense=tile(n).dense[:, :4] / np.linalg.norm(tile(n).dense[:, :4], axis=1, keepdims=True),
            image=None if n % 2 else np.eye(3, dtype=np.float32)[n % 3],
            labels=LABELS[: n % 3],
            sources=SOURCES[: n % 2],
            box=(170.0, 0.0, 190.0, 1.0) if n % 3 else None,
            acquired=float(n) if n % 4 else None,
        )
        for n in range(20)
    ]
    embedded.drop()
    embedded.create(SCHEMA)
    embedded.upsert(points)
    embedded.backup(tmp_path / "first")
    other.drop()
    other.restore(tmp_path / "first")
    other.backup(tmp_path / "second")
    embedded.restore(tmp_path / "second")
    assert embedded.ids() == other.ids() == [point.id for point in points]
    assert embedded.facet("labels") == {"port": 13, "ship": 6}
    assert embedded.count(Filters(bbox=Footprint(west=-175, east=-172, south=0, north=1))) == 13
    assert embedded.count(Filters(end=datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC))) == 8
    for point in points:
        np.testing.assert_allclose(embedded.dense_vectors([point.id])[point.id], point.dense, atol=1e-6)
    assert len(embedded.exact("image", [np.eye(3, dtype=np.float32)[0]])[0].ids) == 10
    agree(embedded.exact("bm25", [points[3].sparse])[0], other.exact("bm25", [points[3].sparse])[0])


def test_a_folder_that_is_no_backup_is_refused_and_nothing_is_lost(embedded, other, tile, tmp_path: Path):
    for store in (embedded, other):
        store.drop()
        store.create(SCHEMA)
        store.upsert([replace(tile(1), dense=np.eye(4, dtype=np.float32)[:1])])
        with pytest.raises(InputError, match="not a whole backup"):
            store.restore(tmp_path)
        with pytest.raises(InputError, match="exists already"):
            store.backup(tmp_path)
        assert store.count() == 1


def test_both_stores_refuse_the_same(embedded, other, tile):
    for store in (embedded, other):
        store.drop()
        assert not store.exists()
        with pytest.raises(UnknownCollectionError, match="trsllava index"):
            store.upsert([tile(1)])
        with pytest.raises(UnknownCollectionError, match="trsllava index"):
            store.count()
        store.create(SCHEMA)
        store.create(SCHEMA)
        with pytest.raises(CollectionMismatchError, match="reindex"):
            store.create(StoreSchema(5))
        with pytest.raises(CollectionMismatchError, match="another encoder"):
            store.upsert([tile(1)])
        with pytest.raises(CollectionMismatchError, match="another encoder"):
            store.search("dense", np.ones(5, np.float32), 3)
        store.optimize()
        assert store.count() == 0


def test_an_unreachable_server_is_named_with_what_to_do():
    store = ServerStore("http://127.0.0.1:1", "default")
    with pytest.raises(ServerError, match=r"http://127\.0\.0\.1:1 cannot be reached.*docker compose"):
        store.exists()
    store.close()
