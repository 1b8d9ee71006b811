"""How much of a sample people accept, and how far two of them agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from trsllava.records import Verdict


@dataclass(frozen=True)
class Agreement:
    """Two reviewers on the tiles that both judged."""

    tiles: int
    observed: float
    """Share of the tiles with equal verdicts."""
    kappa: float | None
    """Cohen's kappa; None where chance alone would agree on everything."""


@dataclass(frozen=True)
class Share:
    """How much of what a reviewer judged was accepted."""

    reviewer: str
    judged: int
    accepted: int
    interval: tuple[float, float]
    """Wilson's, at 95 %."""


def by_reviewer(verdicts: Iterable[Verdict]) -> dict[str, dict[str, str]]:
    """Verdict by tile, for each reviewer; reviewers in the order of their names."""
    said: dict[str, dict[str, str]] = {}
    for verdict in verdicts:
        said.setdefault(verdict.reviewer, {})[verdict.tile_id] = verdict.verdict
    return dict(sorted(said.items()))


def share_of(reviewer: str, verdicts: Mapping[str, str]) -> Share:
    """What a reviewer accepts, of at least one verdict by tile."""
    accepted = sum(verdict == "accept" for verdict in verdicts.values())
    return Share(reviewer, len(verdicts), accepted, wilson_interval(accepted, len(verdicts)))


def wilson_interval(accepted: int, judged: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval for a share (Wilson, JASA 1927, 22:209-212): right for small samples and shares near 0 or 1.

    >>> low, high = wilson_interval(8, 10)
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)

    Raises ValueError where nothing was judged.
    """
    if judged <= 0:
        raise ValueError("nothing was judged")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = accepted / judged
    centre = share + z**2 / (2 * judged)
    spread = z * math.sqrt(share * (1 - share) / judged + z**2 / (4 * judged**2))
    scale = 1 + z**2 / judged
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def agreement(first: Mapping[str, str], second: Mapping[str, str]) -> Agreement | None:
    """Two reviewers' verdicts by tile, compared where both judged (None where nowhere).

    kappa = (observed - chance) / (1 - chance), chance from each one's own shares (Cohen, Educ. Psychol. Meas. 1960).

    Three of four agreed on, where chance alone would agree on half:

    >>> agreement({"a": "accept", "b": "accept", "c": "reject", "d": "reject"},
    ...           {"a": "accept", "b": "reject", "c": "reject", "d": "reject", "e": "accept"})
    Agreement(tiles=4, observed=0.75, kappa=0.5)
    """
    both = sorted(first.keys() & second.keys())
    if not both:
        return None
    a, b = [first[tile] for tile in both], [second[tile] for tile in both]
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / len(both)
    chance = sum(_share(a, verdict) * _share(b, verdict) for verdict in {*a, *b})
    kappa = None if math.isclose(chance, 1.0) else (observed - chance) / (1 - chance)
    return Agreement(len(both), observed, kappa)


def _share(verdicts: Sequence[str], verdict: str) -> float:
    return sum(said == verdict for said in verdicts) / len(verdicts)
