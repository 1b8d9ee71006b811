"""Ledger and store made to agree again: after a kill, a lost store, a restored one, or pruning."""

from __future__ import annotations

from trsllava.ledger.ledger import Ledger
from trsllava.store.protocol import StoreSchema, VectorStore


def reconcile(ledger: Ledger, store: VectorStore) -> list[str]:
    """Make ledger and store agree after pruning, a kill, a lost store or a restored one.

    The ledger is right: tiles the store lacks are stored again, tiles the ledger does not know are deleted.
    Returns the ids of all tiles that are yet to be stored.
    """
    schema = ledger.schema()
    orphans = ledger.forget_orphans()
    if schema is None:
        return ledger.ids("captioned")
    if not store.exists():
        ledger.mark_captioned()
        store.create(StoreSchema(schema.dense_dim, schema.image_dim))
    store.delete(orphans)
    stored = set(ledger.ids("stored"))
    if store.count() != len(stored):
        held = set(store.ids())
        ledger.mark_captioned(sorted(stored - held))
        store.delete(sorted(held - stored - set(ledger.ids("captioned"))))
    return ledger.ids("captioned")


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
