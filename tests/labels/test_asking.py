"""A model's word on labels that likeness leaves open, asked of a stand-in server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.labels.conftest import SMALL
from tests.standin.scripted import HANG, RESET, Reply, closed_address, scripted
from trsllava.cli.app import app
from trsllava.config import load_settings
from trsllava.errors import ServerError
from trsllava.labels import asking
from trsllava.labels.asking import judge
from trsllava.labels.duplicates import Twin
from trsllava.labels.file import read_tree
from trsllava.labels.meaning import Meanings
from trsllava.labels.placing import Place
from trsllava.labels.plan import propose
from trsllava.labels.raw import RawLabel
from trsllava.labels.tree import LabelTree
from trsllava.search.english import is_english

TARN = RawLabel("natural=water water=tarn", "A small lake in the mountains.")


@pytest.fixture
def twin(small: LabelTree) -> Twin:
    return Twin(small.labels["lake"], "meaning", 0.85, is_sure=False)


@pytest.fixture
def places(small: LabelTree) -> list[Place]:
    return [Place(small.labels[name], score) for name, score in (("inland water", 0.4), ("sea and coast", 0.35))]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_SECONDS", 0.3)


def ask(url: str, twin: Twin | None, places: list[Place]) -> tuple[str, str] | None:
    asked = judge(load_settings(base_url=url, model="scripted"))
    assert asked is not None
    return asked(TARN, twin, places)


def answered(twin: Twin | None, places: list[Place], *replies: Reply) -> tuple[str, str] | None:
    with scripted(*replies) as script:
        return ask(script.url, twin, places)


def verdict(decision: str, label: str = "") -> dict[str, Any]:
    return {"decision": decision, "label": label}


def test_the_model_is_told_the_word_and_all_it_may_choose_from(twin: Twin, places: list[Place]) -> None:
    with scripted(verdict("unknown")) as script:
        ask(script.url, twin, places)

    (asked,) = script.user()
    for told in (
        "Word: tarn",
        "About it: A small lake in the mountains.",
        "OpenStreetMap tags: natural=water water=tarn",
        "- lake: A large body of still water.",
        "- inland water: ",
        "- sea and coast: ",
    ):
        assert told in asked
    assert "train station" not in asked


@pytest.mark.parametrize(("decision", "label"), [("same", "lake"), ("new", "inland water"), ("new", "sea and coast")])
def test_what_was_offered_may_be_chosen(twin: Twin, places: list[Place], decision: str, label: str) -> None:
    assert answered(twin, places, verdict(decision, label)) == (decision, label)


@pytest.mark.parametrize(
    "reply",
    [
        verdict("unknown"),
        verdict("unknown", "lake"),
        verdict("same", "reservoir"),
        verdict("same", "inland water"),
        verdict("same"),
        verdict("new", "lake"),
        verdict("new", "railways"),
        verdict("new", "a label of its own"),
    ],
    ids=lambda reply: " ".join(reply.values()),
)
def test_what_was_not_offered_counts_as_no_answer(twin: Twin, places: list[Place], reply: Reply) -> None:
    assert answered(twin, places, reply) is None


@pytest.mark.parametrize("label", ["lake", ""])
def test_without_a_twin_nothing_is_the_same(places: list[Place], label: str) -> None:
    assert answered(None, places, verdict("same", label)) is None


@pytest.mark.parametrize(
    "reply",
    [
        "It is a lake.",
        "",
        '{"decision": "sa',
        verdict("merge", "lake"),
        verdict("same", "lake" * 30),
        {"label": "lake"},
    ],
    ids=["prose", "empty", "cut", "another word", "too long", "half of it"],
)
def test_what_is_no_verdict_leaves_the_question_open(twin: Twin, places: list[Place], reply: Reply) -> None:
    assert answered(twin, places, reply) is None


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("reply", [500, 401, HANG, RESET])
def test_a_server_that_does_not_answer_is_an_error(twin: Twin, places: list[Place], reply: Reply) -> None:
    with pytest.raises(ServerError):
        answered(twin, places, reply)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_gone_is_an_error(twin: Twin, places: list[Place]) -> None:
    with pytest.raises(ServerError):
        ask(closed_address(), twin, places)


def test_only_what_likeness_leaves_open_is_asked(meanings: Meanings) -> None:
    raws = [RawLabel("resevoir"), RawLabel("hospital"), RawLabel("forrest"), RawLabel("thing")]
    with scripted(verdict("same", "forest"), verdict("unknown")) as script:
        plan = propose(
            read_tree("overhead"),
            raws,
            meanings,
            is_english,
            judge(load_settings(base_url=script.url, model="scripted")),
        )

    assert [asked.splitlines()[0] for asked in script.user()] == ["Word: forrest", "Word: thing"]
    lines = {line.label: line for line in plan.labels}
    assert (lines["resevoir"].to, lines["resevoir"].by) == ("reservoir", "spelling")
    assert (lines["forrest"].do, lines["forrest"].to, lines["forrest"].by) == ("same", "forest", "model")
    assert lines["thing"].do == "ask"


def test_the_command_asks_the_server_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "words.txt").write_text("thing\n", "utf-8")
    with scripted(verdict("new", "railways")) as script:
        monkeypatch.setenv("TRSLLAVA_BASE_URL", script.url)
        monkeypatch.setenv("TRSLLAVA_MODEL", "scripted")
        result = CliRunner().invoke(
            app,
            ["labels", "plan", str(tmp_path / "small.yaml"), str(tmp_path / "words.txt")],
            catch_exceptions=False,
        )

    assert "new railways, by model" in result.stdout
    assert "0 other names, 1 new labels, 0 questions." in result.stderr
