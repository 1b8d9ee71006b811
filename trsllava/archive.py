"""The façade people import: `trsllava.open()` gives an Archive to index, search and look into."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from indexer.progress import Progress, no_progress
from prompts import is_stale
from trsllava.chat import CollectionWithDialogues
from trsllava.collection import DELETED, OpenCollection, of_one_build
from trsllava.config import changed_settings, load_settings
from trsllava.raster.tile_picture import with_living_first
from trsllava.records import (
    Branch,
    Filters,
    FusionName,
    Hit,
    Picture,
    Query,
    SideBranch,
    Sort,
    Term,
    TileRecord,
    Verdict,
    Window,
)
from trsllava.status import Status
from trsllava.validation import absolute_path, check_unicode

if TYPE_CHECKING:
    from indexer.job import IndexReport
    from indexer.plan import IndexPlan
    from indexer.pushed import PushedLine
    from indexer.rebuilding import Rebuilt
    from trsllava.captioners.imported import CaptionFile
    from trsllava.captioners.named import CaptionerName
    from trsllava.captioners.protocol import Captioner
    from trsllava.chat import Chat
    from trsllava.dialogue.state import Dialogue, DialogueSettings
    from trsllava.search.changes import Change
    from trsllava.search.conditions import BBoxLike, DatetimeLike
    from trsllava.search.coverage import Coverage
    from trsllava.search.facets import Facets
    from trsllava.search.labels import UnknownLabel
    from trsllava.search.ranking import RankedTile
    from trsllava.search.rerank import Reranker
    from trsllava.search.result import RankingResult, SearchResult
    from trsllava.search.suggesting import Suggestions
    from trsllava.search.timings import Timings
    from trsllava.search.understood import Understood
    from trsllava.search.whereabouts import Whereabouts

_LABELS = 100_000
"""The most distinct labels that are looked through for other spellings of one."""
_USUAL_DIM = 384
_FOLDER_SECONDS, _SOURCE_SECONDS = 2.0, 300.0
"""Between two looks of `watch`: a look at a source costs its server a request for each scene."""
"""Of the default text encoder's vectors: what a plan reckons with before the first index."""


def _check_top(rerank_top: int | None) -> None:
    from trsllava.errors import InputError, Parameter

    if rerank_top is not None and rerank_top < 1:
        raise InputError(Parameter("rerank_top"), f" must be at least 1, not {rerank_top}.")


def open(home: Path | str | None = None, collection: str | None = None, **settings: Any) -> Archive:
    """Open an archive: a home folder and one collection in it. Nothing is created before something is indexed.

    Further settings are those of `trsllava.config.Settings`. Raises InputError for a setting that is not understood.
    """
    return Archive(load_settings(home=home, collection=collection, **settings))


class Archive(CollectionWithDialogues):
    """One collection of images and their rich texts, and what people do with it. Use as a context manager, or
    `close()` it."""

    def index(
        self,
        source: Path | str,
        *,
        stac_query: str | None = None,
        captions: Path | str | None = None,
        captioner: Captioner | CaptionerName | None = None,
        base_url: str | None = None,
        model: str | None = None,
        keep_going: bool = False,
        prune: bool = False,
        confirmed: bool = False,
        recaption_stale: bool = False,
        recaption_fewer: bool = False,
        dedupe: bool = False,
        within: Sequence[Path] = (),
        addresses: Sequence[str] | None = None,
        unsettled: Collection[str] = (),
        labels: Mapping[str, Sequence[str]] | None = None,
        progress: Progress = no_progress,
    ) -> IndexReport:
        """Bring the collection up to date with a folder of images, an image file, a STAC item, collection, catalogue,
        ItemCollection or GeoParquet of items (paths or http(s), s3 and gs addresses), or what `stac_query` finds at a
        STAC API (docs/sources.md).

        Captions come from a file, or a captioner, as such or by name (`nano`, `vllm`, `vllm-offline`); from nano where
        neither is given. By name it is asked as the settings say; `base_url` (of vllm) and `model` (of vllm and
        vllm-offline) take the place of theirs. `keep_going`: a run whose every answer is bad is not stopped.
        Only what is new or changed is done. `prune` removes what vanished from the folder; where that looks as if it
        were not mounted, only when `confirmed`. `recaption_stale`: tiles captioned with an earlier version of the
        prompt are asked about again; `recaption_fewer`: so are tiles of which only a part of an answer was good.
        `dedupe`: near-duplicates take over the text of one of them. `within`: folders, links resolved, that no link
        in the folder and no document may lead out of. `addresses`: below which documents and pictures may be read over
        the network; None: wherever the source leads. `unsettled`: files that are left alone, as `watch` tells them.
        `labels`: what a map has in each image, by path in the folder; a captioner with a prompt for it is told, and
        texts get them before its own.
        Captioning begins while the folder is still being walked, but with `dedupe` and for captions from a file.
        Raises InputError, PruneRefusedError, BusyError when another index runs, ServerError.
        """
        from indexer.discover import check_folder, check_images
        from indexer.job import index_folder
        from indexer.recipe import settle_recipe
        from trsllava.captioners.imported import read_caption_file
        from trsllava.captioners.named import check_asked_as, load_captioner, usual_captioner
        from trsllava.errors import InputError, Parameter
        from trsllava.sources.opened import open_source
        from trsllava.sources.reach import as_reach

        if captions is not None and captioner is not None:
            raise InputError("Give ", Parameter("captions"), " or ", Parameter("captioner"), ", not both.")
        check_asked_as(captioner, base_url=base_url, model=model)
        if isinstance(captioner, str):
            settings = changed_settings(self.settings, base_url=base_url, model=model)
            captioner = load_captioner(captioner, settings, keep_going=keep_going)
        opened = open_source(source, stac_query, as_reach(within, addresses))
        if isinstance(opened, Path):
            check_folder(opened)
            if not self.exists():
                check_images(opened, within)  # an empty folder leaves no empty collection behind
        elif prune and not opened.complete:
            raise InputError(
                "A search finds a part of what there is: what it does not find has not gone. Leave ",
                Parameter("prune"),
                " out.",
            )
        if captions is not None:
            texts: CaptionFile | Captioner = read_caption_file(Path(captions))
        else:
            texts = captioner or usual_captioner(self.ledger.models() if self.exists() else ())
        with self.writing():
            return index_folder(
                opened,
                texts,
                ledger=self.ledger,
                store=self.store,
                encoder=self.encoder,
                image_encoder=self.image_encoder,
                recipe=settle_recipe(self.ledger, self.settings.recipe_wishes()),
                prune=prune,
                confirmed=confirmed,
                recaption_stale=recaption_stale,
                recaption_fewer=recaption_fewer,
                dedupe=dedupe,
                within=within,
                unsettled=unsettled,
                labels=labels,
                progress=progress,
            )

    def watch(
        self, source: Path | str, *, within: Sequence[Path] = (), every: float | None = None
    ) -> Iterator[frozenset[str]]:
        """Wait, again and again, until new or changed files of a folder have settled: were the same at two looks,
        `every` so many seconds (2). Gives each time the paths of those that are still being written. What a document
        or an address holds is only known when it is indexed: it is due again every so many seconds (300).

        Endless, and made for `for unsettled in archive.watch(source): archive.index(source, unsettled=unsettled)`.
        What is there already counts as settled. Raises InputError where there is no such folder or document.
        """
        from indexer.discover import check_folder
        from indexer.recipe import settled_recipe
        from indexer.walk import FolderWalk
        from indexer.watching import due, settled
        from trsllava.remote.address import is_address

        if is_address(str(source)) or (root := absolute_path(source)).is_file():
            yield from due(_SOURCE_SECONDS if every is None else every)
        check_folder(root)
        if any(FolderWalk(root, within)):
            yield frozenset()
        own = self.ledger.recipe() if self.exists() else None
        bands = settled_recipe(own, self.settings.recipe_wishes()).bands
        yield from settled(
            root,
            lambda paths: self.ledger.files_at(paths) if self.exists() else {},
            within,
            bands,
            every=_FOLDER_SECONDS if every is None else every,
        )

    def push_captions(self, lines: Iterable[str]) -> list[PushedLine]:
        """Take rich texts made elsewhere, as lines of RSRT JSONL, for tiles that the collection has; they replace
        what the tiles had, and are searchable at once. Tells what became of each line.

        Raises UnknownCollectionError before the first `index`, CollectionMismatchError, BusyError, HomeError.
        """
        from indexer.built_with import check_encoder, check_image_encoder
        from indexer.pushed import take_lines
        from indexer.storing import store_waiting

        _ = self.ledger  # raises where there is no collection
        with self.writing():
            check_encoder(self.ledger.schema(), self.encoder)  # what cannot be stored is not taken
            check_image_encoder(self.ledger.schema(), self.image_encoder)
            outcomes = take_lines(lines, self.ledger)
            store_waiting(self.ledger, self.store, self.encoder, self.image_encoder)
        return outcomes

    def plan(self, source: Path | str, *, stac_query: str | None = None) -> IndexPlan:
        """What `index` would do with a source: files or scenes, tiles, and about how much time and disk; nothing is
        written. Of a source elsewhere its documents are read, and of scenes that are known a byte of each file.

        Raises InputError for a bad source, CollectionMismatchError where the collection's tiles were made otherwise.
        """
        from indexer.plan import plan
        from indexer.recipe import settled_recipe
        from trsllava.sources.opened import open_source

        ledger = self.ledger if self.exists() else None
        schema = ledger.schema() if ledger else None
        recipe = settled_recipe(ledger.recipe() if ledger else None, self.settings.recipe_wishes())
        dim = schema.dense_dim if schema else _USUAL_DIM
        opened = open_source(source, stac_query)
        return plan(opened, ledger, recipe, dim=dim, concurrency=self.settings.concurrency)

    def export_requests(
        self, folder: Path | str, requests: Path, model: str, *, per_file: int = 2000
    ) -> tuple[list[Path], list[str]]:
        """Write a `vllm run-batch` request for every image of a folder without a caption.

        Returns the files, and the reason for every image that cannot be read. Raises InputError where the place for
        the requests cannot be used.
        """
        from indexer.discover import check_folder, check_images
        from indexer.job import waiting_jobs
        from indexer.recipe import settle_recipe
        from trsllava.captioners.batch import batch_exchange, write_requests

        root = absolute_path(folder)
        check_folder(root)
        check_images(root)
        with self.writing():
            recipe = settle_recipe(self.ledger, self.settings.recipe_wishes())
            jobs, found = waiting_jobs(root, self.ledger, recipe)
        exchange = batch_exchange(model, instructions_in=self.settings.instructions_in)
        written, without = write_requests(jobs, exchange, requests, per_file=per_file, max_side=self.settings.max_side)
        return written, [*found.unreadable.values(), *(answer.error for answer in without)]

    def search(
        self,
        text: str | Query = "",
        *,
        image: Path | str | Picture | None = None,
        k: int | None = None,
        bbox: BBoxLike | None = None,
        time: DatetimeLike | None = None,
        labels: str | Sequence[str] | None = None,
        without_labels: str | Sequence[str] | None = None,
        source: Path | str | Sequence[Path | str] | None = None,
        properties: str | Sequence[str] | None = None,
        filters: Filters | None = None,
        weight: float | None = None,
        pair: tuple[SideBranch, SideBranch] | None = None,
        edit: bool | None = None,
        exact_words: bool | None = None,
        places: bool | None = None,
        times: bool | None = None,
        branches: Sequence[Branch] | None = None,
        fusion: FusionName | None = None,
        weights: Mapping[Term, float] | None = None,
        all_tiles: bool | None = None,
        min_relevance: float | None = None,
        min_score: float | None = None,
        diversity: float | None = None,
        sort: Sort | None = None,
        rerank: str | None = None,
        rerank_top: int | None = None,
    ) -> SearchResult:
        """The k tiles (10) that best fit a text, a picture (a file, or `(h, w, 3)` uint8 RGB) or both together, each
        with its reasons; no hit is a normal answer. A text is read as `understand` reads it; the result says how.

        A ready `Query` may take the text's place; parameters given beside it replace what it says. `exact_words`: the
        text is searched as typed, as it is everywhere where the setting `repair` is off. Place names and times in the
        text become filters (docs/places.md), unless `places` or `times` is False.

        Filters, all of which a tile must meet: `bbox`, a box in degrees that its footprint meets; `time`, when it was
        acquired; `labels` that it has and `without_labels` that it has not; `source`, files or folders that it comes
        from; `properties`, what is said of its scene, as in `cloud_cover<20`. They replace their like in `filters`.

        Of a text and a picture, `weight` is the text's share, 0 to 1; `pair` says what picture and text are compared
        with; `edit` takes the text for an instruction to rewrite the picture's caption by. Overlapping tiles of one
        scene count as one hit, the best, unless `all_tiles`. Hits whose chance to be right is known and below
        `min_relevance`, 0 to 1, are left out, as are those whose fused score is below `min_score`. `diversity`, 0 to
        1: how much it counts against a hit that it is like better ones. `sort`: the order in which the hits come.
        `rerank`: an image-text encoder that looks at the pictures of the `rerank_top` best again.

        Raises InputError for a bad value, before anything else; UnknownCollectionError, UnsearchableError where
        nothing can be found yet, EncoderError.
        """
        from trsllava.search.branches import check_query
        from trsllava.search.conditions import as_filters, as_query
        from trsllava.search.picture_query import read_picture
        from trsllava.search.result import SearchResult
        from trsllava.search.timings import Timings

        timings = Timings()
        with timings.measure("total"):
            query = as_query(
                text,
                k=k,
                filters=filters,
                weight=weight,
                pair=pair,
                edit=edit,
                exact_words=exact_words,
                places=places,
                times=times,
                branches=branches,
                fusion=fusion,
                weights=weights,
                all_tiles=all_tiles,
                min_relevance=min_relevance,
                min_score=min_score,
                diversity=diversity,
                sort=sort,
            )
            conditions = as_filters(
                query.filters,
                bbox=bbox,
                time=time,
                labels=labels,
                without_labels=without_labels,
                source=source,
                properties=properties,
            )
            query = query.model_copy(update={"filters": conditions})
            if image is not None:
                recipe = self.ledger.recipe() if self.exists() else None
                query = query.model_copy(update={"image": read_picture(image, recipe), "caption": None})
            _check_top(rerank_top)
            check_query(query, reranked=rerank is not None)
            hits, understood, coverage = self._hits(query, image, rerank, rerank_top, timings)
        return SearchResult(hits, understood, coverage, timings)

    def rank(
        self,
        text: str | Query = "",
        *,
        k: int | None = None,
        rerank: str | None = None,
        rerank_top: int | None = None,
    ) -> RankingResult:
        """The tiles that `search` finds, in its order, without reasons and chances to be right: of thousands, these
        take nearly all the time. Raises what `search` raises."""
        from trsllava.search.branches import check_query
        from trsllava.search.conditions import as_query
        from trsllava.search.result import RankingResult
        from trsllava.search.timings import Timings

        timings = Timings()
        with timings.measure("total"):
            query = as_query(text, k=k)
            _check_top(rerank_top)
            check_query(query, reranked=rerank is not None)
            tiles, understood, coverage = self._tiles(query, rerank, rerank_top, timings)
        return RankingResult(tiles, understood, coverage, timings)

    @of_one_build
    def _hits(
        self,
        query: Query,
        image: Path | str | Picture | None,
        rerank: str | None,
        rerank_top: int | None,
        timings: Timings,
    ) -> tuple[list[Hit], Understood, Coverage]:
        """What the collection answers to a checked query. `image`: where its picture came from."""
        engine = self.engine  # which may take long to open, and is none of the stages
        query, understood, coverage = self._read(query, image, timings)
        return engine.search(query, self._second_look(query, rerank, rerank_top), timings), understood, coverage

    @of_one_build
    def _tiles(
        self, query: Query, rerank: str | None, rerank_top: int | None, timings: Timings
    ) -> tuple[list[RankedTile], Understood, Coverage]:
        engine = self.engine
        query, understood, coverage = self._read(query, None, timings)
        return engine.rank(query, self._second_look(query, rerank, rerank_top), timings), understood, coverage

    def _read(
        self, query: Query, image: Path | str | Picture | None, timings: Timings
    ) -> tuple[Query, Understood, Coverage]:
        """The query as the engine takes it, how it was understood, and how much of the collection it is asked of."""
        from trsllava.search.picture_query import known_caption

        with timings.measure("understand"):
            understood = self.understand(
                query.text,
                filters=query.filters,
                composed=query.composed,
                exact_words=query.exact_words,
                places=query.places,
                times=query.times,
            )
        understood = replace(understood, unwanted=(*query.unwanted, *understood.unwanted))
        caption = query.caption if image is None or not query.composed else known_caption(image, self.ledger)
        query = query.model_copy(
            update={
                "text": understood.wanted,
                "unwanted": understood.unwanted,
                "caption": caption,
                "filters": understood.filters,
            }
        )
        return query, understood, self._searched()

    def _second_look(self, query: Query, rerank: str | None, rerank_top: int | None) -> Reranker | None:
        name = rerank or (None if query.composed else self.settings.rerank)
        top = rerank_top if rerank_top is not None else self.settings.rerank_top
        return self.reranker(name, top) if name else None

    def chat(
        self,
        text: str = "",
        *,
        resume: Dialogue | Path | str | None = None,
        k: int = 10,
        rounds: int | None = None,
        settings: DialogueSettings | None = None,
        filters: Filters | None = None,
    ) -> Chat:
        """Begin a dialogue with a vague query, or go on with one that was saved: a file, or a `Dialogue`.

        It is about the tiles that pass `filters`; one that goes on keeps those that it began with. It shows `k` hits
        and asks at most `rounds` questions (5); `settings` says more. Where a model server is set (`base_url`), it
        words questions and captions; the rules do where there is none, and wherever it fails.

        Raises InputError for an empty query, or a dialogue over another collection; UnknownCollectionError,
        UnsearchableError where nothing can be found yet, EncoderError.
        """
        from trsllava.chat import read_dialogue, with_rounds
        from trsllava.dialogue.state import DialogueSettings
        from trsllava.errors import InputError

        if resume is not None and filters is not None:
            raise InputError("A dialogue that goes on keeps its filters. Begin another one to change them.")
        if bool(text.strip()) == (resume is not None):
            raise InputError("A dialogue begins with a few words on what you are looking for, or with a saved one.")
        if resume is not None:
            dialogue = read_dialogue(Path(resume)) if isinstance(resume, str | Path) else resume
            chosen = with_rounds(settings or dialogue.settings, rounds)
            return self.resumed_chat(dialogue.model_copy(update={"settings": chosen}), k)
        chosen = with_rounds(settings or DialogueSettings(), rounds)
        understood = self._understood(text)
        settled, _ = self._settled(filters or Filters())
        return self.begun_chat(understood.searched, k, chosen, understood.sentences(), settled)

    @of_one_build
    def _understood(self, text: str) -> Understood:
        return self.understand(text, places=False, times=False)

    def understand(
        self,
        text: str,
        *,
        filters: Filters | None = None,
        composed: bool = False,
        exact_words: bool = False,
        places: bool = True,
        times: bool = True,
    ) -> Understood:
        """A query in words as `search` takes it, and what there is to say of it: `Understood.sentences`.

        Text in another language is translated where a model server is set (`base_url`) and the text encoder knows no
        more than English, slips are repaired, and what is not wanted is told from what is; none of it for
        `exact_words`, or where the setting `repair` is off. Labels of `filters` are spelt as the collection spells
        them. `composed`: a picture goes with the text. Place names and times become filters, unless `places` or
        `times` is False. Raises InputError for text that is no Unicode.
        """
        from trsllava.search.translating import is_multilingual, translator
        from trsllava.search.understood import understand

        check_unicode(text)
        literally = exact_words or not self.settings.repair
        settled, unknown = self._settled(filters or Filters())
        found = understand(
            text,
            self.ledger,
            has_meaning=self.engine.has_meaning,
            is_found=self.engine.is_found,
            literally=literally,
            composed=composed,
            multilingual=is_multilingual(self.encoder.name),
            translate=translator(self.settings),
            whereabouts=None if literally else self._whereabouts(text, settled, places=places, times=times),
            filters=settled,
        )
        return replace(found, unknown_labels=tuple(unknown))

    def _whereabouts(self, text: str, filters: Filters, *, places: bool, times: bool) -> Whereabouts:
        from datetime import UTC, datetime

        from trsllava.search.whereabouts import read_whereabouts

        today = datetime.now(UTC).date()
        return read_whereabouts(
            text,
            self.ledger.extent,
            today,
            places=places,
            times=times,
            has_meaning=self.engine.has_meaning,
            within=filters.bbox,
        )

    def _settled(self, filters: Filters) -> tuple[Filters, list[UnknownLabel]]:
        from trsllava.search.labels import settle_labels
        from trsllava.search.properties import check_properties

        check_properties(filters, self.ledger)
        if not (filters.labels or filters.without_labels):
            return filters, []
        return settle_labels(filters, self.labels(), self.label_tree())

    def labels(self) -> dict[str, int]:
        """The labels of the collection's tiles, as they are spelt, and numbers of tiles; the most frequent first."""
        return self.store.facet("labels", limit=_LABELS)

    def tile(self, tile_id: str) -> TileRecord:
        """One tile by its id or the beginning of it. Raises UnknownTileError."""
        return with_living_first(self.ledger.record(tile_id))

    def picture(self, tile_id: str, *, part: Window | None = None, longest: int | None = None) -> Picture:
        """A tile's picture, `(h, w, 3)` uint8 RGB, shrunk to at most `longest` pixels a side where that is given.
        `part`: a rectangle of it, in the source's pixels counted from the tile's corner.

        Raises UnknownTileError, ImageError, InputError for a part that leaves the tile.
        """
        from trsllava.raster.tile_picture import read_tile

        record = self.ledger.record(tile_id)
        return read_tile(record.tile, record.paths, part=part, longest=longest)

    def similar(self, tile_id: str, *, filters: Filters | None = None, **options: Any) -> SearchResult:
        """The tiles most like one of the collection's own, itself left out: by its picture where the collection has
        image vectors, else by its caption. `options` are those of `search`.

        Raises UnknownTileError, and what `search` raises.
        """
        from trsllava.search.result import SearchResult

        record = self.ledger.record(tile_id)
        k = options.pop("k", None) or Query().k
        schema = self.schema()
        if (schema and schema.image_encoder) or record.text is None:
            asked = Query(image=self.picture(tile_id), filters=filters or Filters())
        else:
            # A caption is no request: what it says of places, times and absent things is part of the picture.
            asked = Query(text=record.text.variants[0].text(), exact_words=True, filters=filters or Filters())
        result = self.search(asked, k=min(k + 1, 10_000), **options)
        others = [hit for hit in result if hit.tile.id != record.tile.id]
        return SearchResult(others[:k], result.understood, result.coverage, result.timings)

    @of_one_build
    def changes(self, text: str, change: str, *, k: int = 10, bbox: BBoxLike | None = None) -> list[Change]:
        """The k places whose captions gained what a text names, or lost it (`new buildings`, `demolished houses`),
        between two times, most first.

        `change`: `2019..2023`, each side a time or an interval. A place is two tiles over the same ground, one of each
        time. `bbox`: only there. Raises InputError, UnknownCollectionError, UnsearchableError.
        """
        from trsllava.search.changes import as_times, changes
        from trsllava.search.conditions import as_footprint

        check_unicode(text)
        times = as_times(change)
        if bbox is not None:
            box = as_footprint(bbox)
            times = (times[0].model_copy(update={"bbox": box}), times[1].model_copy(update={"bbox": box}))
        return changes(text, times, self.ledger, self.engine, k)

    def other_dates(self, tile_id: str) -> list[TileRecord]:
        """The captioned tiles over the same ground as a tile that were taken at other times, by time. Raises
        UnknownTileError, UnknownCollectionError."""
        from trsllava.search.stacks import other_dates

        return other_dates(self.ledger.record(tile_id), self.ledger)

    def facets(self, filters: Filters | None = None, *, limit: int = 100) -> Facets:
        """How the tiles that pass the filters divide by label (at most `limit`), folder and time.

        Raises UnknownCollectionError.
        """
        from trsllava.search.facets import facets

        settled, _ = self._settled(filters or Filters())
        return facets(self.store, self.ledger, settled, limit=limit, tree=self.label_tree())

    def suggest(self, text: str, *, limit: int = 10) -> Suggestions:
        """What a text that is being typed may become, by the collection's own words. Raises UnknownCollectionError."""
        from trsllava.search.suggesting import suggest

        check_unicode(text)
        return suggest(text, self.ledger, limit=limit, has_meaning=self.engine.has_meaning)

    def status(self) -> Status:
        """How the collection stands. Works while an index runs."""
        schema = self.ledger.schema()
        return Status(
            collection=self.settings.collection,
            folder=self.folder,
            tiles=self.ledger.counts(),
            captioned_by=self.ledger.models(),
            service=self.ledger.server_usage(),
            encoder=schema.encoder if schema else None,
            image_encoder=(schema.image_encoder or None) if schema else None,
            stale={name: count for name, count in self.ledger.prompts().items() if is_stale(name)},
            checks=self.ledger.outcomes(),
            unreadable={row.path: row.error for row in self.ledger.unreadable()},
            quarantined={str(record.tile.id): record.error for record in self.ledger.scan("quarantined")},
            recipe=self.ledger.recipe(),
            skipped=self.ledger.skipped(),
            waiting=self.ledger.waiting(),
        )

    def export(self) -> Iterator[str]:
        """RSRT JSONL: one line an image or a scene's tile, paths relative to the folder that was indexed."""
        from trsllava.captioners.imported import rich_text_line, tile_name

        scenes = self.ledger.cut_scenes()
        for record in self.ledger.scan():
            if record.text is not None:
                for path in record.paths:
                    inside = PurePosixPath(path).relative_to(self.ledger.root_of(path)).as_posix()
                    whole = record.tile.sha256 not in scenes
                    yield rich_text_line(inside if whole else tile_name(inside, record.tile.window), record.text)

    # Quality

    def duplicates(self, distance: int | None = None, *, progress: Progress = no_progress) -> list[list[TileRecord]]:
        """Groups of tiles whose pictures differ in at most `distance` bits of 256 from the group's first."""
        from indexer.duplicates import DISTANCE, fingerprint, groups

        ledger = self.ledger
        if ledger.without_fingerprint():
            with self.writing():
                fingerprint(ledger, progress)
        found = groups(ledger.fingerprints(), DISTANCE if distance is None else distance)
        return [list(map(with_living_first, ledger.records(group).values())) for group in found]

    def review_sample(self, share: float | None = None, count: int | None = None, seed: int = 0) -> list[TileRecord]:
        """A share (0 to 1) or a number of the captioned tiles, drawn by seed; more tiles change few of those drawn."""
        from indexer.review import review_sample

        return review_sample(self.ledger, share=share, count=count, seed=seed)

    def import_verdicts(self, path: Path | str, reviewer: str) -> int:
        """Keep the verdicts of a review page's file; returns their number. Raises InputError for another file."""
        from indexer.review import read_verdicts

        verdicts = read_verdicts(Path(path), reviewer, self.ledger)
        with self.writing():
            self.ledger.record_verdicts(verdicts)
        return len(verdicts)

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """Keep verdicts; a reviewer's later one on a tile replaces the earlier. Raises InputError for a tile that the
        collection does not have."""
        from indexer.review import check_known

        check_known(verdicts, self.ledger, "The list")
        with self.writing():
            self.ledger.record_verdicts(verdicts)

    def verdicts(self) -> list[Verdict]:
        """The verdicts on texts as they are now; those on texts that were replaced since are left out."""
        from indexer.review import current_verdicts

        return current_verdicts(self.ledger)

    def reindex(
        self,
        encoder: str | None = None,
        image_encoder: str | None = None,
        *,
        progress: Progress = no_progress,
    ) -> Rebuilt:
        """Encode all stored captions anew, with other encoders or the same; nothing is captioned again, and pictures
        are looked at only where the image encoder has not seen them. Queries are answered as before until all is done.
        The archive goes on with these encoders.

        Raises UnknownCollectionError before the first `index`.
        """
        from indexer.rebuilding import rebuild

        _ = self.ledger  # raises where there is no collection
        wished = {"encoder": encoder, "image_encoder": image_encoder}
        settings = self.settings.model_copy(update={name: value for name, value in wished.items() if value})
        with self.writing(), OpenCollection(settings) as new:  # this one goes on answering with its own encoders
            rebuilt = rebuild(self.ledger, self.store, new.encoder, new.image_encoder, progress)
        self.settings = settings
        self.forget("encoder", "image_encoder", "engine")
        return rebuilt

    def compact(self) -> int:
        """Forget the texts kept of removed images, and give the room back; returns their number.

        Raises UnknownCollectionError before the first `index`, BusyError while one runs.
        """
        ledger = self.ledger
        with self.writing():
            return ledger.compact()

    def delete(self) -> None:
        """Remove the collection: captions, vectors, ledger. The images stay. Raises UnknownCollectionError."""
        doomed = self.folder.with_name(self.settings.collection + DELETED)
        _ = self.ledger  # a collection that is not there cannot be deleted
        with self.writing():
            self.store.drop()
            self.close()
            self.folder.rename(doomed)  # under the lock: nobody writes to what is going
        shutil.rmtree(doomed, ignore_errors=True)  # what cannot be removed now, the next write removes


def collections(home: Path) -> list[str]:
    """Names of the collections in a home folder, sorted."""
    found = (path.parent.name for path in home.glob("collections/*/ledger.sqlite"))
    return sorted(name for name in found if not name.endswith(DELETED))
