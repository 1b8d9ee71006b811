"""Ledger and store made to agree again: after a kill, a lost store, a restored one, or pruning."""

from __future__ import annotations

from trsllava.ledger.ledger import Ledger
from trsllava.store.protocol import StoreSchema, VectorStore


def reconcile(ledger: Ledger, store: VectorStore) -> list[str]:
    """Make ledger and store agree after a kill, a lost store or a restored one.

    The ledger is right: tiles the store lacks are stored again, tiles the ledger does not know are deleted.
    Returns the ids of all tiles that are yet to be stored.
    """
    schema = ledger.schema()
    if schema is None:
        return ledger.ids("captioned")
    if not store.exists():
        ledger.mark_captioned()
        store.create(StoreSchema(schema.dense_dim, schema.image_dim))
    if store.count() != ledger.counts()["stored"]:
        stored, held = ledger.ids("stored"), set(store.ids())
        ledger.mark_captioned([tile_id for tile_id in stored if tile_id not in held])
        held.difference_update(stored, ledger.ids("captioned"))  # in place: of a million tiles each set is 150 MB
        store.delete(sorted(held))
    return ledger.ids("captioned")


def forget_orphans(ledger: Ledger, store: VectorStore) -> None:
    """Drop the tiles that no file holds any more, from the ledger and then from the store."""
    orphans = ledger.forget_orphans()
    if orphans and ledger.schema() is not None:
        store.delete(orphans)


def settle(ledger: Ledger, store: VectorStore) -> None:
    """End a rebuild that was killed: where it had taken the old build's place, note so, else sweep what it left.

    Called by whoever writes next, and by nobody else: the rebuild might be under way.
    """
    begun = ledger.begun_build()
    if begun is None:
        return
    if store.build() == begun.name:
        ledger.end_build(stored=[])  # tiles that had waited are stored again
    else:
        ledger.give_up_build()
    store.sweep()
