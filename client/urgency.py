"""Urgency from a program: saying how soon a message wants an answer, and acknowledging those of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from client.account import now_ms
from client.live import Live
from client.threads import Thread
from crypto import urgency as ct1
from crypto.errors import Ct1Error
from crypto.keys import Ukr
from crypto.primitives import random_bytes
from crypto.tables import AddresseeKind, Priority, RecipientKind
from crypto.urgency import Addressee
from wire.base import b64
from wire.messaging import MessageAck
from wire.urgency import AckOut, SignedWords, ThreadUrgencies, UrgencyOut

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Standing:
    """A thread's urgencies and acknowledgements whose signatures hold; `refused` counts those that do not."""

    urgencies: dict[bytes, tuple[ct1.Urgency, UrgencyOut]]
    acks: dict[bytes, list[ct1.Ack]]
    refused: int


def person(user: bytes) -> Addressee:
    """One in line by account."""
    return Addressee(AddresseeKind.PERSON, user)


def role(role_id: bytes) -> Addressee:
    """One in line by on-call role."""
    return Addressee(AddresseeKind.ROLE, role_id)


async def post_urgent(
    thread: Thread,
    live: Live,
    text: str,
    line: Sequence[Addressee],
    *,
    minutes: int = 15,
    priority: Priority = Priority.URGENT,
) -> tuple[MessageAck, UrgencyOut]:
    """Posts a text and alerts the first in line; raises ApiError or Ct1Error, after which `raise_urgency` can go on."""
    msg_id = random_bytes(16)
    ack = await thread.post_body(live, {"text": text}, msg_id=msg_id)
    return ack, await raise_urgency(thread, msg_id, line, minutes=minutes, priority=priority)


async def raise_urgency(
    thread: Thread,
    msg_id: bytes,
    line: Sequence[Addressee],
    *,
    minutes: int = 15,
    priority: Priority = Priority.URGENT,
) -> UrgencyOut:
    """Says of one's own message on the server how urgent it is."""
    identity, now = thread.identity, now_ms()
    said = ct1.Urgency(
        thread=thread.id,
        msg_id=msg_id,
        sender=identity.user,
        fp=identity.fp,
        priority=priority,
        ts=now,
        ack_by=now + minutes * MINUTE_MS if line else 0,
        addressees=tuple(line),
    )
    body = said.encode()
    words = SignedWords(body=body, sig=ct1.sign_urgency(identity.sign_seed, body))
    return await thread.account.api.post(f"/threads/{b64(thread.id)}/urgencies", words, UrgencyOut)


async def acknowledge(thread: Thread, msg_id: bytes) -> AckOut:
    """Says that one has taken note of somebody else's message."""
    identity = thread.identity
    body = ct1.Ack(thread.id, msg_id, identity.user, identity.fp, now_ms()).encode()
    words = SignedWords(body=body, sig=ct1.sign_ack(identity.sign_seed, body))
    return await thread.account.api.post(f"/threads/{b64(thread.id)}/acks", words, AckOut)


async def standing(thread: Thread) -> Standing:
    """The latest urgencies of a thread that has been synced, by message id."""
    page = await thread.account.api.get(f"/threads/{b64(thread.id)}/urgencies", ThreadUrgencies)
    found = Standing({}, {}, 0)
    refused = 0
    for one in page.urgencies:
        try:
            said = ct1.parse_urgency(one.body)
            ct1.verify_urgency(one.body, one.sig, thread.id, _key(thread, said.sender, said.fp))
        except Ct1Error:
            refused += 1
            continue
        found.urgencies[said.msg_id] = (said, one)
    for other in page.acks:
        try:
            ack = ct1.parse_ack(other.body)
            ct1.verify_ack(other.body, other.sig, thread.id, _key(thread, ack.user, ack.fp))
        except Ct1Error:
            refused += 1
            continue
        found.acks.setdefault(ack.msg_id, []).append(ack)
    return Standing(found.urgencies, found.acks, refused)


def _key(thread: Thread, user: bytes, fp: bytes) -> Ukr:
    """By an epoch's recipients, never by account alone: a server could show a key record of its own making."""
    known = (RecipientKind.MEMBER, user, fp)
    if not any(known in epoch.recipients for epoch in thread.state.epochs):
        raise Ct1Error("E_NOT_MEMBER", "the signer was never given a key of this thread")
    return thread.directory.ukr(fp)
