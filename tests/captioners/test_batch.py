import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from typer.testing import CliRunner

import trsllava
from indexer.job import IndexReport
from tests.standin.collection import Collection
from tests.standin.process import StandIn
from trsllava.archive import Archive
from trsllava.captioners.batch import BatchResults, batch_exchange
from trsllava.cli.app import app
from trsllava.errors import CaptionFileError, InputError

MODEL = "standin"


def run_batch(requests: Path, results: Path, standin: StandIn) -> None:
    """What `vllm run-batch` does: a line in, a line out, here over the stand-in's wire."""
    lines = []
    for line in requests.read_text().splitlines():
        row = json.loads(line)
        url = f"http://127.0.0.1:{standin.port}{row['url']}"
        with urlopen(Request(url, json.dumps(row["body"]).encode(), {"Content-Type": "application/json"})) as reply:
            response = {"status_code": reply.status, "request_id": "r", "body": json.load(reply)}
        lines.append(json.dumps({"id": "vllm-1", "custom_id": row["custom_id"], "response": response, "error": None}))
    results.write_text("\n".join(lines) + "\n")


def export(collection: Collection, folder: Path, **options: int) -> list[Path]:
    with trsllava.open(folder / "home") as archive:
        files, unreadable = archive.export_requests(collection.images, folder / "requests", MODEL, **options)
    assert unreadable == []
    return files


def test_what_goes_out_as_requests_comes_back_as_rich_texts(
    collection: Collection, tmp_path: Path, standin: StandIn
) -> None:
    collection.draw("a.png", "sub/b.png", "c.png")
    files = export(collection, tmp_path, per_file=2)
    assert [len(path.read_text().splitlines()) for path in files] == [2, 1]
    (tmp_path / "results").mkdir()
    for path in files:
        run_batch(path, tmp_path / "results" / path.name, standin)
    with trsllava.open(tmp_path / "home") as archive:
        report = archive.index(collection.images, captioner=BatchResults(tmp_path / "results", batch_exchange(MODEL)))
        assert (report.captioned, report.stored, report.quarantined) == (3, 3, 0)
        assert archive.status().service.usage.prompt_tokens == 3 * 1500
        assert archive.export_requests(collection.images, tmp_path / "none left", MODEL) == ([], [])


def test_a_batch_asks_what_a_server_is_asked(collection: Collection, tmp_path: Path, standin: StandIn) -> None:
    collection.draw("a.png")
    (path,) = export(collection, tmp_path)
    run_batch(path, tmp_path / "results.jsonl", standin)
    with trsllava.open(tmp_path / "other home") as archive:
        from trsllava.captioners.vllm import VllmCaptioner

        archive.index(collection.images, captioner=VllmCaptioner(standin.url))
    filed, live = standin.asked()
    assert {**filed, "number": 1} == live


def test_images_without_a_result_or_with_a_failed_one_go_on_waiting(
    collection: Collection, tmp_path: Path, standin: StandIn
) -> None:
    collection.draw("a.png", "b.png", "c.png")
    (path,) = export(collection, tmp_path)
    results = tmp_path / "results.jsonl"
    run_batch(path, results, standin)
    good, failed, _ = results.read_text().splitlines()
    error = {**json.loads(failed), "response": {"status_code": 400, "body": {"message": "too long"}}}
    results.write_text(f"{good}\n{json.dumps(error)}\n")
    with trsllava.open(tmp_path / "home") as archive:
        report = archive.index(collection.images, captioner=BatchResults(results, batch_exchange(MODEL)))
        assert (report.stored, report.quarantined, report.without_caption, report.postponed) == (1, 0, 2, 1)
        errors = [record.error for record in archive.ledger.scan("pending")]
    assert sum("too long" in error for error in errors) == 1


def play_round(archive: Archive, collection: Collection, folder: Path, name: str, standin: StandIn) -> None:
    """One export into a folder of that name, and its results into `results`."""
    (path,), unreadable = archive.export_requests(collection.images, folder / name, MODEL)
    assert unreadable == []
    (folder / "results").mkdir(exist_ok=True)
    run_batch(path, folder / "results" / f"{name}.jsonl", standin)


def import_results(archive: Archive, collection: Collection, folder: Path) -> IndexReport:
    return archive.index(collection.images, captioner=BatchResults(folder / "results", batch_exchange(MODEL)))


def test_of_several_results_the_last_good_one_is_taken(
    collection: Collection, tmp_path: Path, standin: StandIn
) -> None:
    collection.draw("a.png", "b.png")
    with trsllava.open(tmp_path / "home") as archive:
        for number, fault in enumerate(("prose", "", "control", "prose")):
            if fault:
                standin.fail(fault, times=2)
            play_round(archive, collection, tmp_path, f"round-{number}", standin)
        report = import_results(archive, collection, tmp_path)
        assert (report.captioned, report.stored, report.postponed, report.refusals) == (2, 2, 0, {})
        assert report.repairs == {"unreadable": 2}


def test_bad_answers_are_asked_for_again_with_other_sampling_and_the_third_is_the_last(
    collection: Collection, tmp_path: Path, standin: StandIn
) -> None:
    collection.draw("a.png")
    standin.fail("prose", times=3)
    with trsllava.open(tmp_path / "home") as archive:
        for number, state in enumerate(("pending", "pending", "quarantined")):
            play_round(archive, collection, tmp_path, f"round-{number}", standin)
            report = import_results(archive, collection, tmp_path)
            (record,) = archive.ledger.scan()
            assert (record.state, record.attempts, record.refusals) == (state, number + 1, ("schema",) * (number + 1))
            assert report.refusals == {"schema": 1}
            assert report.postponed == report.without_caption == (state == "pending")
    assert len({request["seed"] for request in standin.asked()}) == 3


def test_a_bad_answer_that_is_imported_twice_counts_once(
    collection: Collection, tmp_path: Path, standin: StandIn
) -> None:
    collection.draw("a.png")
    standin.fail("prose", times=2)
    with trsllava.open(tmp_path / "home") as archive:
        for number in range(2):
            play_round(archive, collection, tmp_path, f"round-{number}", standin)
            import_results(archive, collection, tmp_path)
        report = import_results(archive, collection, tmp_path)
        (record,) = archive.ledger.scan()
    assert (record.state, record.attempts, report.refusals) == ("pending", 2, {})


def test_all_rounds_imported_at_once_are_counted_as_one_after_the_other(
    collection: Collection, tmp_path: Path, standin: StandIn
) -> None:
    collection.draw("a.png")
    standin.fail("prose", times=3)
    with trsllava.open(tmp_path / "home") as archive:
        for number in range(3):
            play_round(archive, collection, tmp_path, f"round-{number}", standin)
            import_results(archive, collection, tmp_path)
    with trsllava.open(tmp_path / "other home") as archive:
        report = import_results(archive, collection, tmp_path)
        (record,) = archive.ledger.scan()
    assert (record.state, record.attempts, report.refusals) == ("quarantined", 3, {"schema": 3})


def test_a_line_that_is_no_result_is_named_and_what_came_before_is_kept(
    collection: Collection, tmp_path: Path, standin: StandIn
) -> None:
    collection.draw("a.png", "b.png")
    (path,) = export(collection, tmp_path)
    results = tmp_path / "results.jsonl"
    run_batch(path, results, standin)
    results.write_text(results.read_text().splitlines()[0] + '\n{"custom_id": \n')
    with trsllava.open(tmp_path / "home") as archive:
        with pytest.raises(CaptionFileError, match=r"results\.jsonl, line 2"):
            archive.index(collection.images, captioner=BatchResults(results, batch_exchange(MODEL)))
        counts = archive.ledger.counts()
    assert counts["captioned"] + counts["stored"] == 1


def test_files_that_cannot_be_read_are_told_with_their_reason(collection: Collection, tmp_path: Path) -> None:
    collection.draw("a.png")
    (collection.images / "broken.png").write_bytes(b"no picture")
    with trsllava.open(tmp_path / "home") as archive:
        files, unreadable = archive.export_requests(collection.images, tmp_path / "requests", MODEL)
    assert len(files) == len(unreadable) == 1
    assert "broken.png" in unreadable[0]


def test_the_export_command_lists_unreadable_files_and_exits_with_1(collection: Collection, tmp_path: Path) -> None:
    collection.draw("a.png")
    (collection.images / "broken.png").write_bytes(b"no picture")
    arguments = ["batch", "export", str(collection.images), str(tmp_path / "requests"), "--model", MODEL]
    done = CliRunner().invoke(app, [*arguments, "--home", str(tmp_path / "home")])
    assert done.exit_code == 1
    assert "1 files of requests" in done.output
    assert "1 unreadable:" in done.output
    assert "broken.png" in done.output


def test_requests_are_never_written_over_others(collection: Collection, tmp_path: Path) -> None:
    collection.draw("a.png")
    export(collection, tmp_path)
    with pytest.raises(InputError, match="already holds requests"):
        export(collection, tmp_path)


@pytest.mark.parametrize("place", ["a file", "a file/requests"])
def test_requests_go_to_no_place_that_is_a_file(collection: Collection, tmp_path: Path, place: str) -> None:
    collection.draw("a.png")
    (tmp_path / "a file").write_text("mine")
    with trsllava.open(tmp_path / "home") as archive, pytest.raises(InputError, match="cannot be made"):
        archive.export_requests(collection.images, tmp_path / place, MODEL)
    assert (tmp_path / "a file").read_text() == "mine"


def test_the_commands(collection: Collection, tmp_path: Path, standin: StandIn) -> None:
    collection.draw("a.png")
    folders = [str(collection.images), str(tmp_path / "requests")]
    home = ["--model", MODEL, "--home", str(tmp_path / "home")]
    exported = CliRunner().invoke(app, ["batch", "export", *folders, *home])
    assert (exported.exit_code, "1 files of requests" in exported.output) == (0, True)
    results = tmp_path / "results.jsonl"
    run_batch(tmp_path / "requests" / "requests-00000.jsonl", results, standin)
    imported = CliRunner().invoke(app, ["batch", "import", str(collection.images), str(results), *home])
    assert (imported.exit_code, "1 tiles captioned, 1 stored" in imported.output) == (0, True)
