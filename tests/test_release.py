"""What a release states about itself agrees wherever it is stated."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_version_is_printed_without_loading_a_model() -> None:
    script = (
        "import sys; sys.argv = ['trsllava', '--version']\n"
        "import trsllava.cli\n"
        "try:\n    trsllava.cli.main()\nfinally:\n    assert 'torch' not in sys.modules\n"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert printed.stdout == f"trsllava {version('trsllava')}\n"


def test_changelog_opens_with_unreleased_and_the_current_version() -> None:
    headings = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", CHANGELOG, re.MULTILINE)
    assert [name for name, _ in headings][:2] == ["Unreleased", PROJECT["version"]]
    dates = [date.fromisoformat(when) for _, when in headings[1:]]
    assert dates == sorted(dates, reverse=True)


def test_changelog_sorts_changes_by_kind() -> None:
    kinds = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_changelog_links_every_version() -> None:
    for name in re.findall(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE):
        assert f"\n[{name}]: https://" in CHANGELOG


def test_citation_names_the_current_version_and_its_date() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in citation
    released = re.search(rf"^## \[{re.escape(PROJECT['version'])}\] - (\S+)$", CHANGELOG, re.MULTILINE)
    assert released is not None
    assert f"\ndate-released: {released[1]}\n" in citation


def test_metadata_and_readme_tell_the_terms_of_code_and_weights_apart() -> None:
    assert PROJECT["license"].startswith("Apache-2.0 AND LicenseRef-")
    assert all((ROOT / file).is_file() for file in PROJECT["license-files"])
    licence = (ROOT / "README.md").read_text(encoding="utf-8").split("## Licence", 1)[1]
    for said in ("Apache-2.0", "research use", "LICENSE-WEIGHTS.md"):
        assert said in licence
