"""The headers of the client's own files: what is named by its content never changes, the rest is asked for anew."""

from __future__ import annotations

from collections.abc import MutableMapping

_WORKER = "/sw.js"


def never_changes(path: str, url: str) -> bool:
    """Whether a file's name carries the digest of its content."""
    return url.startswith("/assets/")


def add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """A browser looks for the next version at the one address that stays; its scope is the whole app."""
    if url == _WORKER:
        headers["Service-Worker-Allowed"] = "/"
    if not never_changes(path, url):
        headers["Cache-Control"] = "no-cache"
