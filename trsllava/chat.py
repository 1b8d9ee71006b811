"""`archive.chat`: a dialogue over a collection, from a vague query to the picture that is meant."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from trsllava.collection import of_one_build
from trsllava.config import Settings, plain
from trsllava.errors import InputError, Parameter
from trsllava.quarantine import CollectionWithQuarantine
from trsllava.records import Filters, Query
from trsllava.validation import check_unicode

if TYPE_CHECKING:
    from trsllava.dialogue.chat_model import ChatModel
    from trsllava.dialogue.enrichment import Enricher
    from trsllava.dialogue.material import Material
    from trsllava.dialogue.questions.protocol import Questioner
    from trsllava.dialogue.reasoning.instructions import Reasoning
    from trsllava.dialogue.reformulation.protocol import Reformulator
    from trsllava.dialogue.session import End, Session
    from trsllava.dialogue.standing import ChatHit, Heard, Standing
    from trsllava.dialogue.state import Answer, Dialogue, DialogueSettings, Question
    from trsllava.records import FloatArray, TileRecord

LARGEST = 10_000
"""Tiles that a dialogue is about: of a larger collection those that the first query fits best."""
_MATERIALS = 4
"""Kept ready: of the whole collection, or of first queries of a larger one."""
_LONGEST_FILE = 4 << 20
"""Bytes of a dialogue's file."""
_MOST_TURNS = 100
"""Of one dialogue: feedback on hits counts as a turn and answers no question."""
_MOST_HITS = 1000


class Chat:
    """A dialogue: what is asked next, the hits as they stand, and the steps that change both.

    Made by `Archive.chat`. `dialogue` is all there is to keep.
    """

    def __init__(
        self,
        session: Session,
        k: int,
        records: Callable[[Sequence[str]], Mapping[str, TileRecord]],
        model: ChatModel | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        """Goes on where a session is; shows k hits. `records`: gives tiles by id. `model`: has a part in it.
        `notices`: what to say first."""
        self._session, self._k, self._records = session, k, records
        self._model, self._first = model, notices
        self._standing: Standing | None = None

    @property
    def standing(self) -> Standing:
        """Where it stands now, as one record."""
        return self._standing or self._stands(None, *self._first)

    @property
    def dialogue(self) -> Dialogue:
        """What was asked for, asked and answered: as JSON (`model_dump_json`) it can be kept and resumed."""
        return self._session.dialogue

    @property
    def question(self) -> Question | None:
        """To be answered next; None at the end."""
        return self.standing.question

    @property
    def hits(self) -> tuple[ChatHit, ...]:
        """The likeliest tiles, best first, and how they moved."""
        return self.standing.hits

    @property
    def finished(self) -> End | None:
        """Why nothing more is asked: a hit was `picked`, no question would `gain` much, all `rounds` are over."""
        return self.standing.finished

    def answer(self, said: str | Answer) -> Standing:
        """Take an answer: a person's words, or a ready `Answer`.

        Words are yes, no, don't know, skip, `more like 3`, `less like 2`, undo, `pick 2`, or what is to be seen.
        Raises InputError for the number of a hit that is not shown, and for an answer where nothing was asked.
        """
        from trsllava.dialogue.answers.reading import read_answer

        if not isinstance(said, str):
            return self._answered(said)
        check_unicode(said)
        read = read_answer(said, [str(hit.tile.id) for hit in self.hits])
        match read.kind:
            case "undo":
                return self.undo()
            case "pick":
                return self.pick(str(read.tile))
            case "stop" | "question" | "empty":
                return self._stands(read.kind, *_ADVICE.get(read.kind, ()))
        if read.kind == "yes" and not read.words and self.question is not None and not self.question.attribute:
            return self._stands("empty", "Say in words what else is to be seen, or skip the question.")
        return self._answered(read)

    def undo(self) -> Standing:
        """Take the last step back: the hit that was picked, or the last turn, whose question is asked again."""
        if self.dialogue.picked is not None:
            self._session.dialogue = self.dialogue.model_copy(update={"picked": None})
        elif self._session.undo() is None:
            return self._stands("undo", "There is nothing to take back.")
        return self._stands("undo")

    def pick(self, tile: str | int) -> Standing:
        """The picture is found: a hit's tile, or its number from 1. Raises InputError for one that is not there."""
        self._session.pick(tile_of(tile, self.hits))
        return self._stands("pick")

    def reason(self) -> Reasoning:
        """DiaRet's FAR of the dialogue: instructions, attribute sentences and keywords, by the language model where
        there is one, else by the rules as in `standing.instructions`."""
        from trsllava.dialogue.reasoning import rules
        from trsllava.dialogue.reasoning.llm import ModelReasoner

        reason = rules.reason if self._model is None else ModelReasoner(self._model)
        return reason(self.dialogue.query, self.dialogue.turns)

    def save(self, path: Path | str) -> None:
        """Write the dialogue to a file, whole or not at all; `chat(resume=path)` goes on with it.

        Raises InputError where it cannot be written.
        """
        save_dialogue(self.dialogue, Path(path))

    def _answered(self, answer: Answer) -> Standing:
        _check_turns(len(self.dialogue.turns) + 1)
        _ = self.question  # which is to be asked before it is answered
        self._session.answer(answer)
        return self._stands("answer")

    def _stands(self, heard: Heard | None, *notices: str) -> Standing:
        from trsllava.dialogue.standing import standing_of

        standing = standing_of(self._session, self._k, self._records, heard)
        self._standing = standing.model_copy(update={"notices": (*notices, *self._excuses())})
        return self._standing

    def _excuses(self) -> tuple[str, ...]:
        """What to say where the model failed since the last step, of this dialogue or of one beside it."""
        if self._model is None or not self._model.failures:
            return ()
        self._model.failures.clear()
        return ("The language model could not be used for a part of this step; the rules took its place.",)


def tile_of(picked: str | int, hits: Sequence[ChatHit]) -> str:
    """The id of a hit, given by its number from 1; an id itself stays. Raises InputError for another number."""
    if isinstance(picked, str):
        return picked
    if not 1 <= picked <= len(hits):
        raise InputError(f"There is no hit {picked}: they are numbered from 1 to {len(hits)}.")
    return str(hits[picked - 1].tile.id)


def _check_hits(k: int) -> None:
    if not 1 <= k <= _MOST_HITS:
        raise InputError(f"The number of hits lies between 1 and {_MOST_HITS}; this one is {k}.")


def with_rounds(settings: DialogueSettings, rounds: int | None) -> DialogueSettings:
    """A dialogue's settings with another number of rounds; None leaves theirs. Raises InputError for one that a saved
    dialogue could not have."""
    from pydantic import ValidationError

    from trsllava.dialogue.state import DialogueSettings
    from trsllava.validation import fault_of

    if rounds is None:
        return settings
    try:
        return DialogueSettings.model_validate(dict(settings) | {"rounds": rounds})
    except ValidationError as error:
        raise InputError(Parameter("rounds"), f" {fault_of(error)[1]}.") from error


def _check_turns(count: int) -> None:
    if count > _MOST_TURNS:
        raise InputError(f"A dialogue has {_MOST_TURNS} turns at most. Begin another one with what is known by now.")


_ADVICE = {
    "question": ("Only you know the picture. Say what you remember of it, or skip the question.",),
    "empty": ("Nothing was said. Answer yes, no, don't know or skip, or say what is to be seen.",),
}


def save_dialogue(dialogue: Dialogue, path: Path) -> None:
    """Write a dialogue to a file, whole or not at all. Raises InputError where it cannot be written."""
    import os
    import tempfile

    try:
        handle, draft = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(dialogue.model_dump_json(indent=2) + "\n")
        Path(draft).replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        Path(draft).unlink(missing_ok=True)


def read_dialogue(path: Path) -> Dialogue:
    """A dialogue that was saved. Raises InputError for another file."""
    from pydantic import ValidationError

    from trsllava.dialogue.state import Dialogue
    from trsllava.validation import first_fault, reason_of

    try:
        with path.open("rb") as file:
            said = file.read(_LONGEST_FILE + 1)
        if len(said) > _LONGEST_FILE:
            raise InputError(f"{path} is no saved dialogue: it is too long.")
        return Dialogue.model_validate_json(said)
    except ValidationError as error:
        raise InputError(f"{path} is no saved dialogue: {first_fault(error)}.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {reason_of(error)}.") from error


@dataclass(frozen=True)
class Kept:
    """A material, and what it was made of."""

    material: Material
    build: str
    changes: tuple[int, int]
    made: float
    """When, by the monotonic clock."""
    seconds: float
    """What making it took."""

    def is_fresh(self, build: str, changes: tuple[int, int]) -> bool:
        """A collection that is being indexed changes all the time: no more than a tenth of it goes into making this
        anew."""
        if self.build != build:
            return False
        return self.changes == changes or time.monotonic() - self.made < 9 * self.seconds


class CollectionWithDialogues(CollectionWithQuarantine):
    """What an archive can do for people who cannot say at once what they look for."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._materials: OrderedDict[str, Kept] = OrderedDict()
        self._making = threading.Lock()

    def begun_chat(
        self,
        query: str,
        k: int,
        settings: DialogueSettings,
        notices: Sequence[str] = (),
        filters: Filters = Filters(),  # noqa: B008  # a frozen record
    ) -> Chat:
        """A dialogue that begins with a query as it is searched. Raises as `Archive.chat` does."""
        from trsllava.dialogue.session import Session

        _check_hits(k)
        session = Session.start(
            query,
            self.material(query, filters),
            settings,
            collection=self.settings.collection,
            questioner=self._questioner(settings),
            reformulator=self._reformulator(settings),
            enricher=self._enricher(),
        )
        session.dialogue = session.dialogue.model_copy(update={"filters": filters})
        return Chat(session, k, self.ledger.records, self.chat_model, notices)

    def resumed_chat(self, dialogue: Dialogue, k: int) -> Chat:
        """A dialogue that goes on. Raises as `Archive.chat` does."""
        from trsllava.dialogue.session import Session

        _check_hits(k)
        self._check_own(dialogue)
        _check_turns(len(dialogue.turns))
        parts = self._questioner(dialogue.settings), self._reformulator(dialogue.settings)
        session = Session(dialogue, self.material(dialogue.query, dialogue.filters), *parts)
        return Chat(session, k, self.ledger.records, self.chat_model)

    def _check_own(self, dialogue: Dialogue) -> None:
        if dialogue.collection != self.settings.collection:
            raise InputError(
                f"This dialogue is over the collection {dialogue.collection!r}, not {self.settings.collection!r}."
            )

    def material(self, query: str, filters: Filters = Filters()) -> Material:  # noqa: B008  # a frozen record
        """What dialogues that begin with a query share: the tiles that pass the filters, of very many those that fit
        the query best; made anew where the collection has changed. Raises InputError where none passes."""
        with self._making:
            build, changes = self.store.build(), self.ledger.changes()
            whole = self._searched().searchable <= LARGEST and filters.is_empty()
            key = "" if whole else query + filters.model_dump_json()
            kept = self._materials.get(key)
            if kept is None or not kept.is_fresh(build, changes):
                begun = time.monotonic()
                made = self._made(None if whole else query, filters)
                ended = time.monotonic()
                kept = self._materials[key] = Kept(made, build, changes, ended, ended - begun)
            self._materials.move_to_end(key)
            while len(self._materials) > _MATERIALS:
                self._materials.popitem(last=False)
            return kept.material

    @of_one_build
    def _made(self, query: str | None, filters: Filters) -> Material:
        """`query`: None for the whole collection."""
        import numpy as np

        from indexer.points import bm25_document
        from trsllava.dialogue.indexed import IndexedGallery
        from trsllava.dialogue.material import Material
        from trsllava.dialogue.presence import presence_of
        from trsllava.encoders.bm25 import Bm25Encoder
        from trsllava.store.protocol import TilePoint
        from trsllava.store.scoring import StoredVectors

        engine, schema = self.engine, self.schema()
        assert schema is not None  # the engine has one
        if query is None:
            ids = self.store.ids()
        elif filters.is_empty():
            ids = engine.likeliest(query, LARGEST)
        else:
            passing = Query(text=query, filters=filters, k=LARGEST, all_tiles=True)
            ids = [str(ranked.tile.id) for ranked in engine.rank(passing)]
            if not ids:
                raise InputError("No image passes the filters of this dialogue. Take some away.")
        records = self.ledger.records(ids)
        found = {tile: text for tile in sorted(records) if (text := records[tile].text) is not None}
        bm25 = Bm25Encoder(schema.average_length)
        pictures = self._pictures(tuple(found), schema.image_encoder or "")
        captions = self.store.dense_vectors(list(found))
        none = np.empty((0, schema.dense_dim), np.float32)
        tiles = StoredVectors.of(
            TilePoint(
                id=tile,
                dense=captions.get(tile, none),
                sparse=bm25.document(bm25_document(text)),
                image=None if pictures is None or np.isnan(pictures[place]).any() else pictures[place],
            )
            for place, (tile, text) in enumerate(found.items())
        )
        gallery = IndexedGallery(
            {tile: text.texts() for tile, text in found.items()},
            pictures,
            None if pictures is None else presence_of(pictures, schema.image_encoder or ""),
            lambda text: engine.score(text, tiles),
        )
        material = Material(gallery)
        _ = material.uncertainty  # which takes its table: made once, whichever thread comes first
        return material

    def _pictures(self, ids: Sequence[str], encoder: str) -> FloatArray | None:
        """Vectors of an image-text encoder, `(n, d)`, NaN for a tile without; None where no tile has one."""
        import numpy as np

        seen = self.ledger.image_vectors(ids, encoder) if encoder else {}
        if not seen:
            return None
        unseen = np.full_like(next(iter(seen.values())), np.nan)
        return np.stack([seen.get(tile, unseen) for tile in ids])

    def _questioner(self, settings: DialogueSettings) -> Questioner | None:
        """The one that needs the model server, where there is one and it has a part in it."""
        from trsllava.dialogue.questions.llm import FreeQuestioner, WordedQuestioner

        if self.chat_model is None:
            return None
        match settings.questioner:
            case "llm":
                return FreeQuestioner(self.chat_model)
            case "calculated":
                return WordedQuestioner(self.chat_model)
        return None

    def _reformulator(self, settings: DialogueSettings) -> Reformulator | None:
        from trsllava.dialogue.reformulation.llm import ModelReformulator

        if self.chat_model is None or settings.reformulator == "appended":
            return None
        return ModelReformulator(self.chat_model)

    def _enricher(self) -> Enricher:
        from trsllava.dialogue.enrichment import enriched_by_rules
        from trsllava.dialogue.enrichment_llm import ModelEnricher

        return enriched_by_rules if self.chat_model is None else ModelEnricher(self.chat_model)

    @cached_property
    def chat_model(self) -> ChatModel | None:
        """The language model of the settings' server; None without one. Raises InputError for no address."""
        from trsllava.dialogue.chat_model import ChatModel

        if self.settings.base_url is None:
            return None
        return ChatModel(self.settings.base_url, self.settings.model, api_key=plain(self.settings.api_key))
