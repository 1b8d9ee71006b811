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
