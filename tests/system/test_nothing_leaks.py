"""A canary search: what people wrote, their passwords and their keys are in no database, no Redis and no log."""

from __future__ import annotations

import base64
import re
import subprocess
import threading
from pathlib import Path

import pytest
import redis

from client.live import Live
from client.threads import open_thread
from client.vault import password_root
from crypto.tables import ContentType
from live.bus import TOPIC
from tests.client.people import PASSWORD
from tests.client.test_threads import Case, begin
from tests.server import Server
from tests.services import PROFILE, environment, postgres_binaries, start_redis
from wire.base import b64

WORDS = {
    "message": "Aventurine-41: she has not told her manager.",
    "title": "Carnelian-5: sleep and panic",
    "card": "Moonstone-12: nearly every day",
}

pytestmark = pytest.mark.server


class Wiretap:
    """Everything that Redis is told while it listens."""

    def __init__(self, url: str) -> None:
        self.heard: list[str] = []
        self._client = redis.Redis.from_url(url, socket_timeout=60)
        self._monitor = self._client.monitor()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        self._monitor.__enter__()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            for command in self._monitor.listen():
                self.heard.append(str(command["command"]))
        except (redis.ConnectionError, redis.TimeoutError, ValueError, OSError):
            return


def plain(heard: bytes) -> bytes:
    """What MONITOR escaped (as \\x00) as the bytes that went by: a key in a binary word would else be overlooked."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found.group(1).decode()), heard)


async def write_everything(case: Case) -> None:
    """A title, a message, and a card as the web client seals it, read again by the patient."""
    async with Live(case.elena.api) as live:
        await case.thread.post(live, WORDS["title"], ctype=ContentType.SUBJECT)
        await case.thread.post(live, WORDS["message"])
        card: dict[str, object] = {"kind": "screening.response", "instrument": "phq9", "text": WORDS["card"]}
        await case.thread.post_body(live, card, ctype=ContentType.CARD)
    read = await (await open_thread(case.maya.account, case.thread.id)).read()
    assert [one.code for one in read if one.code] == []
    assert any(WORDS["message"] in one.text for one in read)


async def secrets_of(case: Case) -> dict[str, bytes]:
    """The words, the password and what it derives, and every key that only its owner may hold."""
    account = case.elena.account
    root = password_root(PASSWORD, await account.api.login_parameters(case.elena.email))
    identity = account.vault.identity
    return {
        **{name: text.encode() for name, text in WORDS.items()},
        "password": PASSWORD.encode(),
        "derived auth": root.auth,
        "slot key": root.kek,
        "master key": account.vault.umk,
        "signing seed": identity.sign_seed,
        "box seed": identity.box_seed,
        **{f"epoch key {number}": key for number, key in case.thread.epoch_keys.items()},
    }


def spellings(secret: bytes) -> list[bytes]:
    """A secret as it stands, in hex and in base64."""
    plain = base64.b64encode(secret).rstrip(b"=")
    return [secret, secret.hex().encode(), plain, plain.translate(bytes.maketrans(b"+/", b"-_"))]


def database_of(server: Server) -> bytes:
    """A dump of the database, and on SQLite its files byte for byte, the write-ahead log too."""
    if PROFILE == "production":
        command = [str(postgres_binaries() / "pg_dump"), server.environment["CONSILIUM_DATABASE_URL"]]
        return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return b"".join(path.read_bytes() for path in sorted(server.data.glob("consilium.sqlite3*")))


async def test_no_canary_is_in_the_database_the_redis_traffic_or_the_logs(tmp_path: Path) -> None:
    url = environment().get("CONSILIUM_REDIS_URL") or start_redis().url
    server = Server(tmp_path, {"CONSILIUM_REDIS_URL": url, "CONSILIUM_LOG_FORMAT": "json"})
    try:
        tap = Wiretap(url)
        case = await begin(server)
        await write_everything(case)
        wanted = await secrets_of(case)
        places = {
            "database": database_of(server),
            "redis": plain("\n".join(tap.heard).encode()),
            "log": (tmp_path / "server.log").read_bytes(),
        }
    finally:
        server.stop()
    assert f"PUBLISH {TOPIC}".encode() in places["redis"], "the wiretap heard no message go by"
    assert b64(case.thread.id).encode() in places["database"], "this is no dump of the database"
    assert b"request" in places["log"]
    found = [
        (name, place)
        for name, secret in wanted.items()
        for place, raw in places.items()
        if any(spelling in raw for spelling in spellings(secret))
    ]
    assert found == []


def test_the_search_finds_what_is_there() -> None:
    assert plain(rb"PUBLISH \x00a\xff") == b"PUBLISH \0a\xff"
    assert all(spelling in b"".join(spellings(b"canary")) for spelling in spellings(b"canary"))
    assert spellings(b"\xfb\xff") == [b"\xfb\xff", b"fbff", b"+/8", b"-_8"]
