"""API keys: kept as digests, valid at once, forgotten at once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from trsllava.errors import HomeError, InputError
from trsllava.service.keys import Keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "home")


def test_a_key_is_found_by_its_text_alone(keys: Keys) -> None:
    text = keys.add("portal", "read")
    found = keys.find(text)
    assert found is not None
    assert (found.name, found.scope) == ("portal", "read")
    for wrong in ("", "trs", "trs__", text[:-1], text + "x", text.replace("trs", "xyz"), found.id, "ü" * 80, "\ud800"):
        assert keys.find(wrong) is None


def test_no_secret_is_written_and_nobody_else_reads_the_file(keys: Keys, tmp_path: Path) -> None:
    secret = keys.add("portal", "read").split("_", 2)[2]
    file = tmp_path / "home" / "keys.json"
    assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_other_processes_see_what_is_added_and_revoked(keys: Keys, tmp_path: Path) -> None:
    running = Keys(tmp_path / "home")
    assert running.find("trs_00000000_x") is None
    text = keys.add("portal", "write")
    assert running.find(text) is not None
    keys.revoke("portal")
    assert running.find(text) is None


def test_keys_are_listed_oldest_first_and_revoked_by_name_or_id(keys: Keys) -> None:
    for name in ("b", "a", "c"):
        keys.add(name, "admin")
    assert [key.name for key in keys.all()] == ["b", "a", "c"]
    keys.revoke("a")
    keys.revoke(keys.all()[0].id)
    assert [key.name for key in keys.all()] == ["c"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "taken"])
def test_a_name_must_tell_whose_key_it_is(keys: Keys, name: str) -> None:
    keys.add("taken", "read")
    with pytest.raises(InputError):
        keys.add(name, "read")


def test_a_key_that_is_not_there_cannot_be_revoked(keys: Keys) -> None:
    with pytest.raises(InputError, match="no key named 'nobody'"):
        keys.revoke("nobody")


def test_a_damaged_file_lets_nobody_in(keys: Keys, tmp_path: Path) -> None:
    text = keys.add("portal", "read")
    (tmp_path / "home" / "keys.json").write_text("[{}]")
    with pytest.raises(HomeError, match=r"keys\.json cannot be read"):
        Keys(tmp_path / "home").find(text)


@pytest.mark.parametrize(
    ("scope", "allowed"), [("read", ["read"]), ("write", ["read", "write"]), ("admin", ["read", "write", "admin"])]
)
def test_greater_scopes_include_smaller_ones(keys: Keys, scope: str, allowed: list[str]) -> None:
    key = keys.find(keys.add("one", scope))  # type: ignore[arg-type]
    assert key is not None
    assert [name for name in ("read", "write", "admin") if key.allows(name)] == allowed  # type: ignore[arg-type]
