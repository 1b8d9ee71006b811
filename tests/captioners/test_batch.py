import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from typer.testing import CliRunner

import trsllava
from tests.conftest import Collection
from tests.standin.process import StandIn
from trsllava.captioners.batch import BatchResults, batch_asking
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
        report = archive.index(collection.images, captioner=BatchResults(tmp_path / "results", batch_asking(MODEL)))
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


def test_an_image_without_a_result_goes_on_waiting_and_a_failed_one_is_quarantined(
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
        report = archive.index(collection.images, captioner=BatchResults(results, batch_asking(MODEL)))
        assert (report.stored, report.quarantined, report.without_caption) == (1, 1, 1)
        (bad,) = archive.ledger.scan("quarantined")
    assert "too long" in bad.error


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
            archive.index(collection.images, captioner=BatchResults(results, batch_asking(MODEL)))
        counts = archive.ledger.counts()
    assert counts["captioned"] + counts["stored"] == 1


def test_requests_are_never_written_over_others(collection: Collection, tmp_path: Path) -> None:
    collection.draw("a.png")
    export(collection, tmp_path)
    with pytest.raises(InputError, match="already holds requests"):
        export(collection, tmp_path)


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
