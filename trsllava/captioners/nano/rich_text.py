"""An impression as rich text: five variants in RSRT's form, which claim no more than there is confidence for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from trsllava.captioners.nano.impression import Impression
from trsllava.captioners.nano.mentions import Mention, mentions, things_named
from trsllava.captioners.nano.places import place_words
from trsllava.captioners.nano.sentences import Sentence, distinct_enough
from trsllava.records import RichCaption, RichText

VARIANTS = 5
_SURE = (
    "Kind of place: {}.",
    "It looks like {}.",
    "The whole is most likely {}.",
    "The picture shows {}.",
    "Seen from above: {}.",
)
_UNSURE = (
    "Kind of place: perhaps {}.",
    "It may be {}.",
    "The whole is possibly {}.",
    "The picture might show {}.",
    "Hard to tell, perhaps {}.",
)
_FEATURES = 6
_LABELS = 8


@dataclass(frozen=True)
class Caution:
    """How sure nano must be before it says something, as a chance, 0…1."""

    evidence: float = 0.3
    """That there is a place at all."""
    spoken: float = 0.15
    """That people would speak of a thing, for a sentence that names it."""
    listed: float = 0.4
    """For the thing to be a feature."""
    label: float = 0.5
    """For a label."""
    scene: float = 0.5
    """That the kind of place is right, for it to be said without a `perhaps`."""


CAUTION = Caution()


def compose(
    seen: Impression, *, model: str, sharpness: float, north_up: bool, tone: str, caution: Caution = CAUTION
) -> RichText:
    """The rich text of one picture.

    Args:
        seen: what there is to say.
        model: name that the text is signed with.
        sharpness: of the pooling over the grid (`place_words`).
        north_up: compass words are allowed.
        tone: colours of the whole picture, in words: all that is said where nothing can be made out.
        caution: thresholds.
    """
    if seen.evidence < caution.evidence:
        return _nothing(seen, model, tone)
    said = [sentence for sentence in seen.sentences if _is_supported(sentence, seen, caution.spoken)]
    listed = [
        mention
        for mention in mentions([sentence.text() for sentence in seen.sentences])
        if seen.presence.get(mention.thing.name, 0.0) >= caution.listed
    ][:_FEATURES]
    features = [_placed(mention, seen, sharpness, north_up) for mention in listed]
    kinds = _kinds(seen, caution)
    sentences = [_sentence(sentence.text()) for sentence in distinct_enough(said, 2 * VARIANTS)]
    sentences += [s for s in _plain_sentences(seen, listed) if s not in sentences][: max(0, VARIANTS - len(sentences))]
    variants = [_variant(number, sentences, features, kinds[number]) for number in range(VARIANTS)]
    scene, chance = seen.scenes[0]
    labels = [scene] if chance * seen.evidence >= caution.label else []
    labels += [m.thing.name for m in listed if seen.presence[m.thing.name] >= caution.label]
    return RichText(
        variants=tuple(variants),
        labels=tuple(dict.fromkeys(labels))[:_LABELS],
        model=model,
        confidence=round(chance * seen.evidence, 3),
    )


def _nothing(seen: Impression, model: str, tone: str) -> RichText:
    variant = RichCaption(one_sentence=f"Nothing here can be named with any confidence: {tone}.", feature=(tone,))
    return RichText(
        variants=(variant,),
        model=model,
        confidence=round(seen.scenes[0][1] * seen.evidence, 3),
    )


def _is_supported(said: Sentence, seen: Impression, least: float) -> bool:
    return all(seen.presence.get(thing.name, 0.0) >= least for thing in things_named(said.text()))


def _placed(mention: Mention, seen: Impression, sharpness: float, north_up: bool) -> str:
    where = place_words(seen.places[mention.thing.name], sharpness, north_up)
    return f"{mention.phrase} {where}".rstrip()


def _kinds(seen: Impression, caution: Caution) -> tuple[str, ...]:
    """The kind of place, in other words for each variant."""
    (first, chance), (second, _) = seen.scenes[:2]
    said, what = (_SURE, first) if chance >= caution.scene else (_UNSURE, f"{first} or {second}")
    return tuple(sentence.format(what) for sentence in said)


def _plain_sentences(seen: Impression, listed: Sequence[Mention]) -> list[str]:
    """What is left to say where sentences were too few or too bold."""
    scene = seen.scenes[0][0]
    named = [mention.phrase for mention in listed]
    pairs = [f"{_sentence(first)[:-1]} and {second}." for first, second in pairwise(named)]
    return [
        f"This may be a place of the kind {scene}.",
        *pairs,
        *(f"{_sentence(phrase)[:-1]} can be seen." for phrase in named),
        f"An overhead picture, perhaps of the kind {scene}.",
        f"It looks most like the kind {scene}.",
        "Little can be told for sure of this picture.",
        f"A picture from above that resembles others of the kind {scene}.",
    ]


def _variant(number: int, sentences: Sequence[str], features: Sequence[str], kind: str) -> RichCaption:
    """Variant `number` has a sentence of its own, and begins its features with another thing than the others do; its
    paragraph says it in other words where there are any."""
    rotated = [*features[number % len(features) :], *features[: number % len(features)]] if features else []
    other = sentences[(number + VARIANTS) % len(sentences)]
    return RichCaption(
        one_sentence=sentences[number],
        feature=tuple(rotated),
        caption=" ".join(_paragraph(number, other, rotated, kind)),
    )


def _paragraph(number: int, sentence: str, features: Sequence[str], kind: str) -> list[str]:
    """Sentences in another order, with other features, for each variant."""
    if not features:
        return [kind, sentence] if number % 2 else [sentence, kind]
    forms = (
        [sentence, _listing(features[:2]), kind],
        [kind, sentence, f"One sees {features[0]}."],
        [_listing(features[:1]), sentence, kind],
        [kind, sentence, _listing(features[-1:])],
        [sentence, kind, f"Also visible: {', '.join(features[:2])}."],
    )
    return forms[number]


def _listing(features: Sequence[str]) -> str:
    noun = re.split(r" (?:in|along|around|across) ", features[0])[0]
    verb = "are" if noun.endswith("s") and not noun.endswith("ss") else "is"
    return f"There {verb} {' and '.join(features)}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
