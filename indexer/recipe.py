"""A collection keeps the recipe that its first run chose: its tiles stay the same, and running again is cheap."""

from __future__ import annotations

from collections.abc import Mapping

from trsllava.errors import CollectionMismatchError, Parameter
from trsllava.ledger.ledger import Ledger
from trsllava.raster.scene import check_recipe
from trsllava.records import Recipe

Wishes = Mapping[str, str | int | float]
"""Fields of `Recipe` that somebody chose."""


def settle_recipe(ledger: Ledger, wanted: Wishes) -> Recipe:
    """The recipe of a run, as `settled_recipe` finds it; the first run's is recorded."""
    own = ledger.recipe()
    recipe = settled_recipe(own, wanted)
    if own is None:
        ledger.set_recipe(recipe)
    return recipe


def settled_recipe(own: Recipe | None, wanted: Wishes) -> Recipe:
    """A collection's own recipe, or for a new one the defaults with what is wanted on top.

    Raises CollectionMismatchError where the collection was made otherwise, InputError for a recipe that cannot be.
    """
    recipe = (own or Recipe()).model_copy(update=dict(wanted))
    check_recipe(recipe)
    if own is not None and recipe != own:
        made_with = _spaced(chosen(own)) or ["the default bands, stretch and tiles"]
        asked = [Parameter(name, value) for name, value in wanted.items() if getattr(own, name) != value]
        raise CollectionMismatchError(
            "The collection's tiles were made with ",
            *made_with,
            ", not with ",
            *_spaced(asked),
            f". Leave {'it' if len(asked) == 1 else 'them'} out, or index into another one with ",
            Parameter("collection"),
            ".",
        )
    return recipe


def chosen(recipe: Recipe) -> list[Parameter]:
    """What a recipe has other than the default."""
    usual = Recipe()
    return [Parameter(name, value) for name, value in recipe.model_dump().items() if value != getattr(usual, name)]


def _spaced(parameters: list[Parameter]) -> list[str | Parameter]:
    return [part for parameter in parameters for part in (" ", parameter)][1:]
