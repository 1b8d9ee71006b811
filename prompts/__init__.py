"""Versioned prompts: text files under `<id>/<version>/`. A version is never edited once rich texts name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template


@dataclass(frozen=True)
class Prompt:
    """The parts of one version of a prompt, with `$name` where a value goes."""

    id: str
    version: int
    parts: Mapping[str, str]
    """A text for each file of the version, by the file's stem."""

    @property
    def name(self) -> str:
        """Id and version, `rsrt@1`: what a rich text remembers."""
        return f"{self.id}@{self.version}"

    def fill(self, part: str, **values: object) -> str:
        """A part with its values in place. Raises KeyError for an unknown part or a missing value."""
        return Template(self.parts[part]).substitute(values)


def is_stale(name: str) -> bool:
    """True where a rich text's prompt (`rsrt@1`) is one of ours and has a newer version."""
    try:
        return bool(name) and load(name.partition("@")[0]).name != name
    except KeyError:
        return False


def is_other_version(name: str, current: str) -> bool:
    """True where a rich text's prompt (`rsrt@1`) is the `current` one (`rsrt@2`) in another version."""
    return name != current and name.partition("@")[0] == current.partition("@")[0]


def load(name: str) -> Prompt:
    """The prompt of that id in its newest version, or in the one named (`rsrt@1`). Raises KeyError without one."""
    prompt_id, at, wanted = name.partition("@")
    folder = files(__name__) / prompt_id
    versions = {child.name: child for child in folder.iterdir() if child.name.isdigit()} if folder.is_dir() else {}
    version = wanted if at else max(versions, key=int, default="")
    if version not in versions:
        raise KeyError(f"no prompt {name!r}")
    texts = [child for child in versions[version].iterdir() if child.name.endswith(".txt")]
    parts = {child.name.removesuffix(".txt"): child.read_text("utf-8").strip() for child in texts}
    return Prompt(prompt_id, int(version), parts)
