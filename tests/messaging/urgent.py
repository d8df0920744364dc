"""What the cast's clients sign about a message's urgency, and who is on duty."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from crypto.messages import parse_wire
from crypto.tables import AddresseeKind, Priority
from crypto.urgency import Ack, Addressee, Urgency, sign_ack, sign_urgency
from messaging.actions.posting import Post, post_message
from messaging.urgency.models import Urgency as Row
from people.models import Affiliation
from people.standby.actions import give_role
from people.standby.models import OnCallRole
from tests.messaging.cast import Desk
from tests.messaging.house import Case, Person, now_ms
from wire.base import b64

SPAN_MS = 900_000


def posted(case: Case, sender: Person) -> bytes:
    """The id of a message that is on the server."""
    wire = case.seal(sender)
    msg_id = parse_wire(wire).header.msg_id
    post_message(Post(sender.user.pk, sender.device, case.state.thread_id, msg_id, wire))
    return msg_id


def to(*people: Person | OnCallRole) -> tuple[Addressee, ...]:
    """The line of these people and roles."""
    return tuple(
        Addressee(AddresseeKind.PERSON, one.id)
        if isinstance(one, Person)
        else Addressee(AddresseeKind.ROLE, one.pk.bytes)
        for one in people
    )


def words(case: Case, sender: Person, msg_id: bytes, line: Sequence[Addressee], **changes: Any) -> dict[str, str]:
    """A signed urgency as its door takes it."""
    now = now_ms()
    said = {
        "thread": case.state.thread_id,
        "msg_id": msg_id,
        "sender": sender.id,
        "fp": sender.fp,
        "priority": Priority.URGENT,
        "ts": now,
        "ack_by": now + SPAN_MS if line else 0,
        "addressees": tuple(line),
        **changes,
    }
    body = Urgency(**said).encode()
    return {"body": b64(body), "sig": b64(sign_urgency(sender.identity.sign_seed, body))}


def ack_words(case: Case, person: Person, msg_id: bytes, **changes: Any) -> dict[str, str]:
    """A signed acknowledgement as its door takes it."""
    said = {
        "thread": case.state.thread_id,
        "msg_id": msg_id,
        "user": person.id,
        "fp": person.fp,
        "ts": now_ms(),
        **changes,
    }
    body = Ack(**said).encode()
    return {"body": b64(body), "sig": b64(sign_ack(person.identity.sign_seed, body))}


def raised(case: Case, sender: Person, *people: Person | OnCallRole) -> tuple[bytes, dict[str, Any]]:
    """An urgent message that is on the server, and what the server says of it."""
    msg_id = posted(case, sender)
    status, body = Desk(sender).post(f"/threads/{case.id}/urgencies", words(case, sender, msg_id, to(*people)))
    assert status == 200, body
    return msg_id, body


def acknowledged(case: Case, person: Person, msg_id: bytes) -> tuple[int, Any]:
    return Desk(person).post(f"/threads/{case.id}/acks", ack_words(case, person, msg_id))


def row_of(msg_id: bytes) -> Row:
    return Row.objects.get(message__msg_id=UUID(bytes=msg_id))


def overdue(msg_id: bytes) -> None:
    """The deadline of whoever has been told is over."""
    Row.objects.filter(message__msg_id=UUID(bytes=msg_id)).update(due_at=timezone.now() - timedelta(seconds=1))


def on_duty(person: Person, name: str = "") -> OnCallRole:
    """A role of the person's organisation that they hold."""
    organisation = Affiliation.objects.get(user=person.user).organisation
    role = OnCallRole.objects.create(organisation=organisation, name=name or secrets.token_hex(4))
    give_role(person.user, role, person.user)
    return role
