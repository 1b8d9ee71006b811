"""Errors name parameters; the command line alone puts dashes on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from trsllava.cli.app import app
from trsllava.cli.flags import flag, in_flags
from trsllava.errors import Call, InputError, Parameter

_ROOT = Path(__file__).parents[2]
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_COMMAND_LINES_OF_THEIR_OWN = (
    "eval/benchmarks/",
    "trsllava/training/ablations.py",
    "trsllava/training/cisen_ablation.py",
    "trsllava/training/dialogue_ablation.py",
)
_OTHER_PROGRAMS = {
    "eval/provenance.py": "git",
    "eval/publishing/page.py": "CSS",
    "trsllava/captioners/serving.py": "vLLM",
    "trsllava/completion.py": "vLLM",
    "trsllava/encoders/weights.py": "pip",
}
"""Files whose dashes are not ours, and whose they are."""


def _below_the_command_line() -> Iterator[tuple[str, ast.Module]]:
    for room in ("trsllava", "indexer", "eval", "prompts"):
        for path in sorted((_ROOT / room).rglob("*.py")):
            name = path.relative_to(_ROOT).as_posix()
            if not name.startswith(("trsllava/cli/", *_COMMAND_LINES_OF_THEIR_OWN)):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def _docstrings(tree: ast.Module) -> set[ast.expr]:
    """Strings that stand alone: they are read in the source."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _strings_with_flags(tree: ast.Module) -> list[str]:
    unsaid = _docstrings(tree)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in unsaid
        if _FLAG.search(node.value)
    ]


def test_no_string_below_the_command_line_names_a_flag() -> None:
    found = {name: said for name, tree in _below_the_command_line() if (said := _strings_with_flags(tree))}

    assert {name: said for name, said in found.items() if name not in _OTHER_PROGRAMS} == {}
    assert set(_OTHER_PROGRAMS) <= set(found), "a file that is excused has no such string any more"


def _options(command: object) -> Iterator[str]:
    for parameter in getattr(command, "params", []):
        yield from parameter.opts
    for inner in getattr(command, "commands", {}).values():
        yield from _options(inner)


def _named(tree: ast.Module) -> Iterator[Parameter]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("Parameter"), args=[ast.Constant(str(name)), *_]):
                yield Parameter(name)
            case ast.Call(func=ast.Name("Call"), args=[_, ast.Dict(keys=keys)]):
                yield from (Parameter(key.value) for key in keys if isinstance(key, ast.Constant))


def test_every_parameter_that_an_error_names_has_a_flag() -> None:
    options = set(_options(typer.main.get_command(app)))
    named = {parameter for _, tree in _below_the_command_line() for parameter in _named(tree)}

    assert len(named) > 20
    assert {parameter.name for parameter in named if flag(parameter) not in options} == set()


@pytest.mark.parametrize(
    ("part", "in_python", "on_the_command_line"),
    [
        (Parameter("rerank"), "`rerank`", "--rerank"),
        (Parameter("nodata_limit"), "`nodata_limit`", "--nodata-limit"),
        (Parameter("tile", 0), "`tile=0`", "--tile 0"),
        (Parameter("confirmed"), "`confirmed`", "--yes"),
        (Call("reindex", {"image_encoder": "nano"}), "`reindex(image_encoder='nano')`",
         "`trsllava reindex --image-encoder nano`"),
        (Parameter("variant_requests", False), "`variant_requests=False`", "--one-request"),
        (Call("query", {"json": True}), "`query(json=True)`", "`trsllava query --json`"),
        ("`home`, --x", "`home`, --x", "`home`, --x"),
    ],
)  # fmt: skip
def test_a_parameter_is_spelt_as_its_reader_writes_it(
    part: str | Parameter | Call, in_python: str, on_the_command_line: str
) -> None:
    error = InputError("Leave ", part, " out.")

    assert str(error) == f"Leave {in_python} out."
    assert in_flags(error) == f"Leave {on_the_command_line} out."
