"""From a data set and encoders to simulated dialogues."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from eval.datasets.captions import CaptionedImage
from eval.dialogue.evaluate import Measured, Users, evaluate_dialogues, text_users
from eval.dialogue.gallery import ArrayGallery
from eval.dialogue.sights import impressions
from eval.dialogue.simulation import Method
from eval.encoders import image_encoder_of
from eval.pictures import PictureSource
from eval.proxy import proxy_task
from eval.retrieval import Scoring
from eval.task import QueryKind, RetrievalTask, collection_or_file_task
from indexer.progress import Progress
from trsllava.archive import Archive
from trsllava.captioners.nano.impression import CONFIDENCE, Confidence
from trsllava.dialogue.answers.nano import NanoAnswerer
from trsllava.dialogue.material import Material
from trsllava.dialogue.posterior import NANO, TEXTS
from trsllava.dialogue.presence import presence_of
from trsllava.encoders import shipped
from trsllava.encoders.image_text import load_shipped_nano
from trsllava.encoders.nano import NanoEncoder
from trsllava.records import Branch
from trsllava.search.fusion import DEFAULT_FUSION, DEFAULT_WEIGHTS

_BRANCHES: tuple[Branch, ...] = ("dense", "bm25", "image")


def measured_dialogues(
    asked: Sequence[CaptionedImage],
    archive: Archive,
    methods: Sequence[Method],
    *,
    split: str,
    images: Path,
    rich: Path | None,
    proxy: bool,
    answers: Literal["texts", "nano"],
    answering: Path | None,
    wrong: float,
    rounds: int,
    progress: Progress,
) -> tuple[Measured, RetrievalTask]:
    """Simulate dialogues over captioned images, and the task that their first queries are.

    Args:
        asked: the images, each looked for by a user who knows its captions.
        archive: gives the encoders, and documents and vectors where `rich` is None.
        methods: what is compared.
        split: to be reported.
        images: folder of the pictures.
        rich: documents; None: the archive's.
        proxy: documents are first human captions, and users know the others.
        answers: who answers, the captions or nano.
        answering: folder of another nano that answers; None: the shipped one.
        wrong: share of answers that are wrong.
        rounds: questions to each user.
        progress: is told what is done.
    """
    of_collection = rich is None and not proxy
    whole = (
        proxy_task(asked)
        if proxy
        else collection_or_file_task(asked, archive, rich, images if not of_collection else None, None, _BRANCHES)
    )
    known = [
        [whole.queries[place] for place in np.flatnonzero(whole.owner == number)]
        for number in range(len(whole.images))
    ]
    users = text_users(known, wrong)
    if answers == "nano":
        users = _nano_users(users, images, whole.images, answering, progress)
    source = PictureSource(
        image_encoder_of(archive), images, archive if of_collection and archive.exists() else None, progress
    )
    pictures = source.pictures(whole.images)
    gallery = ArrayGallery(
        whole.images,
        whole.documents,
        pictures,
        archive.encoder,
        Scoring(_BRANCHES, DEFAULT_FUSION, DEFAULT_WEIGHTS),
        presence_of(pictures.vectors, pictures.encoder.name),
    )
    measured = evaluate_dialogues(
        users,
        whole.documents,
        Material(gallery, NANO if answers == "nano" else TEXTS),
        gallery,
        methods,
        rounds,
        split=split,
        encoders=(archive.encoder.name, pictures.encoder.name),
        progress=progress,
    )
    kind: QueryKind = "dialogue"
    task = RetrievalTask(whole.images, whole.documents, users.queries, np.arange(len(known)), kind, "people")
    return measured, task


def _nano_users(users: Users, images: Path, names: Sequence[str], answering: Path | None, progress: Progress) -> Users:
    """Users who see the picture as nano does; they begin as the others do."""
    network = NanoEncoder(str(answering), answering) if answering else load_shipped_nano()
    confidence = Confidence.load(
        (answering if answering and (answering / CONFIDENCE).exists() else shipped.NANO) / CONFIDENCE
    )
    seen = impressions(network, confidence, images, names, progress)
    told = (
        f"nano of {answering}, which sees the picture"
        if answering
        else "the nano that indexed, which sees the picture"
    )
    return Users(users.known, lambda number: NanoAnswerer(seen[number], network.sharpness), told, users.wrong)
