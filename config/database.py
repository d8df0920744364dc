"""The two databases: SQLite that survives a power cut, PostgreSQL with a pool."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from config.environment import Environment

# IMMEDIATE: a deferred transaction that reads and then writes fails under contention instead of waiting.
# synchronous=FULL: an acknowledged message must survive a power cut.
_SQLITE_START = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;PRAGMA foreign_keys=ON;"


def database(chosen: Environment) -> dict[str, object]:
    """Django's DATABASES entry for the environment."""
    if not chosen.database_url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": chosen.data / "consilium.sqlite3",
            # A thread keeps its connection: opening one with these settings costs 2.5 ms, ten times a query.
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _SQLITE_START},
            "TEST": {"NAME": chosen.data / "test.sqlite3"},
        }
    url = urlsplit(chosen.database_url)
    if url.scheme not in ("postgres", "postgresql"):
        raise SystemExit("CONSILIUM_DATABASE_URL must begin with postgresql://")
    return {
        "ENGINE": "config.postgres" if chosen.store_bounds else "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(url.port or 5432),
        "CONN_MAX_AGE": 0,
        "OPTIONS": _bounded() if chosen.store_bounds else {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
    }


def _bounded() -> dict[str, object]:
    """Ends for every wait, each shorter than ANSWER_S, so that a server that is merely slow refuses by its own word."""
    from config.postgres.base import BoundedConnection

    return {
        "connect_timeout": 3,
        "tcp_user_timeout": 4000,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "options": "-c statement_timeout=4500 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=30000",
        "pool": {
            "min_size": 1,
            "max_size": 8,
            "timeout": 3,
            # Given up soon and begun again by whoever asks next: the back-off of a long outage would outlast it.
            "reconnect_timeout": 3,
            "connection_class": BoundedConnection,
        },
    }
