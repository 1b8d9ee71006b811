"""What makes a rich text unusable, in the order in which it is looked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from trsllava.captioners.answer import Bounds
from trsllava.captioners.checks import compass, directions, figures, length, refusal, repetition, variants
from trsllava.captioners.checks import language as languages
from trsllava.captioners.checks.language import ENGLISH
from trsllava.records import CheckName, RichText


def faults(
    text: RichText,
    *,
    north_up: bool,
    bounds: Bounds | None = None,
    skip: Collection[CheckName] = (),
    language: str = ENGLISH,
) -> Iterator[tuple[CheckName, str]]:
    """Each check that a rich text fails, with the reason. `north_up`: compass words are allowed."""
    looks: dict[CheckName, Callable[[], str]] = {
        "refusal": lambda: refusal.fault(text),
        "language": lambda: languages.fault(text, language),  # before length, which counts words between spaces
        "length": lambda: length.fault(text, bounds),
        "repetition": lambda: repetition.fault(text),
        "figures": lambda: figures.fault(text),
        "compass": lambda: compass.fault(text, north_up),
    }
    yield from _failed(looks, skip)
    yield from faults_across(text, skip=skip)


def faults_across(text: RichText, *, skip: Collection[CheckName] = ()) -> Iterator[tuple[CheckName, str]]:
    """Each check of the variants against each other that a rich text fails, with the reason."""
    yield from _failed({"variants": lambda: variants.fault(text), "directions": lambda: directions.fault(text)}, skip)


def _failed(
    looks: Mapping[CheckName, Callable[[], str]], skip: Collection[CheckName]
) -> Iterator[tuple[CheckName, str]]:
    for name, look in looks.items():
        if name not in skip and (reason := look()):
            yield name, reason
