"""What can be mended in an answer without asking the model again."""

from __future__ import annotations

from collections.abc import Callable, Collection

from trsllava.captioners.answer import Bounds, RsrtAnswer, RsrtVariant
from trsllava.captioners.checks import boilerplate, figures, length, unreadable
from trsllava.records import CheckName

_TEXT_REPAIRS: dict[CheckName, Callable[[str], str]] = {
    "unreadable": unreadable.readable,
    "figures": figures.without_figures,
    "boilerplate": boilerplate.without_boilerplate,  # last: where a bracket with figures went, a sentence begins anew
}


def repaired(
    answer: RsrtAnswer, variants: int, bounds: Bounds, skip: Collection[CheckName] = ()
) -> tuple[RsrtAnswer, tuple[CheckName, ...]]:
    """The answer with `variants` variants within `bounds`, and the checks that mended something, in their order.

    Mending twice changes nothing more.
    """
    mended: list[CheckName] = []
    for name, repair in _TEXT_REPAIRS.items():
        if name not in skip:
            answer = _noted(answer, _each_text(answer, repair), name, mended)
    if "length" not in skip:
        answer = _noted(answer, _within(answer, bounds), "length", mended)
    return _noted(answer, _as_many(answer, variants), "variants", mended), tuple(mended)


def _noted(before: RsrtAnswer, after: RsrtAnswer, name: CheckName, mended: list[CheckName]) -> RsrtAnswer:
    if after.model_dump() != before.model_dump():
        mended.append(name)
    return after


def _each_text(answer: RsrtAnswer, repair: Callable[[str], str]) -> RsrtAnswer:
    return RsrtAnswer(
        variants=[
            RsrtVariant(
                one_sentence=repair(variant.one_sentence),
                feature=[text for text in map(repair, variant.feature) if text],
                caption=repair(variant.caption),
            )
            for variant in answer.variants
        ],
        labels=[text for text in map(repair, answer.labels) if text],
    )


def _within(answer: RsrtAnswer, bounds: Bounds) -> RsrtAnswer:
    return RsrtAnswer(
        variants=[length.within(variant, bounds) for variant in answer.variants],
        labels=length.labels_within(answer.labels, bounds),
    )


def _as_many(answer: RsrtAnswer, variants: int) -> RsrtAnswer:
    return answer.model_copy(update={"variants": answer.variants[:variants]})
