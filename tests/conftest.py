"""What all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
import typer.main
from filelock import FileLock
from hypothesis import settings

from tests.standin.collection import Collection

pytest_plugins = ["tests.standin.fixtures"]

# A busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's settings or writes to the user's home."""
    for name in (
        "COLLECTION",
        "REPAIR",
        "ENCODER",
        "IMAGE_ENCODER",
        "RERANK",
        "QDRANT_URL",
        "BASE_URL",
        "MODEL",
        "API_KEY",
        "FUSION",
        "BRANCHES",
        "WEIGHTS",
    ):
        monkeypatch.delenv(f"TRSLLAVA_{name}", raising=False)
    monkeypatch.setenv("TRSLLAVA_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session", autouse=True)
def _one_command_tree() -> Iterator[None]:
    """Typer makes all commands anew from their signatures at every run; no test changes them, so once will do."""
    made_once = cache(typer.main.get_command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.main.get_command", made_once)
        patch.setattr("typer.testing._get_command", made_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _networks_loaded_once() -> Iterator[None]:
    """A network in the same file is loaded once for all tests, as it is once in an archive that stays open."""
    loaded: dict[tuple[object, ...], onnxruntime.InferenceSession] = {}
    load = onnxruntime.InferenceSession

    def session(path: str, *options: Any, **more: Any) -> onnxruntime.InferenceSession:
        file = Path(path).stat()
        key = (path, file.st_ino, file.st_mtime_ns, file.st_size)
        if key not in loaded:
            loaded[key] = load(path, *options, **more)
        return loaded[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnxruntime, "InferenceSession", session)
        yield


MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MakeOnce:
    """Make a folder for the whole run: `make_once(name, write)` calls `write(folder)` in one worker; others wait."""
    root = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        root = root.parent  # each worker has a folder of its own in there

    def make(name: str, write: Callable[[Path], None]) -> Path:
        folder, whole = root / name, root / f"{name}.whole"
        with FileLock(root / f"{name}.lock"):
            if not whole.exists():
                write(folder)
                whole.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def sample_archive(make_once: MakeOnce) -> Path:
    """The drawn archive, with its captions.jsonl. Read only: copy it to change it."""
    from trsllava.sample.archive import draw_archive

    return make_once("sample", lambda folder: draw_archive(folder, seed=3))
