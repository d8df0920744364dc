"""The road from a notice to a browser: a bounded queue, one thread, timeouts, a few tries, and one word as payload."""

from __future__ import annotations

import queue
import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import requests
import structlog
from django.conf import settings
from django.db import close_old_connections
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush

from people.models import PushSubscription
from people.push import actions, rules
from wire.base import b64

log = structlog.get_logger("push")

WORD = "look"
"""All that a push service, and a locked screen, could ever be given; the service worker does not even read it."""
MOST_WAITING = 1000
TIMEOUT_S = 10.0
KEPT_S = 12 * 3600
"""How long a push service keeps it for a device that is switched off."""

Resolve = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Delivery:
    subscription: int
    endpoint: str
    p256dh: bytes
    auth: bytes


def addresses_of(host: str) -> list[str]:
    """Every address of a name, by the system's resolver."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


class Road:
    """Carries notices in a thread of its own; `resolve`, `sleep` and `random` are for tests to give."""

    def __init__(
        self,
        resolve: Resolve = addresses_of,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._resolve, self._sleep, self._chance = resolve, sleep, chance
        self._waiting: queue.Queue[Delivery] = queue.Queue(MOST_WAITING)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._session = requests.Session()
        # A push service does not redirect; whatever does would lead elsewhere than the endpoint that was checked.
        self._session.max_redirects = 0
        self._session.trust_env = False

    def tell(self, user_id: UUID, kind: str) -> None:
        """A sender of people.notices: every device of the person that asked for it; what does not fit is let go."""
        for row in PushSubscription.objects.filter(user_id=user_id)[: rules.MOST_SUBSCRIPTIONS]:
            try:
                self._waiting.put_nowait(Delivery(row.pk, row.endpoint, row.p256dh, row.auth))
            except queue.Full:
                log.warning("push.full", kind=kind)
                return
        self._start()

    def settled(self) -> None:
        """Returns when everything that waited was delivered or given up."""
        self._waiting.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="push", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            delivery = self._waiting.get()
            try:
                self.deliver(delivery)
            # One subscription that breaks must not end the road of everybody.
            except Exception:
                log.exception("push.failed")
            finally:
                close_old_connections()
                self._waiting.task_done()

    def deliver(self, delivery: Delivery) -> bool:
        """Whether the push service took it; a subscription that it calls gone is dropped here."""
        if not self._may_go(delivery.endpoint):
            return False
        for attempt in range(1, rules.TRIES + 1):
            status = self._post(delivery)
            if 200 <= status < 300:
                return True
            if rules.is_gone(status):
                actions.drop(delivery.subscription, delivery.endpoint)
                return False
            if not rules.is_worth_another_try(status) or attempt == rules.TRIES:
                log.warning("push.refused", status=status)
                return False
            self._sleep(rules.wait_before(attempt, self._chance()))
        return False

    def _may_go(self, endpoint: str) -> bool:
        host = rules.host_of(endpoint, settings.PUSH_SERVICES, loopback=settings.PUSH_LOOPBACK)
        if host is None:
            return False
        if settings.PUSH_LOOPBACK and host == "127.0.0.1":
            return True
        try:
            return rules.is_public(self._resolve(host))
        except (OSError, ValueError):
            return False

    def _post(self, delivery: Delivery) -> int:
        """The status; 503 where no answer came in time."""
        keys = {"p256dh": b64(delivery.p256dh), "auth": b64(delivery.auth)}
        try:
            webpush(
                {"endpoint": delivery.endpoint, "keys": keys},
                WORD,
                vapid_private_key=Vapid02.from_raw(b64(settings.PUSH_KEY).encode()),
                vapid_claims={"sub": settings.PUSH_CONTACT},
                timeout=TIMEOUT_S,
                ttl=KEPT_S,
                requests_session=self._session,
            )
        except WebPushException as error:
            return error.response.status_code if error.response is not None else 400
        except requests.TooManyRedirects:
            return 400
        except requests.RequestException:
            return 503
        return 201


road = Road()
