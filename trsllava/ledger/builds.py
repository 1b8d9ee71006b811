"""What a collection is built with: encoders and the recipe of its tiles, now and once a rebuild takes over."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from trsllava.ledger import images
from trsllava.ledger.connection import Connected
from trsllava.records import Recipe, Record


class CollectionSchema(Record):
    """What a collection was built with, so that nothing else is mixed into it."""

    encoder: str
    dense_dim: int
    average_length: float
    """Mean number of terms of a tile's texts, measured once: BM25's avg_len."""
    image_encoder: str = ""
    """Empty: no image vectors, as in collections of earlier versions."""
    image_dim: int | None = None


class Build(Record):
    """A build of the vector store that is to take the place of the one that answers."""

    name: str
    made_with: CollectionSchema


class Builds(Connected):
    """The ledger's notes on the collection as a whole."""

    def schema(self, build: str = "") -> CollectionSchema | None:
        """What the collection was built with; None before the first tile is stored.

        `build`: the store's build that answers. It may be one whose swap was not noted here any more.
        """
        begun = self.begun_build()
        if begun is not None and begun.name == build:
            return begun.made_with
        row = self._db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        return CollectionSchema.model_validate_json(row[0]) if row else None

    def identity(self) -> str:
        """A random name that tells this collection from its namesakes in other homes; made when first asked for."""
        asked = "SELECT value FROM meta WHERE key = 'identity'"
        if self._db.execute(asked).fetchone() is None:  # reading needs no right to write
            with self._writing() as db:
                db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", (uuid.uuid4().hex[:12],))
        return str(self._db.execute(asked).fetchone()[0])

    def set_schema(self, schema: CollectionSchema) -> None:
        """Record what the collection is built with."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (schema.model_dump_json(),))

    def begin_build(self, build: Build) -> None:
        """Note what a build of the store is made with, before it takes the old one's place."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('build', ?)", (build.model_dump_json(),))

    def begun_build(self) -> Build | None:
        """The build that was begun and not ended: it may be under way, killed, or in place already."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'build'").fetchone()
        return Build.model_validate_json(row[0]) if row else None

    def end_build(self, *, stored: Sequence[str]) -> None:
        """Note that the begun build, which holds these tiles, has taken the old one's place."""
        build = self.begun_build()
        assert build is not None, "no build was begun"
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (build.made_with.model_dump_json(),))
            db.execute("DELETE FROM meta WHERE key = 'build'")
            images.take_over(db, build.made_with.image_encoder)
            db.executemany("UPDATE tiles SET state = 'stored' WHERE id = ?", [(tile_id,) for tile_id in stored])

    def give_up_build(self) -> None:
        """Forget the begun build; what its image encoder has seen so far is kept for another try."""
        with self._writing() as db:
            db.execute("DELETE FROM meta WHERE key = 'build'")

    def recipe(self) -> Recipe | None:
        """How the collection's tiles are made; None before the first file."""
        row = self._db.execute(
            "SELECT value FROM meta WHERE key = 'recipe' AND EXISTS (SELECT 1 FROM files)"
        ).fetchone()
        return Recipe.model_validate_json(row[0]) if row else None

    def set_recipe(self, recipe: Recipe) -> None:
        """Record how the collection's tiles are made."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('recipe', ?)", (recipe.model_dump_json(),))
