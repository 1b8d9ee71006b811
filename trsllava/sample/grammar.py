"""A grammar of overhead-scene captions: rich texts true of a drawn scene, and plausible sentences by the million."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from trsllava.records import RichCaption, RichText
from trsllava.sample.phrases import is_plural, listing, name, noun_phrase, place, plural, sentence, with_article
from trsllava.sample.scenes import Scene, Thing
from trsllava.sample.vocabulary import AMOUNTS, LAYOUTS, VOCABULARY, Words

MODEL = "trsllava-sample"
VARIANTS = 5
CAPTION_LIMIT = 2_000_000
"""The grammar knows several times as many sentences; near that number new ones become rare."""


def describe(scene: Scene, seed: int) -> RichText:
    """Five differently worded captions, all true of the scene, and its labels. Equal seeds give equal texts.

    Counts up to six are said exactly. Compass words appear only where `scene.north_up`, and then in every
    second variant; elsewhere places are relative to the picture.
    """
    variants = []
    for variant in range(VARIANTS):
        writer = _Writer(scene, Random(f"{seed}/{variant}"), compass=scene.north_up and variant % 2 == 0)
        variants.append(
            RichCaption(
                one_sentence=writer.one_sentence(variant),
                feature=tuple(writer.features(variant)),
                caption=writer.paragraph(variant),
            )
        )
    labels = dict.fromkeys([scene.kind, *(thing.noun for thing in scene.things())])
    return RichText(variants=tuple(variants), labels=tuple(labels), model=MODEL)


class _Writer:
    """One variant's choice of words."""

    def __init__(self, scene: Scene, rng: Random, *, compass: bool) -> None:
        self.scene = scene
        self.rng = rng
        self.compass = compass

    def one_sentence(self, variant: int) -> str:
        """The whole first, then its parts, then what is around."""
        subject = self._located(self.scene.subject)
        parts = [self._located(thing) for thing in self.scene.parts[: 2 + variant % 2]]
        around = [self._short(thing) for thing in self.scene.surroundings[: 2 - variant % 2]]
        near = self.rng.choice(("near", "next to", "beside", "close to"))
        be = "are" if is_plural(self.scene.subject) else "is"
        match variant:
            case 0:
                text = subject + _joined(" with ", parts) + _joined(f", {near} ", around)
            case 1:
                text = f"there {be} {subject}" + _joined(", with ", parts) + _joined("; nearby one sees ", around)
            case 2:
                text = f"an overhead view of {subject}" + _joined(" showing ", parts) + _joined(f", {near} ", around)
            case 3:
                text = f"{subject} {be} seen from above" + _joined(" together with ", parts + around)
            case _:
                text = f"from the air one sees {subject}" + _joined(": ", parts) + _joined(", and nearby ", around)
        return sentence(text)

    def features(self, variant: int) -> list[str]:
        """The visible things one by one, at most eight, the most conspicuous first."""
        return [self._feature(thing, variant) for thing in self.scene.things()[:8]]

    def paragraph(self, variant: int) -> str:
        """An opening sentence, one sentence a part, and one for each thing around."""
        sentences = [self._opening(variant)]
        sentences += [self._statement(thing, variant + number) for number, thing in enumerate(self.scene.parts)]
        sentences += [self._neighbour(thing, variant + number) for number, thing in enumerate(self.scene.surroundings)]
        return " ".join(sentence(text) for text in sentences)

    def _opening(self, variant: int) -> str:
        subject = self._located(self.scene.subject)
        be = "are" if is_plural(self.scene.subject) else "is"
        return (
            f"the picture shows {subject}",
            f"seen from above, there {be} {subject}",
            f"{subject} can be seen from overhead",
            f"in this overhead image one recognises {subject}",
            f"{subject} {be} the main thing in this aerial picture",
        )[variant]

    def _statement(self, thing: Thing, pattern: int) -> str:
        be = "are" if is_plural(thing) else "is"
        phrase, where = noun_phrase(thing, self.rng), self._where(thing)
        if not where:
            return (f"there {be} {phrase}", f"one can see {phrase}", f"{phrase} can be made out")[pattern % 3]
        return (
            f"{phrase} {be} {where}",
            f"there {be} {phrase} {where}",
            f"one can see {phrase} {where}",
        )[pattern % 3]

    def _neighbour(self, thing: Thing, pattern: int) -> str:
        be = "are" if is_plural(thing) else "is"
        phrase = noun_phrase(thing, self.rng)
        where = self._where(thing) or self.rng.choice(("nearby", "close by"))
        subject = name(self.scene.subject, self.rng)
        return (
            f"{phrase} {be} {where}",
            f"near the {subject} there {be} {phrase}" + ("" if where in ("nearby", "close by") else f" {where}"),
            f"besides the {subject}, one sees {phrase} {where}",
        )[pattern % 3]

    def _feature(self, thing: Thing, variant: int) -> str:
        where = self._where(thing)
        match variant:
            case 0:
                return self._located(thing)
            case 1:
                return f"{name(thing, self.rng)} {where}".strip()
            case 2:
                return noun_phrase(thing, self.rng)
            case 3:
                return noun_phrase(thing, self.rng, traits=1) + (f", {where}" if where else "")
            case _:
                phrase = " ".join([*thing.traits[-1:], name(thing, self.rng)])
                return f"{where}: {phrase}" if where else phrase

    def _located(self, thing: Thing) -> str:
        return f"{noun_phrase(thing, self.rng)} {self._where(thing)}".strip()

    def _where(self, thing: Thing) -> str:
        # Where directions may be named, they are: they say more than "beside the road".
        if not thing.zone or (thing.relation and not self.compass and self.rng.random() < 0.5):
            return thing.relation
        return place(thing.zone, self.rng, compass=self.compass)

    def _short(self, thing: Thing) -> str:
        where = place(thing.zone, self.rng, compass=self.compass) if thing.zone else ""
        return f"{noun_phrase(thing, self.rng)} {where}".strip()


def _joined(opening: str, phrases: list[str]) -> str:
    return opening + listing(phrases) if phrases else ""


def captions(n: int, seed: int) -> Iterator[str]:
    """`n` distinct plausible sentences of about 10 to 16 words, the scene kinds in turn. Equal seeds give equal
    sequences, and a longer one begins with the shorter one.

    Raises ValueError where `n` is beyond `CAPTION_LIMIT`.
    """
    if n > CAPTION_LIMIT:
        raise ValueError(f"the grammar makes at most {CAPTION_LIMIT} distinct captions, not {n}")
    return _distinct(n, Random(f"captions/{seed}"))


def _distinct(n: int, rng: Random) -> Iterator[str]:
    seen: set[str] = set()
    kinds = tuple(VOCABULARY.values())
    while len(seen) < n:
        text = _plausible(kinds[len(seen) % len(kinds)], rng)
        if text not in seen:
            seen.add(text)
            yield text


def _plausible(words: Words, rng: Random) -> str:
    first, second = rng.sample(words.objects, 2)
    noun, traits, places = first
    text = rng.choice(LAYOUTS).format(
        scene=with_article(f"{rng.choice(words.traits)} {rng.choice(words.names)}"),
        preposition=words.preposition,
        objects=f"{rng.choice(AMOUNTS)} {rng.choice(traits)} {plural(noun)} {rng.choice(places)}",
        others=f"{rng.choice(AMOUNTS)} {plural(second[0])}",
        around=rng.choice(words.around),
    )
    return sentence(text)
