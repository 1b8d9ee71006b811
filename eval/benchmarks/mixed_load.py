"""Does the service keep its memory under a mixed load?

    python -m eval.benchmarks.mixed_load --home ~/bench/serving --minutes 10

Twenty clients ask the collection of `eval.benchmarks.serving` for searches by text, by item and in batches, items,
pictures, facets, suggestions and STAC pages, in an order drawn by chance. Prints one JSON object a minute: requests so
far, their statuses, and the server's resident memory.
"""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from eval.benchmarks.serving import distinct, prepared, serving

_MINUTE = 60.0

Request = Callable[[httpx.Client], httpx.Response]


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, serve, ask, print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.mixed_load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--home", type=Path, required=True, help="Where the collection is kept.")
    parser.add_argument("--tiles", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args(arguments)
    sentences = prepared(given.home, given.tiles)
    statuses: Counter[int] = Counter()
    until = time.monotonic() + given.minutes * _MINUTE
    with serving(given.home) as (url, pid):
        ids = known_ids(url)

        def client(seed: int) -> None:
            draw = random.Random(seed)
            with httpx.Client(base_url=url, timeout=120) as session:
                while time.monotonic() < until:
                    statuses[drawn(draw, sentences, ids)(session).status_code] += 1

        ended = threading.Event()
        watch = threading.Thread(target=told, args=(psutil.Process(pid), statuses, ended))
        watch.start()
        with ThreadPoolExecutor(given.clients) as threads:
            for done in [threads.submit(client, seed) for seed in range(given.clients)]:
                done.result()
        ended.set()
        watch.join()


def known_ids(url: str) -> list[str]:
    """Ids of some items."""
    found = httpx.post(f"{url}/v1/search", json={"text": "harbor", "k": 100}, timeout=120).raise_for_status()
    return [hit["tile"]["id"] for hit in found.json()["hits"]]


def drawn(draw: random.Random, sentences: Sequence[str], ids: Sequence[str]) -> Request:
    """One of the requests that applications make: half are searches by text."""
    text, tile = distinct(sentences, draw, 1)[0], draw.choice(ids)
    others: list[Request] = [
        lambda client: client.post("/v1/search", json={"item": tile}),
        lambda client: client.post("/v1/search", json={"item": tile, "text": text}),
        lambda client: client.post("/v1/search/batch", json={"searches": [{"text": text}, {"item": tile}]}),
        lambda client: client.get(f"/v1/items/{tile}"),
        lambda client: client.get(f"/v1/items/{tile}/similar"),
        lambda client: client.get(f"/v1/items/{tile}/thumbnail"),
        lambda client: client.get(f"/v1/items/{tile}/render", params={"format": "webp"}),
        lambda client: client.get("/v1/facets"),
        lambda client: client.get("/v1/suggest", params={"text": text[:3]}),
        lambda client: client.get("/stac/search", params={"limit": 20}),
    ]
    return draw.choice([*others, *len(others) * [lambda client: client.post("/v1/search", json={"text": text})]])


def told(server: psutil.Process, statuses: Counter[int], ended: threading.Event) -> None:
    """Print a line a minute, and one at the end."""
    begun = time.monotonic()
    while True:
        last = ended.wait(_MINUTE)
        line = {
            "minutes": round((time.monotonic() - begun) / _MINUTE, 1),
            "requests": statuses.total(),
            "statuses": dict(statuses),
            "mebibytes": server.memory_info().rss >> 20,
        }
        print(json.dumps(line), flush=True)
        if last:
            return


if __name__ == "__main__":
    main()
