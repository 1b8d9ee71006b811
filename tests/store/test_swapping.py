"""A store is rebuilt beside the one that answers, which goes on until the new one takes its place in one step."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from trsllava.errors import UnknownCollectionError
from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import SparseVector, StoreSchema, TilePoint, VectorStore
from trsllava.store.server import ServerStore

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
]

OLD, NEW = StoreSchema(dense_dim=4), StoreSchema(dense_dim=8, image_dim=3)
BUILD = "0123456789abcdef0123456789abcdef"
Opened = Callable[[], VectorStore]


@pytest.fixture(params=["embedded", "server"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens the same collection once more, as another process would."""
    client = QdrantClient(":memory:")
    stores: list[VectorStore] = []

    def again() -> VectorStore:
        embedded = request.param == "embedded"
        store = EmbeddedStore(tmp_path / "store") if embedded else ServerStore(":memory:", "tiles", client=client)
        stores.append(store)
        return store

    yield again
    for store in stores:
        store.close()


def tile(number: int, dim: int) -> TilePoint:
    dense = np.eye(dim, dtype=np.float32)[[number % dim]]
    words = SparseVector(np.array([number], np.uint32), np.ones(1, np.float32))
    return TilePoint(f"00000000-0000-0000-0000-{number:012d}", dense, words)


def filled(store: VectorStore, tiles: int = 3) -> VectorStore:
    store.create(OLD)
    store.upsert([tile(number, OLD.dense_dim) for number in range(tiles)])
    return store


def rebuild(store: VectorStore, build: str = BUILD, tiles: int = 5) -> None:
    with store.beside(build, NEW) as new:
        new.upsert([tile(number, NEW.dense_dim) for number in range(tiles)])
        new.optimize()
    store.swap(build)


def best(store: VectorStore, dim: int) -> list[str]:
    (found,) = store.exact("dense", [np.eye(dim, dtype=np.float32)[0]])
    return found.ids


def test_the_old_vectors_answer_until_the_new_ones_take_their_place(opened: Opened) -> None:
    store, reader = filled(opened()), opened()
    with store.beside(BUILD, NEW) as new:
        new.upsert([tile(number, NEW.dense_dim) for number in range(5)])
        assert (len(best(reader, OLD.dense_dim)), reader.build(), reader.count()) == (3, "", 3)
    assert (len(best(reader, OLD.dense_dim)), reader.build()) == (3, "")
    store.swap(BUILD)
    for each in (reader, store, opened()):
        assert (each.build(), each.count(), len(best(each, NEW.dense_dim))) == (BUILD, 5, 5)


def test_a_second_rebuild_takes_the_place_of_the_first(opened: Opened) -> None:
    store = filled(opened())
    rebuild(store)
    rebuild(store, build="f" * 32, tiles=7)
    assert (opened().build(), opened().count()) == ("f" * 32, 7)


def test_a_rebuild_that_fails_leaves_the_old_vectors_and_nothing_else(opened: Opened) -> None:
    store = filled(opened())

    def fail() -> None:
        with store.beside(BUILD, NEW) as new:
            new.upsert([tile(1, NEW.dense_dim)])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert best(opened(), OLD.dense_dim) == best(store, OLD.dense_dim)
    assert (store.build(), store.count()) == ("", 3)
    with pytest.raises(Exception, match=r"."):
        store.swap(BUILD)  # there is nothing to swap in
    assert store.count() == 3


def test_what_a_killed_rebuild_left_is_swept(opened: Opened) -> None:
    store = filled(opened())
    left = store.beside(BUILD, NEW)
    left.__enter__().upsert([tile(1, NEW.dense_dim)])  # and never left: the process was killed
    other = opened()
    other.sweep()
    assert (other.build(), other.count()) == ("", 3)
    with pytest.raises(Exception, match=r"."):
        other.swap(BUILD)


def test_a_store_that_was_lost_is_rebuilt(opened: Opened) -> None:
    store = opened()
    rebuild(store)
    assert (store.exists(), store.build(), store.count()) == (True, BUILD, 5)


def test_a_dropped_store_has_no_build_and_can_be_created_anew(opened: Opened) -> None:
    store = filled(opened())
    rebuild(store)
    store.drop()
    assert (store.exists(), store.build()) == (False, "")
    with pytest.raises(UnknownCollectionError):
        store.count()
    assert filled(store).count() == 3


def test_a_rebuilt_store_keeps_its_name_when_it_is_optimised(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    rebuild(store, tiles=2000)
    store.upsert([tile(9999, NEW.dense_dim)])
    store.optimize()
    assert (store.build(), store.count()) == (BUILD, 2001)
    store.close()


@pytest.mark.parametrize("damaged", ["", "{", '{"generation": 1}'])
def test_a_damaged_manifest_does_not_stop_a_rebuild(tmp_path: Path, damaged: str) -> None:
    filled(EmbeddedStore(tmp_path / "store")).close()
    (tmp_path / "store" / "store.json").write_text(damaged)
    store = EmbeddedStore(tmp_path / "store")
    rebuild(store)
    assert store.count() == 5
    store.close()


class StoppedError(Exception):
    """The process ended here."""


class DyingClient:
    """A client of a server that stays, in a process that dies before its nth call that changes something."""

    def __init__(self, client: QdrantClient, calls: int) -> None:
        self._client, self._left = client, calls

    def __getattr__(self, name: str) -> object:
        called = getattr(self._client, name)
        if name.startswith("get_") or name in ("collection_exists", "count", "query_batch_points"):
            return called

        def step(*args: object, **options: object) -> object:
            if self._left <= 0:
                raise StoppedError
            self._left -= 1
            return called(*args, **options)

        return step


def changes_of_a_rebuild() -> int:
    client = QdrantClient(":memory:")
    filled(ServerStore(":memory:", "tiles", client=client))
    counting = DyingClient(client, 1000)
    rebuild(ServerStore(":memory:", "tiles", client=counting))  # type: ignore[arg-type]
    return 1000 - counting._left


@pytest.mark.parametrize("again", [False, True], ids=["first rebuild", "second rebuild"])
def test_a_server_store_is_the_old_or_the_new_one_wherever_a_rebuild_dies(again: bool) -> None:
    builds = (BUILD, "f" * 32)
    for calls in range(changes_of_a_rebuild() + 1):
        client = QdrantClient(":memory:")
        filled(ServerStore(":memory:", "tiles", client=client))
        if again:
            rebuild(ServerStore(":memory:", "tiles", client=client), build=builds[1], tiles=4)
        before = ("", 3) if not again else (builds[1], 4)
        with suppress(StoppedError):
            rebuild(ServerStore(":memory:", "tiles", client=DyingClient(client, calls)))  # type: ignore[arg-type]
        found = ServerStore(":memory:", "tiles", client=client)
        assert (found.build(), found.count()) in (before, (BUILD, 5)), f"stopped before change {calls + 1}"
        found.sweep()
        assert len(client.get_collections().collections) == 1
        rebuild(found, build="a" * 32, tiles=6)
        assert (found.build(), found.count()) == ("a" * 32, 6)
        assert len(client.get_collections().collections) == 1


class DyingDisk:
    """Renames and removals of a process that dies before its nth one: from then on none takes place."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
        self.left = calls
        for owner, name in ((Path, "rename"), (Path, "replace"), (shutil, "rmtree")):
            monkeypatch.setattr(owner, name, self._step(getattr(owner, name)))

    def _step(self, called: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **options: object) -> object:
            if self.left <= 0:
                raise StoppedError
            self.left -= 1
            return called(*args, **options)

        return step


def test_an_embedded_store_is_the_old_or_the_new_one_wherever_a_swap_dies(tmp_path: Path) -> None:
    found: list[tuple[str, int]] = []
    survived = False
    while not survived:
        folder = tmp_path / f"store-{len(found)}"
        store = EmbeddedStore(folder)
        filled(store)
        with store.beside(BUILD, NEW) as new:
            new.upsert([tile(number, NEW.dense_dim) for number in range(5)])
        with pytest.MonkeyPatch.context() as monkeypatch:
            DyingDisk(monkeypatch, len(found))
            try:
                store.swap(BUILD)
                survived = True
            except StoppedError:
                pass
        store.close()
        reader = EmbeddedStore(folder)  # as another process would
        found.append((reader.build(), reader.count()))
        assert found[-1] in (("", 3), (BUILD, 5)), f"stopped before step {len(found)}"
        reader.sweep()
        rebuild(reader, build="a" * 32, tiles=6)
        assert (reader.build(), reader.count()) == ("a" * 32, 6)
        assert len([*folder.glob("generation-*"), *folder.glob("beside-*")]) == 1
        reader.close()
    assert (found[0], found[-1]) == (("", 3), (BUILD, 5))
