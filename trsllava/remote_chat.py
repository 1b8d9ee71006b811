"""Dialogues that a service keeps, with the face of `trsllava.chat.Chat`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TypeVar

from trsllava import calls
from trsllava.calls import Call, RemoteStanding
from trsllava.chat import save_dialogue, tile_of
from trsllava.dialogue.session import End
from trsllava.dialogue.standing import ChatHit, Standing
from trsllava.dialogue.state import Answer, Dialogue, Question

T = TypeVar("T")


class _Sender(Protocol):
    def send(self, call: Call[T]) -> T: ...


class _AsyncSender(Protocol):
    async def send(self, call: Call[T]) -> T: ...


class _Shown:
    """What the service last told of a dialogue."""

    def __init__(self, told: RemoteStanding, k: int) -> None:
        self._told, self._k = told, k

    @property
    def id(self) -> str:
        """By which the service knows it."""
        return self._told.id

    @property
    def standing(self) -> Standing:
        """Where it stood after the last step, as one record."""
        return self._told.standing

    @property
    def dialogue(self) -> Dialogue:
        """What was asked for, asked and answered."""
        return self.standing.dialogue

    @property
    def question(self) -> Question | None:
        """To be answered next; None at the end."""
        return self.standing.question

    @property
    def hits(self) -> tuple[ChatHit, ...]:
        """The likeliest tiles, best first, and how they moved."""
        return self.standing.hits

    @property
    def finished(self) -> End | None:
        """Why nothing more is asked."""
        return self.standing.finished

    def save(self, path: Path | str) -> None:
        """Write the dialogue to a file of this machine, which `chat(resume=path)` reads here and in an archive.

        Raises InputError where it cannot be written.
        """
        save_dialogue(self.dialogue, Path(path))

    def _answer(self, said: str | Answer) -> Call[RemoteStanding]:
        return calls.answer_chat(self.id, said, k=self._k, step=self._told.step)

    def _undo(self) -> Call[RemoteStanding]:
        return calls.undo_chat(self.id, k=self._k, step=self._told.step)

    def _pick(self, tile: str | int) -> Call[RemoteStanding]:
        return calls.pick_chat(self.id, tile_of(tile, self.hits), k=self._k, step=self._told.step)

    def _refresh(self) -> Call[RemoteStanding]:
        return calls.chat_standing(self.id, k=self._k)


class RemoteChat(_Shown):
    """As `trsllava.chat.Chat`; its steps raise what those raise, and ServerError."""

    def __init__(self, client: _Sender, told: RemoteStanding, k: int) -> None:
        super().__init__(told, k)
        self._client = client

    def answer(self, said: str | Answer) -> Standing:
        """As for `Chat`."""
        return self._sent(self._answer(said))

    def undo(self) -> Standing:
        """As for `Chat`."""
        return self._sent(self._undo())

    def pick(self, tile: str | int) -> Standing:
        """As for `Chat`."""
        return self._sent(self._pick(tile))

    def refresh(self) -> Standing:
        """Where it stands by now, should another program have gone on with it."""
        return self._sent(self._refresh())

    def forget(self) -> None:
        """Have the service forget it."""
        self._client.send(calls.forget_chat(self.id))

    def _sent(self, call: Call[RemoteStanding]) -> Standing:
        self._told = self._client.send(call)
        return self.standing


class AsyncRemoteChat(_Shown):
    """`RemoteChat` for asyncio: its steps are awaited."""

    def __init__(self, client: _AsyncSender, told: RemoteStanding, k: int) -> None:
        super().__init__(told, k)
        self._client = client

    async def answer(self, said: str | Answer) -> Standing:
        """As for `Chat`."""
        return await self._sent(self._answer(said))

    async def undo(self) -> Standing:
        """As for `Chat`."""
        return await self._sent(self._undo())

    async def pick(self, tile: str | int) -> Standing:
        """As for `Chat`."""
        return await self._sent(self._pick(tile))

    async def refresh(self) -> Standing:
        """Where it stands by now, should another program have gone on with it."""
        return await self._sent(self._refresh())

    async def forget(self) -> None:
        """Have the service forget it."""
        await self._client.send(calls.forget_chat(self.id))

    async def _sent(self, call: Call[RemoteStanding]) -> Standing:
        self._told = await self._client.send(call)
        return self.standing
