"""The sessions of a person, the devices that hold them, and their ends."""

from __future__ import annotations

from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import record
from live.push import end_sockets_on_commit
from people.models import Device, PushSubscription, User
from wire.errors import Conflict, NotFound


def end_sessions(user: User, *, except_key: str | None = None) -> None:
    """Ends the person's sessions and closes their sockets; call inside the action's transaction.

    Those devices are told of nothing more: a stolen one must not go on saying when there is something new.
    """
    for session in UserSession.objects.filter(user=user).exclude(session_key=except_key or ""):
        session.end()
    PushSubscription.objects.filter(user=user).exclude(device__session_key=except_key).delete()
    end_sockets_on_commit(user.pk)


def renew_session(request: HttpRequest, user: User) -> None:
    """A new session for this browser after its sign-in secret changed, and the end of every other one."""
    before = request.session.session_key
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)
    Device.objects.filter(user=user, session_key=before).update(session_key=request.session.session_key)
    end_sessions(user, except_key=request.session.session_key)


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """Ends every session of this person, this one too, and closes their sockets."""
    end_sessions(user)
    record(actor=user.pk, verb="session.end_all", patient=None)


@transaction.atomic
def sign_out_others(user: User, session_key: str) -> None:
    """Ends every session but the one that asks."""
    end_sessions(user, except_key=session_key)
    record(actor=user.pk, verb="session.end_others", patient=None)


@transaction.atomic
def sign_out_device(user: User, number: int) -> None:
    """Ends one session of the person and its sockets, and forgets the device that held it; NotFound for another's.

    What the device remembers it wipes itself when it next hears: nobody else can reach it.
    """
    session = UserSession.objects.select_for_update().filter(pk=number, user=user).first()
    if session is None:
        raise NotFound(re="number")
    # With the device goes the address at which it is told that there is something new.
    Device.objects.filter(user=user, session_key=session.session_key).delete()
    session.end()
    end_sockets_on_commit(user.pk)
    record(actor=user.pk, verb="session.end", patient=None, object_kind="session", object_id=str(number))


@transaction.atomic
def remember_device(
    user: User, device_id: UUID, label: str, *, session_key: str = "", remembered: bool = False
) -> Device:
    """Keeps a device under the id it made; Conflict when the id is another person's, so it makes a new one."""
    held = {"label": label, "session_key": session_key, "remembered": remembered, "last_seen": timezone.now()}
    device, made = Device.objects.get_or_create(pk=device_id, defaults={"user": user, **held})
    if device.user_id != user.pk:
        raise Conflict("This device id is taken: make a new one.", re="id")
    if not made:
        Device.objects.filter(pk=device.pk).update(**held)
        device.refresh_from_db()
    return device
