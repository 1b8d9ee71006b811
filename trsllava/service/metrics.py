"""What the service counts of itself, for Prometheus."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from trsllava.search.timings import Timings

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters of one service; each has a registry of its own, so that several can live in a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        in_here: dict[str, Any] = {"namespace": "trsllava", "registry": self.registry}
        self.requests = Counter("requests", "Requests answered.", ("method", "route", "status"), **in_here)
        self.seconds = Histogram("request_seconds", "Time to answer.", ("route",), buckets=_SECONDS, **in_here)
        self.stages = Histogram("search_seconds", "Time of a search.", ("stage",), buckets=_SECONDS, **in_here)
        self.problems = Counter("problems", "Requests answered by a problem.", ("kind",), **in_here)
        self.inside = Gauge("requests_inside", "Requests that are worked on or wait.", **in_here)
        self.refused = Counter("requests_refused", "Requests refused because too many wait.", **in_here)
        self.cached = Counter("texts_cached", "Texts whose vectors were remembered.", **in_here)
        self.encoded = Counter("texts_encoded", "Texts that were encoded.", **in_here)
        self.batches = Histogram("encode_batch_texts", "Texts encoded together.", buckets=_SIZES, **in_here)
        self.jobs = Gauge("jobs", "Jobs by their state.", ("state",), **in_here)
        self.archives = Gauge("archives_open", "Collections that are open.", **in_here)

    def observe(self, timings: Timings) -> None:
        """Note what the stages of a search took."""
        for stage, seconds in asdict(timings).items():
            self.stages.labels(stage).observe(seconds)
