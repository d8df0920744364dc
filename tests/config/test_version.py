"""A page and a server of different versions never work side by side unawares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.static import add_headers, never_changes
from wire.version import ANSWER_HEADER, BUILD, HEADER, PROTOCOL, may_speak, read_client

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def test_every_answer_says_what_is_spoken_here(client: Client, settings: Any) -> None:
    settings.OLDEST_BUILD = 7
    assert client.get("/api/config").headers[ANSWER_HEADER] == f"{PROTOCOL}.7"
    assert client.get("/api/me").headers[ANSWER_HEADER] == f"{PROTOCOL}.7"
    assert client.get("/_allauth/browser/v1/auth/session").headers[ANSWER_HEADER] == f"{PROTOCOL}.7"


def test_a_page_of_this_version_is_answered(client: Client) -> None:
    assert client.get("/api/me", headers={HEADER: f"{PROTOCOL}.{BUILD}"}).status_code == 401


def test_a_client_that_is_no_page_says_nothing_of_itself(client: Client) -> None:
    assert client.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    "said", [f"{PROTOCOL + 1}.{BUILD}", f"{PROTOCOL}.0", "", "1", "1.", "-1.1", "1.1.1", "１.１", "9" * 40]
)
def test_a_page_of_another_version_is_refused_before_anything_is_done(client: Client, said: str) -> None:
    for path in ("/api/me", "/_allauth/browser/v1/auth/session"):
        answer = client.get(path, headers={HEADER: said})
        assert (answer.status_code, answer.json()["code"]) == (409, "protocol_version")


def test_a_page_of_another_version_may_ask_what_it_lacks(client: Client, settings: Any) -> None:
    settings.OLDEST_BUILD = BUILD + 1
    config = client.get("/api/config", headers={HEADER: f"{PROTOCOL}.{BUILD}"}).json()
    assert (config["protocol"], config["oldest_build"]) == (PROTOCOL, BUILD + 1)


def test_who_may_speak() -> None:
    assert may_speak(PROTOCOL, None, 9)
    assert may_speak(PROTOCOL, 9, 9)
    assert not may_speak(PROTOCOL, 8, 9)
    assert not may_speak(PROTOCOL + 1, None, 1)
    assert read_client("1.23") == (1, 23)


def test_only_what_is_named_by_its_content_is_kept_by_browsers() -> None:
    worker: dict[str, str] = {}
    add_headers(worker, "dist/sw.js", "/sw.js")
    assert worker == {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    chunk: dict[str, str] = {}
    add_headers(chunk, "dist/assets/a.js", "/assets/index-1a2b3c4d.js")
    assert chunk == {}
    assert never_changes("", "/assets/index-1a2b3c4d.js")
    assert not never_changes("", "/manifest.webmanifest")


def test_the_service_worker_is_short_and_stands_alone() -> None:
    source = Path("frontend/src/offline/serviceWorker.ts").read_text()
    assert len(source.splitlines()) < 150
    assert "import " not in source.replace("It imports nothing", "")
