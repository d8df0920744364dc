"""Ending sessions, and the devices a person signed in from."""

from __future__ import annotations

from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from audit.actions import record
from live.push import end_sockets_on_commit
from people.models import Device, PushSubscription, User
from wire.errors import Conflict, NotFound


def end_sessions(user: User, *, except_key: str | None = None) -> None:
    """Ends the person's sessions and closes their sockets; call inside the action's transaction."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=except_key or ""):
        session.end()
    end_sockets_on_commit(user.pk)


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """Ends every session of this person, this one too, and closes their sockets."""
    end_sessions(user)
    PushSubscription.objects.filter(user=user).delete()
    record(actor=user.pk, verb="session.end_all", patient=None)


@transaction.atomic
def remember_device(user: User, device_id: UUID, label: str) -> Device:
    """Keeps a device under the id it made; Conflict when the id is another person's, so it makes a new one."""
    device, made = Device.objects.get_or_create(pk=device_id, defaults={"user": user, "label": label})
    if device.user_id != user.pk:
        raise Conflict("This device id is taken: make a new one.", re="id")
    if not made:
        device.label, device.last_seen = label, timezone.now()
        device.save(update_fields=["label", "last_seen"])
    return device


@transaction.atomic
def forget_device(user: User, device_id: UUID) -> None:
    """Removes one of the person's devices from the list."""
    removed, _ = Device.objects.filter(pk=device_id, user=user).delete()
    if not removed:
        raise NotFound
    record(actor=user.pk, verb="device.forget", patient=None, object_kind="device", object_id=device_id.hex)
