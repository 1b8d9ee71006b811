"""Wrong arguments and settings are answered in our own words: no sentence of a library reaches a user."""

from __future__ import annotations

import io
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from trsllava.cli import main
from trsllava.cli.app import app
from trsllava.config import Settings

FOREIGN = re.compile(
    r"Value error|[Ss]hould (?:be|match|have)|Input should|validation error|pydantic|Field required|Extra inputs"
    r"|No such (?:option|command)|Invalid value|not a valid|Missing (?:option|argument|parameter)|unexpected extra"
    r"|requires an argument|does not take|Usage:|Errno|Traceback|rasterio|sqlite|httpx|qdrant_client|Expecting|codec"
    r"|surrogate|literal|could not convert|Invalid (?:statement|initial)|HFValidation|huggingface_hub"
)
BAD = ("", "x y", "-1", "99999999999", "1e999", "nan", "{", "1,2", "a=b=c", "\udce9", "\n")
VALUE_FREE = ("--help", "--install-completion", "--show-completion")


def complaint(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command that is typed wrong says on stderr."""
    monkeypatch.setattr(sys, "argv", ["trsllava", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert not FOREIGN.search(said), (arguments, said)
    if ended.value.code not in (0, None) and arguments[0] != "doctor":  # which tells on stdout what fails
        assert re.search(r"^Error: .+[.?]\s*$", said, re.MULTILINE | re.DOTALL), (arguments, said)
    return said


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the tree, with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


TREE = list(commands(typer.main.get_command(app)))


def needed(command: Any, folder: Path) -> list[str]:
    """Values for what a command cannot do without: paths that do not exist."""
    given = []
    for param in command.params:
        if param.required:
            given += [*([] if param.param_type_name == "argument" else [param.opts[0]]), str(folder / "none")]
    return given


@pytest.mark.parametrize(("path", "command"), TREE, ids=[" ".join(path) for path, _ in TREE])
def test_no_bad_value_of_an_option_is_answered_by_a_library(
    path: tuple[str, ...],
    command: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))  # `mcp` reads its requests there
    fixed = needed(command, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        if path == ("serve",):  # no value of the others is to let it begin
            fixed += ["--port", str(taken.getsockname()[1])]
        if path == ("sample",):  # a bad seed is a seed
            fixed += ["--count", "1"]
        check_options(path, command, fixed, monkeypatch, capsys)


def check_options(
    path: tuple[str, ...],
    command: Any,
    fixed: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for param in command.params:
        name = param.opts[0]
        if param.param_type_name == "argument" or param.is_flag or name in VALUE_FREE:
            continue
        for value in ("x y", "-1", "\udce9"):
            complaint([*path, *fixed, f"{name}={value}" if name.startswith("--") else f"{name}{value}"],
                      monkeypatch, capsys)  # fmt: skip
    assert "no option --nonsense" in complaint([*path, *fixed, "--nonsense"], monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["qurey", "x"], "There is no command qurey. Did you mean query?"),
        (["query", "x", "-k", "0"], "-k expects a whole number from 1 to 10000."),
        (["query", "x", "-k", "many"], "-k expects a whole number from 1 to 10000."),
        (["query", "x", "--weight", "much"], "--weight expects a number."),
        (["query", "x", "--jsn"], "There is no option --jsn. Did you mean --json?"),
        (["query", "x", "--bbox"], "--bbox needs a value."),
        (["query", "x", "--json=yes"], "--json takes no value."),
        (["query", "x", "y"], "There are more arguments than the command takes: y."),
        (["index"], "SOURCE is missing."),
        (["query", "a\udce9roport"], "'a\\udce9roport' is not UTF-8."),
        (["query", "x", "--where", "label=a\udce9"], "is not UTF-8."),
        (["index", "caf\udce9"], "is not UTF-8."),
        (["query", "x", "--bbox", "0,50,1,40"], "south (50.0) lies above north (40.0)"),
        (["query", "x", "--bbox", "0,0,200,10"], "must be at most 180, not 200.0"),
        (["query", "x", "--collection", "a b"], "Setting collection: is not in a form that can be used: 'a b'."),
    ],
)
def test_the_sentence_says_what_to_do(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in complaint(arguments, monkeypatch, capsys)


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_no_bad_setting_is_answered_by_a_library(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for value in BAD:
        monkeypatch.setenv(f"TRSLLAVA_{name.upper()}", value)
        complaint(["status"], monkeypatch, capsys)
    monkeypatch.delenv(f"TRSLLAVA_{name.upper()}")
    for value in ("-1", "[[]]", "{x = []}", '""', "1979-05-27", "nan", '"x y"'):
        (tmp_path / "trsllava.toml").write_text(f"{name} = {value}\n")
        complaint(["status"], monkeypatch, capsys)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"tile 512", "trsllava.toml is not valid TOML, line 1."),
        (b"tyle = 512", "Setting tyle: is not known. Did you mean tile?"),
        (b"fusion = 'sum'", "Setting fusion: must be rrf, zscore or cdf, not 'sum'."),
        (b"rerank_top = 0", "Setting rerank_top: must be at least 1, not 0."),
        (b"weights = {dense = 'x'}", "Setting weights.dense: must be a number, not 'x'."),
        (b"\xff\xfe", "trsllava.toml cannot be read."),
    ],
)
def test_a_settings_file_is_explained(
    content: bytes,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trsllava.toml").write_bytes(content)
    assert said in complaint(["status"], monkeypatch, capsys)
