"""Where a push may go at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.push.rules import host_of, is_gone, is_key, is_public, is_worth_another_try, wait_before

SERVICES = ("fcm.googleapis.com", ".push.apple.com")


@pytest.mark.parametrize(
    "endpoint",
    ["https://fcm.googleapis.com/fcm/send/abc", "https://web.push.apple.com:443/x", "https://FCM.googleapis.com/x"],
)
def test_a_push_service_of_a_browser_is_taken(endpoint: str) -> None:
    assert host_of(endpoint, SERVICES, loopback=False) is not None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://evil.example/x",
        "https://fcm.googleapis.com.evil.example/x", "https://user@fcm.googleapis.com/x", "https://push.apple.com/x",
        "https://evilpush.apple.com.example/x", "https://127.0.0.1/x", "http://127.0.0.1/x", "https://[::1]/x",
        "https://169.254.169.254/latest", "file:///etc/passwd", "https://fcm.googleapis.com/x#y", "https://", "x",
        "https://fcm.googleapis.com:99999/x", "https://fcm.googleapis.com\\@evil.example/", "https://[fcm/x",
        "https://fcm.googleapis.com/a b", "https://fcm.gооgleapis.com/x",
    ],
)  # fmt: skip
def test_anything_else_is_not(endpoint: str) -> None:
    assert host_of(endpoint, SERVICES, loopback=False) is None


def test_this_machine_is_a_receiver_for_tests_alone() -> None:
    assert host_of("http://127.0.0.1:9999/x", SERVICES, loopback=True) == "127.0.0.1"
    assert host_of("http://127.0.0.2:9999/x", SERVICES, loopback=True) is None


@pytest.mark.parametrize(
    "private",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "fe80::1%eth0",
        "0.0.0.0",
        "224.0.0.1",
        "::ffff:10.0.0.1",
    ],
)
def test_one_private_address_is_enough_to_refuse(private: str) -> None:
    assert is_public(["8.8.8.8"])
    assert not is_public(["8.8.8.8", private])
    assert not is_public([])


def test_keys_have_the_lengths_of_the_standard() -> None:
    assert is_key(b"\x04" + bytes(64), bytes(16))
    assert not is_key(b"\x02" + bytes(64), bytes(16))
    assert not is_key(b"\x04" + bytes(63), bytes(16))
    assert not is_key(b"\x04" + bytes(64), bytes(15))


def test_what_a_status_means() -> None:
    assert [is_gone(status) for status in (404, 410, 400, 500)] == [True, True, False, False]
    assert [is_worth_another_try(status) for status in (429, 500, 503, 400, 413)] == [True, True, True, False, False]


@given(st.integers(1, 40), st.floats(0, 1, exclude_max=True))
def test_a_wait_has_a_ceiling(attempt: int, chance: float) -> None:
    assert 0 <= wait_before(attempt, chance) <= 60


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_an_endpoint(text: str) -> None:
    host_of(text, SERVICES, loopback=False)
    assert host_of(f"https://evil.example/{text}", SERVICES, loopback=False) is None
