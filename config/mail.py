"""Where letters go: one address in the environment says it all, and without it none is sent."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from config.environment import Environment

_PORTS = {"smtp": 587, "smtps": 465}
TIMEOUT_SECONDS = 10


def mail(chosen: Environment) -> dict[str, object]:
    """Django's EMAIL_ settings of `smtp://user:password@host:port` (STARTTLS) or `smtps://…` (TLS from the start)."""
    if not chosen.mail_url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    at = urlsplit(chosen.mail_url)
    if at.scheme not in _PORTS or not at.hostname:
        raise SystemExit("CONSILIUM_MAIL_URL must be smtp://user:password@host:port or smtps://…")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": at.hostname,
        "EMAIL_PORT": at.port or _PORTS[at.scheme],
        "EMAIL_HOST_USER": unquote(at.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(at.password or ""),
        "EMAIL_USE_TLS": at.scheme == "smtp" and at.hostname not in ("localhost", "127.0.0.1", "::1"),
        "EMAIL_USE_SSL": at.scheme == "smtps",
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
    }
