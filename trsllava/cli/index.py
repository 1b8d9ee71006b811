"""`trsllava index`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from trsllava.cli.options import (
    Bands,
    Collection,
    Device,
    Encoder,
    Home,
    ImageEncoder,
    NodataLimit,
    Overlap,
    QdrantUrl,
    Stretch,
    TileSide,
)
from trsllava.cli.service import service_lines
from trsllava.records import CheckName

if TYPE_CHECKING:
    from indexer.job import IndexReport
    from indexer.plan import IndexPlan
    from trsllava.archive import Archive
    from trsllava.captioners.protocol import Captioner
    from trsllava.captioners.vllm import VllmCaptioner
    from trsllava.config import Settings

_SHOWN = 5


CheckChoice = StrEnum("CheckChoice", [(name, name) for name in get_args(CheckName) if name not in ("schema", "empty")])  # type: ignore[misc]
"""Checks that can be skipped: what is no rich text at all is never stored."""


class CaptionerName(StrEnum):
    """Captioners that can be named on the command line."""

    nano = "nano"
    vllm = "vllm"
    vllm_offline = "vllm-offline"


def index(
    folder: Annotated[Path, typer.Argument(help="Folder of images; sub-folders are searched.", show_default=False)],
    captions: Annotated[
        Path | None, typer.Option("--captions", help="Import captions: RSRT JSONL, or {image, captions} a line.")
    ] = None,
    captioner: Annotated[
        CaptionerName | None,
        typer.Option(
            "--captioner",
            help="Who writes them: nano (ours, small, here), or a vision-language model, on a server or in here.  "
            "[default: nano]",
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", help="The model's OpenAI-compatible server.  [env: TRSLLAVA_BASE_URL]"),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Model name on that server; may be left out where it serves one.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=1, help="The most requests under way at once.  [default: 128]")
    ] = None,
    variant_requests: Annotated[
        bool | None,
        typer.Option(
            "--variant-requests/--one-request",
            help="Ask for each variant in a request of its own, under another seed.  [default: one request]",
        ),
    ] = None,
    bands: Bands = None,
    stretch: Stretch = None,
    tile: TileSide = None,
    overlap: Overlap = None,
    nodata_limit: NodataLimit = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell tiles, time and disk; do nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove images that vanished from this folder.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --prune: also when the folder looks as if it were not mounted.")
    ] = False,
    recaption_stale: Annotated[
        bool, typer.Option("--recaption-stale", help="Ask anew about tiles captioned with an earlier prompt version.")
    ] = False,
    recaption_fewer: Annotated[
        bool, typer.Option("--recaption-fewer", help="Ask anew about tiles that got fewer variants than asked for.")
    ] = False,
    language: Annotated[
        str | None,
        typer.Option("--language", help="Language a model's server writes in (ISO 639-1), or any.  [default: en]"),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Do not stop where no answer of a model's server can be used.")
    ] = False,
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="Caption one tile of each group of near-duplicates and copy its text.")
    ] = False,
    skip_check: Annotated[
        list[CheckChoice] | None,
        typer.Option("--skip-check", help="A quality check that answers need not pass; can be repeated."),
    ] = None,
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Bring a collection up to date with a folder of images.

    Only what is new or changed is captioned. It can be stopped at any time: the same command goes on.
    Exit code 0: all done; 1: done, but some images or captions could not be used.

    **Examples**

    `trsllava index ./images`

    `trsllava index ./images --captions ./images/captions.jsonl`

    `trsllava index ./images --captioner vllm --base-url http://localhost:8000/v1`

    `trsllava index ./images --captioner vllm --dry-run`

    `trsllava index ./images --captions ./images/captions.jsonl --image-encoder none`

    `trsllava index ./sentinel --captioner vllm --bands sentinel2 --stretch percentile:1,99 --tile 768 --overlap 96`

    `trsllava index ./images --captioner vllm --base-url http://localhost:8000/v1 --dedupe --recaption-stale`

    `trsllava index ./images --captioner vllm-offline --model Qwen/Qwen3-VL-8B-Instruct`
    """
    import trsllava

    with trsllava.open(
        home,
        collection,
        encoder=encoder,
        image_encoder=image_encoder,
        device=device,
        qdrant_url=qdrant_url,
        base_url=base_url,
        model=model,
        concurrency=concurrency,
        bands=bands,
        stretch=stretch,
        tile=tile,
        overlap=overlap,
        nodata_limit=nodata_limit,
        variant_requests=variant_requests,
        skip_checks=tuple(skip_check) if skip_check else None,
        language=language,
    ) as archive:
        if dry_run:
            _print_plan(_plan(archive, folder))
            return
        source = _captioner(archive, captions, captioner, keep_going)
        from trsllava.cli.progress import shown_progress

        with shown_progress() as progress:
            report = archive.index(
                folder,
                captions=captions,
                captioner=source,
                prune=prune,
                confirmed=yes,
                recaption_stale=recaption_stale,
                recaption_fewer=recaption_fewer,
                dedupe=dedupe,
                progress=progress,
            )
    print_report(report)
    if not report.complete:
        raise typer.Exit(1)


def _captioner(
    archive: Archive, captions: Path | None, name: CaptionerName | None, keep_going: bool
) -> Captioner | None:
    from trsllava.errors import InputError

    if captions is not None and name is not None:
        raise InputError("Give --captions or --captioner, not both.")
    if captions is not None:
        return None
    if name is None:
        return None
    settings = archive.settings
    if name is CaptionerName.nano:
        from trsllava.captioners.nano.captioner import shipped_captioner

        return shipped_captioner()
    if name is CaptionerName.vllm_offline:
        return _offline(settings)
    if settings.base_url is None:
        raise InputError("--captioner vllm needs --base-url, as in --base-url http://localhost:8000/v1.")
    return asking_server(settings, keep_going)


def asking_server(settings: Settings, keep_going: bool = False) -> VllmCaptioner:
    """The captioner that asks the server of the settings' `base_url`, which must be set."""
    from trsllava.captioners.vllm import VllmCaptioner

    assert settings.base_url is not None
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return VllmCaptioner(
        settings.base_url,
        settings.model,
        api_key=key,
        concurrency=settings.concurrency,
        timeout=settings.timeout,
        patience=settings.patience,
        max_side=settings.max_side,
        one_by_one=settings.variant_requests,
        instructions_in=settings.instructions_in,
        skip_checks=settings.skip_checks,
        language=settings.language,
        keep_going=keep_going,
    )


def _offline(settings: Settings) -> Captioner:
    from trsllava.errors import InputError

    if settings.model is None:
        raise InputError("--captioner vllm-offline needs --model, as in --model Qwen/Qwen3-VL-8B-Instruct.")
    if settings.variant_requests:
        raise InputError("--captioner vllm-offline asks for all variants in one request: use --one-request.")
    from trsllava.captioners.offline import OfflineCaptioner

    return OfflineCaptioner(
        settings.model,
        max_side=settings.max_side,
        instructions_in=settings.instructions_in,
        skip_checks=settings.skip_checks,
        engine=settings.engine,
    )


def _plan(archive: Archive, folder: Path) -> IndexPlan:
    from indexer.plan import plan
    from indexer.recipe import settled_recipe

    ledger = archive.ledger if archive.exists() else None
    schema = ledger.schema() if ledger else None
    dim = schema.dense_dim if schema else 384
    root = Path(os.path.abspath(folder.expanduser()))
    recipe = settled_recipe(ledger.recipe() if ledger else None, archive.settings.recipe_wishes())
    return plan(root, ledger, recipe, dim=dim, concurrency=archive.settings.concurrency)


def _print_plan(plan: IndexPlan) -> None:
    print(f"{plan.new} new, {plan.changed} changed, {plan.unchanged} unchanged, {plan.vanished} vanished files")
    print(f"{plan.tiles} tiles to caption ({plan.waiting} of them left over from earlier runs)")
    print(f"about {plan.disk_bytes / 1e6:.1f} MB of disk with five variants a tile")
    if plan.seconds is None:
        print("time: not known before this collection's first captions by a model")
    else:
        print(f"about {plan.seconds / 60:.1f} minutes at the pace of earlier runs")
    print("Nothing was written.")


def print_report(report: IndexReport) -> None:
    """What a run did, in words."""
    files = report.files
    print(
        f"{files.total} images: {len(files.new)} new, {len(files.changed)} changed, "
        f"{len(files.unchanged)} unchanged, {len(files.unreadable)} unreadable"
    )
    print(f"{report.captioned} tiles captioned, {report.stored} stored, {report.quarantined} quarantined")
    if files.passed_over:
        others = ", ".join(f"{count} {suffix}" for suffix, count in sorted(files.passed_over.items()))
        print(f"not read: {others} (PNG, JPEG, TIFF, GeoTIFF, WebP and BMP are)")
    if files.skipped_tiles:
        print(f"{files.skipped_tiles} tiles skipped: they hold too few data, or one value alone (--nodata-limit).")
    if files.left_out:
        folders = ", ".join(f"{count} {name}" for name, count in sorted(files.left_out.items()))
        print(f"not indexed: folders of thumbnails or deleted files ({folders})")
    print_list("linked folders not followed (walked already, or they lead back)", files.repeated)
    if files.taken_up:
        print(f"{files.taken_up} tiles are back and keep the text that they had.")
    for line in service_lines(report.service):
        print(line)
    print_list("unreadable", list(files.unreadable.values()))
    print_list("malformed captions", report.malformed_lines)
    print_list("captions without an image", report.captions_without_image)
    if report.without_caption:
        print(f"{report.without_caption} tiles still wait for a caption.")
    print_list("without their file", list(report.missing.values()))
    if report.postponed:
        print(f"{report.postponed} of them got no usable answer yet: the next run or `batch export` asks again.")
    if report.left_out:
        print(f"The model's server refused these and was asked without: {', '.join(report.left_out)}.")
    if report.copied:
        print(f"{report.copied} tiles took over the text of a near-duplicate.")
    if report.kept:
        print(f"{report.kept} tiles got no better answer and keep their text.")
    _print_counts("mended answers", report.repairs)
    if fewer := report.repairs["fewer variants"]:
        print(f"{fewer} tiles keep fewer variants than asked for; --recaption-fewer asks about them again.")
    _print_counts("refused answers", report.refusals)
    _print_counts("quarantined", report.reasons)
    _print_counts("imported captions that a check would refuse (taken as they are)", report.import_faults)
    if report.in_quarantine:
        print("Quarantined answers and what to do with them: trsllava quarantine list")
    if report.pruned:
        print(f"{report.pruned} vanished files removed; should they come back, they need no new captions.")
    elif files.vanished:
        print_list("vanished (still searchable; --prune removes them)", files.vanished)
    print_unseen(report.unseen)
    print(f"Time by stage (they overlap): {spent(report.seconds)}")


def print_unseen(unseen: Mapping[str, str]) -> None:
    """Tiles without an image vector; nothing where there is none."""
    print_list("tiles without an image vector (the next `index` tries again)", list(unseen.values()))


def spent(seconds: Mapping[str, float]) -> str:
    """Time by stage, in words."""
    return ", ".join(f"{stage} {took:.1f} s" for stage, took in seconds.items() if took >= 0.05) or "none"


def _print_counts(title: str, counts: Mapping[Any, int]) -> None:
    if counts:
        print(f"{title}: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))


def print_list(title: str, items: list[str]) -> None:
    """The first few of some items below their number; nothing where there is none."""
    if items:
        print(f"{len(items)} {title}:")
        for item in items[:_SHOWN]:
            print(f"  {item}")
        if len(items) > _SHOWN:
            print(f"  and {len(items) - _SHOWN} more")
