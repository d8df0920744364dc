"""Where the apps above register what a frame does, who may still receive one, and how far a person's threads go.

`live` owns sockets and knows frames, not their meaning; the apps register in their AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from live.ready import Ready
from wire.base import Frame


class Connection(Protocol):
    """One device's open socket, as a handler sees it."""

    user_id: UUID
    device: bytes
    session_key: str

    async def send_frame(self, frame: Frame) -> None:
        """Writes a frame to this device alone."""

    def write(self, ready: Ready) -> None:
        """Writes a frame that is made already, without waiting for the device."""

    async def close(self, code: int | None = None) -> None:
        """Ends the socket; the device comes back as after any cut."""


F = TypeVar("F", bound=Frame)
Handler = Callable[[Connection, F], Awaitable[Frame | None]]
Guard = Callable[[UUID, F], bool]
BinaryHandler = Callable[[Connection, bytes], None]
Heads = Callable[[Sequence[UUID]], Mapping[UUID, Mapping[str, int]]]
Closed = Callable[[Connection], Awaitable[None]]
Hear = Callable[[Mapping[str, int | str]], None]

_handlers: dict[str, tuple[type[Frame], Handler[Frame]]] = {}
_guards: dict[str, tuple[type[Frame], Guard[Frame]]] = {}
_binary: dict[int, BinaryHandler] = {}
_hears: dict[str, Hear] = {}
_heads: list[Heads] = []
_closed: list[Closed] = []


def type_of(frame: type[Frame]) -> str:
    """The literal `type` of a frame class."""
    return str(frame.model_fields["type"].default)


def handler(frame: type[F]) -> Callable[[Handler[F]], Handler[F]]:
    """Registers what happens when a client sends this frame; what the function returns is sent back."""

    def register(function: Handler[F]) -> Handler[F]:
        _handlers[type_of(frame)] = (frame, function)  # type: ignore[assignment]  # one F per key
        return function

    return register


def guard(frame: type[F]) -> Callable[[Guard[F]], Guard[F]]:
    """Registers the question asked for each recipient at the moment of delivery: membership of a group is no right."""

    def register(function: Guard[F]) -> Guard[F]:
        _guards[type_of(frame)] = (frame, function)  # type: ignore[assignment]  # one F per key
        return function

    return register


def binary(kind: int) -> Callable[[BinaryHandler], BinaryHandler]:
    """Registers what happens with a binary frame of this first byte; on the event loop, it must not block."""

    def register(function: BinaryHandler) -> BinaryHandler:
        _binary[kind] = function
        return function

    return register


def binary_handler_of(kind: int) -> BinaryHandler | None:
    return _binary.get(kind)


def hears(name: str) -> Callable[[Hear], Hear]:
    """Registers what a process does when it hears this word (`push.announce`); on the event loop, it must not block."""

    def register(function: Hear) -> Hear:
        _hears[name] = function
        return function

    return register


def hear(name: str, word: Mapping[str, int | str]) -> None:
    if name in _hears:
        _hears[name](word)


def heads(function: Heads) -> Heads:
    """Registers a provider of the highest seq of every thread that each of these may see now (a blocking call)."""
    _heads.append(function)
    return function


def closed(function: Closed) -> Closed:
    """Registers what happens when a device's socket has closed, for whatever reason."""
    _closed.append(function)
    return function


def handler_of(kind: str) -> tuple[type[Frame], Handler[Frame]] | None:
    return _handlers.get(kind)


def may_receive(kind: str, user_id: UUID, text: str) -> bool:
    """Whether a frame may still be written to this person; a frame without a guard carries nothing to protect."""
    found = _guards.get(kind)
    if found is None:
        return True
    frame, ask = found
    return ask(user_id, frame.model_validate_json(text))


def is_guarded(kind: str) -> bool:
    return kind in _guards


def heads_of(users: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The heads of each of these from every provider together (a blocking call)."""
    together: dict[UUID, dict[str, int]] = {user: {} for user in users}
    for provider in _heads:
        for user, found in provider(users).items():
            together[user].update(found)
    return together


async def tell_closed(connection: Connection) -> None:
    for function in _closed:
        await function(connection)


def registered_frames() -> list[type[Frame]]:
    """Every frame a client may send, for the tests that ask each door for its decision."""
    return [frame for frame, _ in _handlers.values()]
