from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.standin.fixtures import StandIn
from trsllava.cli.app import app


@pytest.fixture
def doctor(tmp_path: Path) -> Callable[[str], Result]:
    """`trsllava doctor --ask` about a server."""

    def run(url: str) -> Result:
        command = ["doctor", "--ask", "--base-url", url, "--home", str(tmp_path / "home")]
        return CliRunner().invoke(app, command, catch_exceptions=False)

    return run


def test_a_server_captions_a_picture_and_what_it_refuses_is_told(
    doctor: Callable[[str], Result], start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin("--refuse", "json_schema", "--refuse", "seed", "--no-system-role")
    done = doctor(standin.url)
    assert done.exit_code == 0, done.output
    assert "5 variants; answer's form: json_object; system role: no" in done.output
    assert "left out: json_schema, seed, system role" in done.output


def test_a_server_without_usable_answers_fails_the_check(doctor: Callable[[str], Result], standin: StandIn) -> None:
    standin.fail("prose", times=-1)
    done = doctor(standin.url)
    assert done.exit_code == 1
    assert "FAIL  captions: " in done.output


@pytest.mark.parametrize("content", [b"no database at all, but a text" * 400, b"SQLite format 3\0" + bytes(8000)])
def test_a_damaged_ledger_fails_the_check_with_what_to_do_and_the_other_checks_go_on(
    tmp_path: Path, content: bytes
) -> None:
    folder = tmp_path / "home" / "collections" / "default"
    folder.mkdir(parents=True)
    (folder / "ledger.sqlite").write_bytes(content)
    done = CliRunner().invoke(app, ["doctor", "--home", str(tmp_path / "home")], catch_exceptions=False)
    assert done.exit_code == 1
    assert "ok    home folder" in done.output
    assert "is damaged. Put a copy of it in place" in done.output
    assert "cannot be written" not in done.output


def test_a_home_that_is_a_file_fails_the_check_in_our_words(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    done = CliRunner().invoke(app, ["doctor", "--home", str(tmp_path / "home")], catch_exceptions=False)
    assert done.exit_code == 1
    assert f"FAIL  home folder: {tmp_path}/home: " in done.output
    assert "Choose another place with --home." in done.output
    assert "Errno" not in done.output
