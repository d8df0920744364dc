"""What the environment may say, typed: one class, one prefix, an embedded default for every value.

`PORT` and `CONSILIUM_DATA` choose the port and the data folder. Secrets that are not given are made once and
kept in the data folder with mode 600, so that `make run` needs nothing and a restart keeps every session.
"""

from __future__ import annotations

import base64
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from people.sso.rules import Provider
from wire.version import OLDEST_BUILD

ROOT = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """The deployment's choices; every field may be set as `CONSILIUM_<NAME>` (and `PORT` as it is)."""

    model_config = SettingsConfigDict(env_prefix="CONSILIUM_", extra="ignore", populate_by_name=True)

    data: Path = ROOT / "var"
    """The folder of the database, the sockets between processes and the secrets."""
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="PORT")
    host: str = "127.0.0.1"
    allowed_hosts: str = ""
    """Comma-separated host names besides localhost; needed in production."""
    demo: bool = False
    """Demonstration mode: the sign-in page offers the cast and `*.localhost` is served. Never in production."""
    database_url: str = ""
    """`postgresql://user:password@host:port/name`; empty: SQLite in the data folder."""
    store_bounds: bool = True
    """Every wait for PostgreSQL ends within five seconds; `manage.py` sets it to false: migrations take longer."""
    redis_url: str = ""
    """`redis://host:port/0`; empty: fan-out within the one web process."""
    workers: int = Field(default=1, ge=1, le=64)
    signups_per_minute: int = Field(default=60, ge=1, le=100_000)
    """From one address. A clinic shares one: raise it for the day on which everybody enrols."""
    attachment_file_mb: int = Field(default=100, ge=1, le=10_000)
    """The largest file that may be added to a thread, sealed; 1 MB is a million bytes."""
    attachment_person_mb: int = Field(default=5_000, ge=1)
    """What one person's files may come to."""
    attachment_thread_mb: int = Field(default=10_000, ge=1)
    """What the files of one thread may come to."""
    secure: bool = False
    """Served over HTTPS: secure cookies and HSTS."""
    secret_key: str = ""
    field_keys: str = ""
    """Comma-separated `id:base64key` (32 bytes each); the first one encrypts, all decrypt."""
    mail_url: str = ""
    """`smtp://user:password@host:587` (STARTTLS) or `smtps://…`; empty: no letter is sent."""
    mail_from: str = "consilium@localhost"
    receipt_key: str = ""
    """base64 of the 32-byte Ed25519 seed that signs consent receipts."""
    push_key: str = ""
    """base64 of the 32-byte P-256 private key that push services know this server by (VAPID, RFC 8292)."""
    push_contact: str = "mailto:consilium@localhost"
    """Whom a push service writes to when something is wrong: `mailto:…` or `https://…`."""
    push_services: str = ".push.apple.com,fcm.googleapis.com,updates.push.services.mozilla.com,.notify.windows.com"
    """The push services that notices may be sent to: host names, or `.suffix`, separated by commas."""
    ledger_key: str = ""
    """base64 of the 32-byte Ed25519 seed that signs the ledger's checkpoints."""
    ledger_origin: str = "consilium/ledger"
    """The log's name in its checkpoints: one of your own, such as `health.example/consilium`."""
    ledger_places: str = ""
    """Where checkpoints are published, separated by commas: `file:/path`, `mailto:officer@…`, `https://witness/…`.
    Empty: a file in the data folder, which proves nothing to anybody who does not copy it elsewhere."""
    sfu_socket: Path | None = None
    sfu_udp_host: str = "127.0.0.1"
    sfu_udp_port: int = Field(default=0, ge=0, le=65535)
    """0: the port after the web port."""
    turn_urls: str = ""
    turn_secret: str = ""
    room_sim: bool = False
    """Clients may make calls fail on purpose (`room.sim`). For tests; never where people are."""
    identity_providers: str = ""
    """JSON: a list of `{"id", "organisation", "issuer", "client_id", "client_secret"}`, each an OpenID provider that
    knows the people of one organisation; register `https://<host>/sso` there as the redirect address."""
    log_format: Literal["json", "console"] = "console"
    build: str = "0.1.0"
    oldest_build: int = Field(default=OLDEST_BUILD, ge=OLDEST_BUILD, le=999_999)
    """Pages of the app older than this (wire.version.BUILD) must be updated before they may speak again."""
    offline_hours: int = Field(default=24, ge=0, le=168)
    """How long a device shows what it has without hearing from the server; 0: it opens nothing without a network."""
    frontend: Path = ROOT / "frontend/dist"
    """The built web client, for an operator who serves a build of their own."""

    @property
    def forwarder_socket(self) -> Path:
        """The Unix socket over which web processes command the media forwarder."""
        return self.sfu_socket or self.data / "sfu.sock"

    @property
    def attachments(self) -> Path:
        """The folder of sealed files; several hosts share one."""
        return self.data / "attachments"

    @property
    def forwarder_udp_port(self) -> int:
        return self.sfu_udp_port or self.port + 1


def _kept_secret(folder: Path, name: str, size: int) -> bytes:
    """A random secret that is made on first use and read ever after; safe when two processes start at once."""
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _whole(path, size)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(size))
    return path.read_bytes()


def _whole(path: Path, size: int) -> bytes:
    # The other process may have created the file and not yet filled it: one short write, so a few tries do.
    for _ in range(1000):
        raw = path.read_bytes()
        if len(raw) == size:
            return raw
    raise SystemExit(f"{path} is damaged: expected {size} bytes")


@cache
def environment() -> Environment:
    """The environment of this process, read once."""
    return Environment()


def secret_key(chosen: Environment) -> str:
    return chosen.secret_key or base64.b64encode(_kept_secret(chosen.data, "secret_key", 48)).decode("ascii")


def field_keys(chosen: Environment) -> list[tuple[str, bytes]]:
    """The server's keyring for names and identifiers at rest: (id, 32-byte key), the encrypting key first."""
    if not chosen.field_keys:
        return [("1", _kept_secret(chosen.data, "field_key", 32))]
    pairs = [part.split(":", 1) for part in chosen.field_keys.split(",")]
    keys = [(pair[0], base64.b64decode(pair[1], validate=True)) for pair in pairs if len(pair) == 2]
    if len(keys) != len(pairs) or any(len(key) != 32 for _, key in keys):
        raise SystemExit("CONSILIUM_FIELD_KEYS must be id:base64 pairs of 32 bytes, separated by commas")
    return keys


def ledger_seed(chosen: Environment) -> bytes:
    """The Ed25519 seed under which checkpoints are signed."""
    return _given_seed(chosen.ledger_key, "CONSILIUM_LEDGER_KEY") or _kept_secret(chosen.data, "ledger_key", 32)


def ledger_places(chosen: Environment) -> list[str]:
    """Where checkpoints go; each begins with file:, mailto:, http: or https:."""
    places = [place.strip() for place in chosen.ledger_places.split(",") if place.strip()]
    if strange := [one for one in places if not one.startswith(("file:", "mailto:", "http://", "https://"))]:
        raise SystemExit(f"CONSILIUM_LEDGER_PLACES: {strange[0]} is no file:, mailto: or https: address")
    return places or [f"file:{chosen.data / 'checkpoints'}"]


def identity_providers(chosen: Environment) -> tuple[Provider, ...]:
    """The providers by which people of an organisation may sign in; raises SystemExit with one line for bad ones."""
    try:
        found = TypeAdapter(tuple[Provider, ...]).validate_json(chosen.identity_providers or "[]")
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SystemExit(f"CONSILIUM_IDENTITY_PROVIDERS: {where}: {first['msg']}") from None
    if len({one.id for one in found}) != len(found) or len({one.issuer for one in found}) != len(found):
        raise SystemExit("CONSILIUM_IDENTITY_PROVIDERS: two providers have one id, or one issuer")
    return found


def push_key(chosen: Environment) -> tuple[bytes, bytes]:
    """The P-256 key that web push is signed with: the private number, and the uncompressed public point."""
    raw = _given_seed(chosen.push_key, "CONSILIUM_PUSH_KEY") or _kept_secret(chosen.data, "push_key", 32)
    try:
        private = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    except ValueError:
        raise SystemExit("CONSILIUM_PUSH_KEY is no private key of P-256") from None
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return raw, public


def receipt_seed(chosen: Environment) -> bytes:
    """The Ed25519 seed under which consent receipts are signed; old receipts need its public key for ever."""
    return _given_seed(chosen.receipt_key, "CONSILIUM_RECEIPT_KEY") or _kept_secret(chosen.data, "receipt_key", 32)


def _given_seed(given: str, name: str) -> bytes | None:
    """A seed that the environment gives, or None; raises SystemExit with one line for one that is none."""
    if not given:
        return None
    try:
        seed = base64.b64decode(given, validate=True)
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise SystemExit(f"{name} must be the base64 of 32 bytes")
    return seed
