"""What runs did, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.job import IndexReport
    from trsllava.ledger.server_usage import ServerUsage

_SHOWN = 5


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
        from trsllava.raster.scene import SUPPORTED

        print(f"not read: {others} (supported: {SUPPORTED})")
    if files.skipped_tiles:
        print(f"{files.skipped_tiles} tiles skipped: they hold too little data, or a single value (--nodata-limit).")
    if files.left_out:
        folders = ", ".join(f"{count} {name}" for name, count in sorted(files.left_out.items()))
        print(f"not indexed: folders of thumbnails or deleted files ({folders})")
    print_list("linked folders not followed (walked already, or they lead back)", files.repeated)
    if files.taken_up:
        print(f"{files.taken_up} tiles are back and keep their earlier text.")
    for line in server_usage_lines(report.service):
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
        print(f"{report.copied} tiles copied the text of a near-duplicate.")
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
    print(f"Time by stage (they overlap): {time_by_stage(report.seconds)}")


def print_unseen(unseen: Mapping[str, str]) -> None:
    """Tiles without an image vector; nothing where there is none."""
    print_list("tiles without an image vector (the next `index` tries again)", list(unseen.values()))


def time_by_stage(seconds: Mapping[str, float]) -> str:
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


def server_usage_lines(found: ServerUsage) -> Iterator[str]:
    """Tokens, latency and pace; nothing where no model was asked."""
    usage = found.usage
    if not usage.requests:
        return
    share = f", {usage.cached_tokens:,} of them cached" if usage.cached_tokens else ""
    tokens = f"{usage.prompt_tokens:,} in{share}, {usage.completion_tokens:,} out"
    yield f"model: {usage.requests:,} answers, tokens {tokens}"
    yield (
        f"model: {found.p50:.2f} s an answer in the middle (p50), {found.p95:.2f} s at p95, "
        f"{found.captions_per_second:.2f} captions/s"
    )
