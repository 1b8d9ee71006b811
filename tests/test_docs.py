"""The pages keep their word: commands are understood, Python runs, links lead somewhere."""

from __future__ import annotations

import argparse
import importlib
import json
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image
from typer.main import get_command

import trsllava
from tests.conftest import MakeOnce
from tests.service.conftest import running
from tests.snippets import PAGES, ROOT, commands, inline_commands, name_of, snippets
from tests.standin.process import StandIn
from trsllava.archive import collections
from trsllava.cli.app import app
from trsllava.service import create_app
from trsllava.service.settings import load_service_settings

SERVED_AT = "http://localhost:8080"
_KNOWN = {"bash", "python", "json", "toml", "text", "yaml", "math"}


def find_command(words: Sequence[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, and the rest of them."""
    command, rest = get_command(app), list(words)
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        assert name in command.commands, f"there is no command {name}"
        command = command.commands[name]
    return command, rest


class _Stopped(Exception):  # noqa: N818 - no error: what stops a program once it has read its arguments
    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.options = {option for action in parser._actions for option in action.option_strings}


def read_arguments(words: Sequence[str], monkeypatch: pytest.MonkeyPatch, parse: Callable[..., Any]) -> set[str]:
    """Begin a program as `python -m` does, have it `parse` its arguments, and stop it; returns its options."""

    def only_parse(parser: argparse.ArgumentParser, given: Sequence[str] | None = None) -> None:
        parse(parser, given)
        raise _Stopped(parser)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", only_parse)
    monkeypatch.setattr("sys.argv", list(words))
    with pytest.raises(_Stopped) as stopped:
        importlib.import_module(words[0]).main()
    return stopped.value.options


def check_line(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of a shell block must be one that its program takes."""
    match words:
        case ["trsllava", *rest]:
            command, arguments = find_command(rest)
            command.make_context(command.name, arguments)
        case ["python", "-m", module, *rest]:
            read_arguments([module, *rest], monkeypatch, argparse.ArgumentParser.parse_args)
        case ["python", script, *_]:
            assert (ROOT / script).is_file()
        case ["make", target]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        case ["docker" | "pip" | "curl", *_]:
            pass  # not ours
        case _:
            pytest.fail(f"not a kind of command that is checked here: {words}")


def check_mention(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A mention in a sentence may leave arguments out, but names a command and options that there are."""
    named = {word.strip("[]").partition("=")[0] for word in words if word.strip("[]").startswith("--")}
    if words[0] == "trsllava":
        command, _ = find_command(words[1:])
        assert named <= {option for parameter in command.params for option in parameter.opts} | {"--help"}
    elif words[2] != "trsllava":
        assert named <= read_arguments(words[2:3], monkeypatch, lambda *_: None)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_names_its_language(page: Path) -> None:
    for snippet in snippets(page):
        assert snippet.language in _KNOWN or snippet.language[:1] == "{", snippet.text  # {…}: for the generator


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_in_a_block_is_understood(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for snippet in snippets(page):
        for words in commands(snippet) if snippet.language == "bash" else []:
            check_line(words, monkeypatch)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_within_a_sentence_exists_with_its_options(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in inline_commands(page):
        check_mention(words, monkeypatch)


def anchors(page: Path) -> set[str]:
    """What GitHub and the documentation site call a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]+))?\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        linked = page.parent / target if target else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


def test_api_pages_name_modules_that_exist() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "api").glob("*.md")]
    modules = re.findall(r"automodule:: (\S+)", "\n".join(pages))
    assert len(modules) > 20
    assert not [module for module in modules if find_spec(module) is None]


def test_every_page_stands_in_a_table_of_contents() -> None:
    for index in (ROOT / "docs" / "index.md", ROOT / "docs" / "measurements" / "index.md"):
        listed = {
            line for block in snippets(index) if block.language == "{toctree}" for line in block.text.splitlines()
        }
        pages = {page.relative_to(index.parent).with_suffix("").as_posix() for page in index.parent.glob("*.md")}
        assert pages - {"index"} <= listed


PYTHON = [
    pytest.param(snippet.text, id=f"{name_of(page)}-{number}")
    for page in PAGES[1:]  # tests/test_readme.py runs the README as a whole
    for number, snippet in enumerate(snippets(page))
    if snippet.language == "python"
]
HARBORS = 6


@pytest.fixture
def home(make_once: MakeOnce, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A reader's home, with some harbors in its default collection. The working folder has these in `images`."""

    def write(folder: Path) -> None:
        images = folder / "images"
        images.mkdir(parents=True)
        for number in range(HARBORS):
            Image.effect_noise((64, 64), 10 * (number + 1)).convert("RGB").save(images / f"{number}.png")
        lines = [
            json.dumps({"image": f"{number}.png", "captions": ["a harbor with cranes"]}) for number in range(HARBORS)
        ]
        (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
        Image.new("RGB", (64, 64), "green").save(folder / "stadium.png")
        with trsllava.open(folder / "home") as archive:
            archive.index(images, captions=folder / "captions.jsonl")

    folder = Path(shutil.copytree(make_once("reader", write), tmp_path / "reader"))
    monkeypatch.setenv("TRSLLAVA_HOME", str(folder / "home"))
    monkeypatch.chdir(folder)
    return folder / "home"


class Rows(list[dict[str, Any]]):
    """As much of a `ray.data.Dataset` as the pages use: Ray is too heavy to install for one example."""

    def map(self, function: Callable[[dict[str, Any]], dict[str, Any]], **_: Any) -> Rows:
        return Rows(function(pickle.loads(pickle.dumps(row))) for row in self)

    def iter_rows(self) -> Rows:
        return self


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> None:
    package, data = ModuleType("ray"), ModuleType("ray.data")
    data.from_items = Rows  # type: ignore[attr-defined]
    package.data = data  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ray", package)
    monkeypatch.setitem(sys.modules, "ray.data", data)


@pytest.mark.usefixtures("ray")
@pytest.mark.parametrize("code", PYTHON)
def test_python_on_the_pages_runs_and_prints_what_its_comments_say(
    code: str, home: Path, start_standin: Callable[..., StandIn], capsys: pytest.CaptureFixture[str]
) -> None:
    if "http://localhost:8000/v1" in code:
        model = re.search(r'^MODEL = "(.+)"$', code, re.MULTILINE)
        assert model is not None
        code = code.replace("http://localhost:8000/v1", start_standin("--model", model[1]).url)
    with ExitStack() as open_until_the_end:
        if SERVED_AT in code:
            settings = load_service_settings()
            served = open_until_the_end.enter_context(running(create_app(settings), settings))
            code = code.replace(SERVED_AT, served.url)
        exec(compile(code, "page", "exec"), {"__name__": "page"})
    assert capsys.readouterr().out.splitlines() == re.findall(r"^ *print\(.*\)  # (.+)$", code, re.MULTILINE)
    for name in collections(home):
        with trsllava.open(home, name) as archive:
            assert archive.status().tiles["stored"] == HARBORS, name


def test_the_pages_have_python() -> None:
    assert len(PYTHON) >= 4
