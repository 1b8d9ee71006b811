"""`trsllava keys`: who may use the service."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.options import Home

if TYPE_CHECKING:
    from trsllava.service.keys import Keys

app = typer.Typer(
    help="API keys of `trsllava serve`: add, list and revoke them.", no_args_is_help=True, rich_markup_mode="markdown"
)


class ScopeChoice(StrEnum):
    """What a key allows."""

    read = "read"
    write = "write"
    admin = "admin"


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Tells whose key it is.")],
    scope: Annotated[
        ScopeChoice, typer.Option("--scope", help="read: search. write: also index and reindex. admin: also all else.")
    ] = ScopeChoice.read,
    home: Home = None,
) -> None:
    """Add a key and print it. Only its digest is kept: it cannot be printed again.

    **Example**: `trsllava keys add portal --scope read`
    """
    print(_keys(home).add(name, scope.value))


@app.command("list")
def list_keys(home: Home = None) -> None:
    """List names, ids, scopes and dates of all keys."""
    for key in _keys(home).all():
        print(f"{key.id}  {key.scope:5}  {key.created[:10]}  {key.name}")


@app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="A key's name or id.")],
    home: Home = None,
) -> None:
    """Forget a key; a running service refuses it from now on.

    **Example**: `trsllava keys revoke portal`
    """
    _keys(home).revoke(name)
    print(f"{name} is revoked.")


def _keys(home: Path | None) -> Keys:
    from trsllava.config import load_settings
    from trsllava.service.keys import Keys

    return Keys(load_settings(home=home).home)
