"""Imports run downhill only: each floor to the floors below it, never sideways between rooms, no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_PACKAGES = ("trsllava", "indexer", "prompts", "eval")
_FLOORS = (
    "cli",
    "service",
    "training",
    "eval",
    "stac",
    "client",
    "remote_chat",
    "calls",
    "archive",
    "chat",
    "quarantine",
    "collection",
    "dialogue formats",
    "indexer search",
    "captioners",
    "status",
    "encoders ledger sources",
    "raster store places labels sample models",
    "llm",
    "capabilities brake pace refusals retries remote",
    "completion config lexicon",
    "validation lenient_json",
    "errors tile_id",
    "records prompts",
)
"""The rooms of each floor, the topmost first: packages and modules of `trsllava`, and the other packages."""
_FLOOR_OF = {room: number for number, rooms in enumerate(_FLOORS) for room in rooms.split()}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(_ROOT).with_suffix("").parts).removesuffix(".__init__")


def _room(module: str) -> str:
    package, _, inside = module.partition(".")
    return inside.partition(".")[0] if package == "trsllava" else package


@cache
def _imports() -> Mapping[str, frozenset[str]]:
    """The modules of ours that each module imports, within functions and for type checkers too."""
    files = {_name(path): path for package in _PACKAGES for path in (_ROOT / package).rglob("*.py")}
    return {
        module: frozenset(_imported(ast.parse(path.read_text(encoding="utf-8")), files) - {module})
        for module, path in files.items()
    }


def _imported(tree: ast.Module, known: Mapping[str, object]) -> set[str]:
    return {name for name in _named(tree, known) if name in known}


def _named(tree: ast.Module, known: Mapping[str, object]) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                for alias in node.names:
                    inner = f"{module}.{alias.name}"
                    yield inner if inner in known else module


def _circle(imports: Mapping[str, frozenset[str]]) -> list[str]:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_every_room_has_a_floor() -> None:
    doors = {"", "__main__"}  # the package itself, and what `python -m trsllava` runs

    assert {_room(module) for module in _imports()} - doors <= set(_FLOOR_OF)


@pytest.mark.parametrize("room", sorted(_FLOOR_OF))
def test_a_room_imports_only_from_floors_below(room: str) -> None:
    uphill = {
        f"{module} imports {other}"
        for module, others in _imports().items()
        for other in others
        if _room(module) == room and _room(other) != room
        if _FLOOR_OF.get(_room(other), 0) <= _FLOOR_OF[room]
    }

    assert uphill - {f"{module} imports trsllava" for module in _imports()} == set()


def test_no_imports_go_in_a_circle() -> None:
    assert _circle(_imports()) == []


@pytest.mark.parametrize("length", [2, 3, 5])
def test_a_circle_would_be_found(length: int) -> None:
    chain = [f"m{number}" for number in range(length)]
    imports = {chain[-1]: frozenset(chain[:1])} | {one: frozenset([other]) for one, other in pairwise(chain)}

    assert set(_circle(imports)) == set(chain)


@pytest.mark.parametrize(
    "source",
    [
        "from trsllava.cli import app",
        "from trsllava.cli.app import app",
        "import trsllava.cli.app",
        "def late():\n    from trsllava.cli import app",
        "if TYPE_CHECKING:\n    from trsllava.cli.app import app",
    ],
)
def test_imports_are_read_however_they_are_written(source: str) -> None:
    assert _imported(ast.parse(source), {"trsllava.cli.app": None}) == {"trsllava.cli.app"}
