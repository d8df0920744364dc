"""A device that asked is told one word by its push service; nobody else is, and nothing is in it."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from people import notices
from people.actions.erasure import erase_person
from people.actions.sessions import end_sessions, remember_device, sign_out_everywhere
from people.models import Device, PushSubscription, User
from people.push.road import WORD, Delivery, Road
from tests.messaging.cast import Cast, make_cast
from tests.people.push.receiver import Browser, PushService, push_service
from wire.base import b64

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.fixture(autouse=True)
def this_machine_is_a_push_service(settings: Any) -> None:
    settings.PUSH_LOOPBACK = True


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


class Window:
    """One person's browser: a session, a device, and the keys of a subscription."""

    def __init__(self, user: User, service: PushService, path: str = "/one") -> None:
        self.user, self.client, self.browser = user, Client(), Browser()
        self.client.force_login(user)
        self.device = uuid.uuid4()
        remember_device(user, self.device, "Firefox")
        self.endpoint = service.address + path

    def ask(self, method: str, body: dict[str, str] | None = None) -> Any:
        return self.client.generic(
            method, "/api/me/push", json.dumps(body) if body else "", content_type="application/json",
            headers={"X-Device": b64(self.device.bytes)},
        )  # fmt: skip

    def subscribe(self) -> Any:
        return self.ask("PUT", self.browser.subscription(self.endpoint))


def told(road: Road, user: User) -> None:
    road.tell(user.pk, notices.Kind.ROUTINE)
    road.settled()


def test_it_works(cast: Cast, service: PushService, settings: Any) -> None:
    window, road = Window(cast.elena.user, service), Road()
    assert window.ask("GET").json()["on"] is False
    assert window.subscribe().status_code == 200
    found = window.ask("GET").json()
    assert found["on"] is True and found["key"] == b64(settings.PUSH_PUBLIC_KEY)
    told(road, cast.elena.user)
    (headers, body) = service.taken[0]
    assert window.browser.open(body) == WORD
    assert headers["content-encoding"] == "aes128gcm" and int(headers["ttl"]) > 0
    assert cast.maya.user.name not in body.decode("latin-1")


def test_the_push_service_can_tell_who_asks(cast: Cast, service: PushService, settings: Any) -> None:
    window = Window(cast.elena.user, service)
    window.subscribe()
    told(Road(), cast.elena.user)
    authorization = service.taken[0][0]["authorization"]
    assert authorization.startswith("vapid t=") and f"k={b64(settings.PUSH_PUBLIC_KEY)}" in authorization
    claims = authorization.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert said["sub"] == settings.PUSH_CONTACT and said["aud"] == service.address


def test_nobody_else_is_told(cast: Cast, service: PushService) -> None:
    Window(cast.elena.user, service).subscribe()
    told(Road(), cast.chidi.user)
    assert service.taken == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_dropped(cast: Cast, service: PushService, status: int) -> None:
    Window(cast.elena.user, service).subscribe()
    service.answers = [status]
    told(Road(), cast.elena.user)
    assert not PushSubscription.objects.exists()
    assert len(service.taken) == 1


def test_a_push_service_that_is_busy_is_tried_again_a_few_times(cast: Cast, service: PushService) -> None:
    waited: list[float] = []
    road = Road(sleep=waited.append, chance=lambda: 0.5)
    Window(cast.elena.user, service).subscribe()
    service.answers = [503, 429, 201]
    told(road, cast.elena.user)
    assert len(service.taken) == 3 and waited == [1.0, 2.0]
    service.answers = [500] * 9
    told(road, cast.elena.user)
    assert len(service.taken) == 3 + 4
    assert PushSubscription.objects.count() == 1


def test_no_redirect_is_followed(cast: Cast, service: PushService) -> None:
    Window(cast.elena.user, service).subscribe()
    service.answers = [307]
    told(Road(), cast.elena.user)
    assert len(service.taken) == 1


def test_a_name_that_leads_to_a_private_address_is_not_asked(settings: Any) -> None:
    asked: list[str] = []

    def inward(host: str) -> list[str]:
        asked.append(host)
        return ["10.1.2.3"]

    browser = Browser()
    delivery = Delivery(1, "https://fcm.googleapis.com/fcm/send/x", browser.p256dh, browser.auth)
    assert not Road(resolve=inward).deliver(delivery)
    assert asked == ["fcm.googleapis.com"]


def test_only_push_services_are_taken(cast: Cast, service: PushService, settings: Any) -> None:
    settings.PUSH_LOOPBACK = False
    answer = Window(cast.elena.user, service).subscribe()
    assert (answer.status_code, answer.json()["re"]) == (400, "endpoint")
    assert not PushSubscription.objects.exists()


def test_keys_that_are_none_are_refused(cast: Cast, service: PushService) -> None:
    window = Window(cast.elena.user, service)
    answer = window.ask("PUT", {**window.browser.subscription(window.endpoint), "auth": b64(bytes(4))})
    assert (answer.status_code, answer.json()["re"]) == (400, "p256dh")


def test_anothers_device_is_as_absent_as_none(cast: Cast, service: PushService) -> None:
    window, other = Window(cast.elena.user, service), Window(cast.chidi.user, service)
    other.device = window.device
    assert other.subscribe().status_code == 404
    other.device = uuid.uuid4()
    assert other.subscribe().status_code == 404
    assert not PushSubscription.objects.exists()


def test_a_browser_is_one_persons_at_a_time(cast: Cast, service: PushService) -> None:
    first, second = Window(cast.elena.user, service), Window(cast.chidi.user, service)
    first.subscribe()
    second.browser = first.browser
    second.subscribe()
    assert [row.user for row in PushSubscription.objects.all()] == [cast.chidi.user]


@pytest.mark.parametrize("end", ["off", "device", "everywhere", "erased"])
def test_whoever_leaves_is_told_no_more(cast: Cast, service: PushService, end: str) -> None:
    window = Window(cast.elena.user, service)
    window.subscribe()
    match end:
        case "off":
            assert window.ask("DELETE").status_code == 200
            assert window.ask("DELETE").status_code == 200
        case "device":
            Device.objects.get(pk=window.device).delete()
        case "everywhere":
            sign_out_everywhere(cast.elena.user)
        case _:
            erase_person(cast.elena.user)
    told(Road(), cast.elena.user)
    assert service.taken == []


def test_a_device_whose_session_is_ended_by_a_new_password_or_new_keys_is_told_no_more(
    cast: Cast, service: PushService
) -> None:
    stolen, desk = Window(cast.elena.user, service, "/stolen"), Window(cast.elena.user, service, "/desk")
    key = desk.client.session.session_key or ""
    remember_device(cast.elena.user, desk.device, "Chrome", session_key=key)
    assert [one.subscribe().status_code for one in (stolen, desk)] == [200, 200]
    end_sessions(cast.elena.user, except_key=key)
    assert [row.endpoint for row in PushSubscription.objects.all()] == [desk.endpoint]
    end_sessions(cast.elena.user)
    assert not PushSubscription.objects.exists()


def test_a_person_has_ten_at_most(cast: Cast, service: PushService) -> None:
    for number in range(12):
        Window(cast.elena.user, service, f"/{number}").subscribe()
    assert PushSubscription.objects.count() == 10
    assert not PushSubscription.objects.filter(endpoint=f"{service.address}/0").exists()


def test_notices_take_this_road(cast: Cast) -> None:
    assert notices.tell(cast.elena.user.pk, notices.Kind.ROUTINE) >= 1
