"""Settings of the service: where they are read, what is made of them, and that the containers use ones that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from trsllava.config import Settings, load_settings
from trsllava.errors import InputError
from trsllava.service import ServiceSettings
from trsllava.service.settings import load_service_settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("HOST", "PORT", "ROOTS", "COLLECTIONS"):
        monkeypatch.delenv(f"TRSLLAVA_{name}", raising=False)
    return tmp_path


def test_the_table_of_the_service_is_read_by_the_service_alone(folder: Path) -> None:
    (folder / "trsllava.toml").write_text('collection = "harbors"\n[service]\nport = 8090\nroots = ["images"]\n')
    settings = load_service_settings()
    assert (settings.collection, settings.port) == ("harbors", 8090)
    assert settings.roots == (folder.resolve() / "images",)
    assert load_settings().collection == "harbors"


def test_a_flag_wins_over_a_variable_and_that_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "trsllava.toml").write_text("[service]\nport = 8090\n")
    monkeypatch.setenv("TRSLLAVA_PORT", "8091")
    assert load_service_settings().port == 8091
    assert load_service_settings(port=8092).port == 8092


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[service]\nprot = 1", "Setting prot: is not known. Did you mean port?"),
        ("[service]\nport = 99999", "Setting port: must be at most 65535, not 99999."),
        ("port = 8090", "Setting port: is not known."),
        ('[service]\nsources = ["data.example"]', "'data.example' is not an address without credentials"),
        (
            '[service]\nsources = ["https://me:secret@data.example"]',
            "'https://data.example' is not an address",
        ),
        ("service = 3", "Setting service: is not known."),
    ],
)
def test_a_bad_setting_is_told_with_its_name(folder: Path, written: str, said: str) -> None:
    (folder / "trsllava.toml").write_text(written)
    with pytest.raises(InputError, match=re.escape(said)):
        load_service_settings()


@pytest.mark.parametrize(
    ("host", "needed"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("::", True), ("example", True)],
)
def test_keys_are_needed_off_loopback(host: str, needed: bool) -> None:
    assert ServiceSettings(host=host).needs_key is needed
    assert ServiceSettings(host=host, keys_required=True).needs_key


def test_an_archive_has_the_librarys_settings_and_its_own_name() -> None:
    settings = ServiceSettings(encoder="some-model", device="cpu").of_collection("harbors")
    assert type(settings) is Settings
    assert (settings.collection, settings.encoder) == ("harbors", "some-model")


@pytest.mark.parametrize("name", sorted(ServiceSettings.model_fields.keys() - Settings.model_fields.keys()))
def test_every_setting_of_the_service_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "service.md").read_text(encoding="utf-8").partition("## Settings")[2]


def test_the_compose_file_sets_settings_that_exist() -> None:
    set_here = {name.removeprefix("TRSLLAVA_").lower() for name in COMPOSE["services"]["service"]["environment"]}
    assert set_here <= set(ServiceSettings.model_fields)


def test_the_image_sets_settings_that_exist_and_asks_for_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    set_here = dict(re.findall(r"TRSLLAVA_(\w+)=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8")))
    settings = load_service_settings(**{name.lower(): value for name, value in set_here.items()})
    assert settings.needs_key


def test_every_service_of_the_compose_file_has_a_health_check_and_listens_on_this_machine_alone() -> None:
    for service in COMPOSE["services"].values():
        assert service["healthcheck"]["test"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
