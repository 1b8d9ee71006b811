"""API keys: who may read, write and administer. Only their digests are kept, in the home folder."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from trsllava.errors import HomeError, InputError, Parameter

Scope = Literal["read", "write", "admin"]
_ALLOWS: Mapping[Scope, frozenset[str]] = {
    "read": frozenset({"read"}),
    "write": frozenset({"read", "write"}),
    "admin": frozenset({"read", "write", "admin"}),
}
_NOBODY = hashlib.sha256(b"").hexdigest()
"""Compared with where no key bears the id, so that this takes as long."""


@dataclass(frozen=True)
class Key:
    """A key as it is kept. Its secret has 256 random bits, so a plain digest is as hard to turn back as a slow one."""

    id: str
    name: str
    scope: Scope
    digest: str
    created: str
    """ISO 8601, UTC."""

    def allows(self, scope: Scope) -> bool:
        """True where a holder may do what needs this scope: admin includes write, write includes read."""
        return scope in _ALLOWS[self.scope]


class Keys:
    """The keys of a home folder. What one process adds or revokes counts in all of them at once."""

    def __init__(self, home: Path) -> None:
        self._file = home / "keys.json"
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._known: dict[str, Key] = {}

    def all(self) -> list[Key]:
        """Every key, the oldest first. Raises HomeError."""
        return sorted(self._read().values(), key=lambda key: key.created)

    def add(self, name: str, scope: Scope) -> str:
        """A new key; its text is returned once and cannot be had again. Raises HomeError, and InputError for a name
        that is taken or empty."""
        if not name.strip() or not name.isprintable():
            raise InputError("A key needs a name that tells whose it is.")
        key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        with self._changing() as keys:
            if any(key.name == name for key in keys.values()):
                raise InputError(f"There is a key named {name!r} already. Revoke it first, or choose another name.")
            keys[key_id] = Key(
                key_id, name, scope, _digest(secret), datetime.now(UTC).isoformat(timespec="microseconds")
            )
        return f"trs_{key_id}_{secret}"

    def revoke(self, name: str) -> None:
        """Forget a key by its name or id. Raises InputError where there is none, HomeError."""
        with self._changing() as keys:
            found = next((key.id for key in keys.values() if name in (key.name, key.id)), None)
            if found is None:
                raise InputError(f"There is no key named {name!r}.")
            del keys[found]

    def find(self, text: str) -> Key | None:
        """The key with this text; None where there is none. Takes as long for a wrong secret as for an unknown id."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        key = self._read().get(key_id)
        right = hmac.compare_digest(_digest(secret), _NOBODY if key is None else key.digest)
        return key if right and prefix == "trs" else None

    def _read(self) -> dict[str, Key]:
        with self._lock:
            try:
                state = self._file.stat()
                stamp = (state.st_mtime_ns, state.st_ino)
                if stamp != self._stamp:
                    rows = json.loads(self._file.read_text(encoding="utf-8"))
                    self._known, self._stamp = {row["id"]: Key(**row) for row in rows}, stamp
            except FileNotFoundError:
                self._known, self._stamp = {}, None
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise HomeError(f"{self._file} cannot be read. Restore it, or remove it and add keys anew.") from error
            return dict(self._known)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        """The keys, to be changed; written in one step."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock")):
                keys = self._read()
                yield keys
                new = self._file.with_suffix(".new")
                with os.fdopen(
                    os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
                ) as out:
                    json.dump([asdict(key) for key in keys.values()], out, indent=2)
                new.replace(self._file)
        except OSError as error:
            raise HomeError(
                f"The home folder {self._file.parent} cannot be written: {error.strerror}. Choose another with ",
                Parameter("home"),
                ".",
            ) from error


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
