"""Settings: defaults < trsllava.toml < TRSLLAVA_* < what the caller passes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from rapidfuzz import process

from trsllava.errors import InputError
from trsllava.records import Branch, CheckName, FusionName, Recipe, Term, Weight
from trsllava.validation import check_unicode, fault_of

S = TypeVar("S", bound="Settings")

COLLECTION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_TABLES = frozenset({"service"})
"""Tables of trsllava.toml that hold the settings of one program alone, and say nothing to the others."""


def plain(key: SecretStr | None) -> str | None:
    """A key as it is sent; None where there is none."""
    return key.get_secret_value() if key else None


class Settings(BaseSettings):
    """Everything that can be set once for many commands. `trsllava.toml` is looked for in the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="TRSLLAVA_", toml_file="trsllava.toml", extra="forbid", env_ignore_empty=True
    )

    table: ClassVar[str] = ""
    """The table of trsllava.toml that holds what these settings have beside the library's."""

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("trsllava"))
    """Folder of the collections."""
    collection: str = Field(default="default", pattern=COLLECTION_PATTERN)

    encoder: str | None = None
    """Text encoder: a sentence-transformers id, a folder, or openai:MODEL. None: the collection's own, or MiniLM."""
    encoder_url: str | None = None
    """Base URL of the embeddings endpoint for openai: encoders."""
    encoder_api_key: SecretStr | None = None
    image_encoder: str | None = None
    """Image-text encoder: nano, folder, hub id, open_clip:MODEL:CHECKPOINT, or none for no image vectors.
    None: the collection's own, or nano."""
    device: str = "cpu"

    qdrant_url: str | None = None
    """A Qdrant server; None: the embedded engine."""
    qdrant_api_key: SecretStr | None = None

    base_url: str | None = None
    """Base URL of the vision-language model's server, as in http://localhost:8000/v1."""
    model: str | None = None
    api_key: SecretStr | None = None
    concurrency: int = Field(default=128, ge=1, le=4096)
    """The most captioning requests under way at once; fewer while the server is overloaded."""
    timeout: float = Field(default=300.0, gt=0)
    """Seconds that one captioning request may take."""
    patience: float = Field(default=300.0, ge=0)
    """Seconds without any answer until a model's server that is busy or away is given up."""

    variant_requests: bool = False
    """Each variant in a request of its own, under another seed."""
    max_side: int = Field(default=1024, ge=28, le=8192)
    """Longest side of a picture sent to a model, in pixels, before it is fitted to the model."""
    instructions_in: Literal["system", "user"] = "system"
    """The message that holds the instructions; `user` for chat templates without a system role."""
    skip_checks: tuple[CheckName, ...] = ()
    """Quality checks that a model's answers need not pass."""

    language: str = "en"
    """ISO 639-1 code of the language that a model's server is asked to write in, or `any`."""

    bands: str | None = None
    """Of these five, None: the collection's own, or the default of `trsllava.records.Recipe`, which explains them."""
    stretch: str | None = None
    tile: int | None = Field(default=None, ge=0)
    overlap: int | None = Field(default=None, ge=0)
    nodata_limit: float | None = Field(default=None, ge=0, le=1)

    engine: dict[str, Any] = {}
    """Further keyword arguments of `vllm.LLM` for the vllm-offline captioner."""

    branches: tuple[Branch, ...] | None = None
    """None: dense and bm25, and image where the collection has image vectors."""
    fusion: FusionName | None = None
    """None: the default of `trsllava.search.fusion.defaults`."""
    weights: dict[Term, Weight] | None = None
    """Weight of each branch in the fused score, and of the re-ranker; what is left out counts 1. None: the defaults of
    `trsllava.search.fusion.defaults`."""
    rerank: str | None = None
    """Image-text encoder that looks at the best hits' pictures again; None: no re-ranking."""
    rerank_top: int = Field(default=100, ge=1, le=10_000)
    """How many hits are re-ranked."""
    repair: bool = True
    """Slips in a query's words are repaired by the collection's own, what is not wanted is held against hits, other
    languages are translated where a model server is set; False: queries are searched as typed."""
    wait_seconds: float = Field(default=10.0, ge=0)
    """How long to wait for another process that holds the collection."""

    def recipe_wishes(self) -> dict[str, str | int | float]:
        """What is set of a recipe, by field of `Recipe`."""
        return self.model_dump(include=set(Recipe.model_fields), exclude_none=True)

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        check_unicode(str(home))
        return home.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Caller, then environment, then file."""
        assert issubclass(settings_cls, Settings)
        return init_settings, env_settings, _File(settings_cls)


class _File(TomlConfigSettingsSource):
    """What trsllava.toml says: tables of other programs are left out, the names in a program's own count as if they
    stood above it."""

    def __init__(self, settings_cls: type[Settings]) -> None:
        self._own = settings_cls.table
        super().__init__(settings_cls)

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        written = super()._read_file(file_path)
        told = {name: value for name, value in written.items() if name not in _TABLES}
        table = written.get(self._own, {})
        return told | (table if isinstance(table, dict) else {self._own: table})


def load_settings(**given: Any) -> Settings:
    """Settings with what the caller gave on top; None means not given.

    Raises InputError that names the setting for a value or a name that is not understood.
    """
    return settings_from(Settings, given)


def settings_from(kind: type[S], given: Mapping[str, Any]) -> S:
    """Settings of one kind, as `load_settings` makes its own. Raises InputError."""
    try:
        return kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        name, fault = fault_of(error)
        raise InputError(f"Setting {name or 'trsllava.toml'}: {fault}.{_hint(name, kind)}") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"trsllava.toml is not valid TOML{_line_of(error)}. Settings look like `k = 1`, one a line."
        ) from error
    except (ValueError, OSError) as error:  # an environment value that is no JSON where JSON is due, a file of bytes
        raise InputError(
            f"{_unread(error)} cannot be read. In environment variables, lists and tables are written as JSON, "
            'as in ["dense", "bm25"].'
        ) from error


def changed_settings(settings: Settings, **given: Any) -> Settings:
    """Settings with what the caller gave in place of their own; None means not given. Raises InputError."""
    kept = {name: getattr(settings, name) for name in Settings.model_fields}
    return load_settings(**kept | {name: value for name, value in given.items() if value is not None})


def _hint(name: str, kind: type[Settings]) -> str:
    """What a setting may be called, or hold, where the fault alone does not say so."""
    if name == "collection":
        return " A name has up to 64 letters, digits, dots, underscores and hyphens, a letter or digit first."
    if name and name.split(".")[0] not in kind.model_fields:
        near = process.extractOne(name, list(kind.model_fields), score_cutoff=70)
        return f" Did you mean {near[0]}?" if near else " docs/settings.md lists the settings."
    return ""


def _line_of(error: tomllib.TOMLDecodeError) -> str:
    found = re.search(r"at line (\d+)", str(error))
    return f", line {found[1]}" if found else ""


def _unread(error: Exception) -> str:
    """The variable or file that could not be read."""
    found = re.search(r'field "(\w+)" from source "Env', str(error))
    return f"TRSLLAVA_{found[1].upper()}" if found else "trsllava.toml"
