from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from trsllava.cli.app import app
from trsllava.errors import InputError

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def home(indexed_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("review") / "home"
    shutil.copytree(indexed_archive, folder)
    return folder


def page(home: Path, file: Path, *options: object) -> str:
    assert run("review", *options, "-o", file, "--home", home).exit_code == 0
    return file.read_text(encoding="utf-8")


def tiles(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<article data-tile="([^"]+)" data-text="([^"]+)"', text)


def test_a_quarter_is_shown_with_picture_and_text(home: Path, tmp_path: Path) -> None:
    text = page(home, tmp_path / "r.html", "--sample", "25%")
    assert len(tiles(text)) == 6
    assert text.count("data:image/jpeg;base64,") == 6
    assert text.count("Variant 5") == 6


def test_the_seed_draws_and_a_larger_sample_holds_the_smaller(home: Path, tmp_path: Path) -> None:
    def drawn(*options: object) -> list[tuple[str, str]]:
        return tiles(page(home, tmp_path / "r.html", *options))

    assert drawn("--sample", 5) == drawn("--sample", 5)
    assert drawn("--sample", 5) == drawn("--sample", "40%")[:5]
    assert drawn("--sample", 5, "--seed", 1) != drawn("--sample", 5)
    assert len(drawn("--sample", 500)) == 24


@pytest.mark.parametrize("sample", ["0%", "101%", "ten", "0", "-3", "1.5", ""])
def test_a_sample_that_is_none_is_refused(home: Path, sample: str) -> None:
    with pytest.raises(InputError, match="--sample"):
        run("review", "--sample", sample, "--home", home)


def test_the_page_needs_nothing_from_the_network(home: Path, tmp_path: Path) -> None:
    text = page(home, tmp_path / "r.html", "--sample", 3)
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)


def judged(file: Path, text: str, *verdicts: str) -> Path:
    rows = [
        {"tile": tile, "text": digest, "verdict": verdict}
        for (tile, digest), verdict in zip(tiles(text), verdicts, strict=False)
    ]
    file.write_text(json.dumps({"verdicts": rows}))
    return file


def test_verdicts_come_back_with_shares_and_agreement(home: Path, tmp_path: Path) -> None:
    copied = tmp_path / "home"
    shutil.copytree(home, copied)
    text = page(copied, tmp_path / "r.html", "--sample", 5)
    anna = judged(tmp_path / "anna.json", text, "accept", "accept", "accept", "reject", "accept")
    ben = judged(tmp_path / "ben.json", text, "accept", "accept", "reject", "reject")
    assert "5 verdicts" in run("review", "import", anna, "--reviewer", "anna", "--home", copied).output
    run("review", "import", ben, "--reviewer", "ben", "--home", copied)
    report = run("review", "report", "--home", copied).output
    assert "anna: 4 of 5 accepted, 80.0% (95 % interval 37.6% to 96.4%)" in report
    assert "anna and ben: 4 tiles in common, 75.0% agreement, Cohen's kappa 0.50" in report
    rows = json.loads(run("review", "report", "--json", "--home", copied).stdout)
    assert rows["pairs"][0]["kappa"] == pytest.approx(0.5)


def test_verdicts_on_texts_that_have_changed_since_do_not_count(
    copy_scenes: Callable[[Path, int], Path], tmp_path: Path
) -> None:
    scenes, own = copy_scenes(tmp_path / "scenes", 2), tmp_path / "home"
    captions = scenes / "captions.jsonl"
    run("index", scenes, "--captions", captions, "--home", own)
    text = page(own, tmp_path / "r.html", "--sample", 2)
    verdicts = judged(tmp_path / "v.json", text, "accept", "accept")
    run("review", "import", verdicts, "--reviewer", "anna", "--home", own)
    assert "2 of 2 accepted" in run("review", "report", "--home", own).output
    changed = captions.read_text(encoding="utf-8").replace("The picture shows", "Here is")
    captions.write_text(changed, encoding="utf-8")
    run("index", scenes, "--captions", captions, "--home", own)
    assert "no verdicts" in run("review", "report", "--home", own).output


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"verdicts": 3}',
        '{"verdicts": [{"tile": "x"}]}',
        '{"verdicts": [{"tile":"x","text":"y","verdict":"maybe"}]}',
    ],
)
def test_a_file_that_holds_no_verdicts_is_refused(home: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "v.json").write_text(content)
    with pytest.raises(InputError, match="not a file of verdicts"):
        run("review", "import", tmp_path / "v.json", "--reviewer", "anna", "--home", home)


def test_verdicts_on_another_collection_are_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"verdicts": [{"tile": "x", "text": "y", "verdict": "accept"}]}')
    with pytest.raises(InputError, match="does not have"):
        run("review", "import", tmp_path / "v.json", "--reviewer", "anna", "--home", home)


CLICKS = """<script>
const inputs = [...document.querySelectorAll("article")].map((card) => card.querySelectorAll("input"));
inputs[0][0].click();
inputs[1][1].click();
inputs[1][2].value = "no <b>crane</b>";
inputs[1][2].dispatchEvent(new Event("input", { bubbles: true }));
document.querySelectorAll("article")[2].focus();
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
document.getElementById("save").click();
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: chromium")
def test_in_a_browser_clicks_and_keys_become_verdicts_that_can_be_imported(home: Path, tmp_path: Path) -> None:
    text = page(home, tmp_path / "r.html", "--sample", 4)
    (tmp_path / "clicked.html").write_text(text.replace("</body>", CLICKS), encoding="utf-8")
    flags = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom")
    dumped = subprocess.run(
        [str(CHROMIUM), *flags, (tmp_path / "clicked.html").as_uri()], capture_output=True, text=True, check=True
    ).stdout
    assert "3 of 4 judged" in dumped
    saved = html.unescape(re.search(r'<pre id="verdicts">(.*?)</pre>', dumped, re.DOTALL)[1])  # type: ignore[index]
    rows = json.loads(saved)["verdicts"]
    assert [row["verdict"] for row in rows] == ["accept", "reject", "accept"]
    assert rows[1]["note"] == "no <b>crane</b>"
    (tmp_path / "verdicts.json").write_text(saved)
    copied = tmp_path / "home"
    shutil.copytree(home, copied)
    done = run("review", "import", tmp_path / "verdicts.json", "--reviewer", "anna", "--home", copied)
    assert "3 verdicts by anna" in done.output
