"""A device asks to be told, or not to be told any more."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit.actions import record
from people.models import Device, PushSubscription, User
from people.push import rules
from wire.errors import Invalid, NotFound
from wire.push import PushSubscribe


@transaction.atomic
def subscribe(user: User, device_id: UUID, wish: PushSubscribe) -> None:
    """Keeps where this device is told; a repeat replaces. NotFound for a device of nobody or of another.

    Invalid for an endpoint that is no push service's (settings.PUSH_SERVICES) and for keys that are none.
    """
    device = Device.objects.select_for_update().filter(pk=device_id, user=user).first()
    if device is None:
        raise NotFound
    if rules.host_of(wish.endpoint, settings.PUSH_SERVICES, loopback=settings.PUSH_LOOPBACK) is None:
        raise Invalid("This browser's push service is not known here.", re="endpoint")
    if not rules.is_key(wish.p256dh, wish.auth):
        raise Invalid("These are not the keys of a push subscription.", re="p256dh")
    # One browser is one person's at a time: whoever was told there before is not told there now.
    PushSubscription.objects.filter(endpoint=wish.endpoint).exclude(device=device).delete()
    kept = {"user": user, "endpoint": wish.endpoint, "p256dh": wish.p256dh, "auth": wish.auth}
    PushSubscription.objects.update_or_create(device=device, defaults=kept)
    newest = PushSubscription.objects.filter(user=user).order_by("-created_at", "-pk")
    PushSubscription.objects.filter(pk__in=[row.pk for row in newest[rules.MOST_SUBSCRIPTIONS :]]).delete()
    record(actor=user.pk, verb="push.on", patient=None, object_kind="device", object_id=device.pk.hex)


@transaction.atomic
def unsubscribe(user: User, device_id: UUID) -> None:
    """This device is told no more; a repeat changes nothing."""
    removed, _ = PushSubscription.objects.filter(user=user, device_id=device_id).delete()
    if removed:
        record(actor=user.pk, verb="push.off", patient=None, object_kind="device", object_id=device_id.hex)


@transaction.atomic
def drop(subscription_id: int, endpoint: str) -> None:
    """The push service says that it is gone; one that was renewed meanwhile stays."""
    PushSubscription.objects.filter(pk=subscription_id, endpoint=endpoint).delete()
