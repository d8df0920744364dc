"""The database's own refusal to change or remove an entry, for both databases."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_MESSAGE = "the ledger is append-only"

_SQLITE_CREATE = [
    f"""CREATE TRIGGER audit_entry_no_{verb} BEFORE {verb} ON audit_entry
        BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"""
    for verb in ("update", "delete")
]
_SQLITE_DROP = [f"DROP TRIGGER audit_entry_no_{verb}" for verb in ("update", "delete")]

_POSTGRES_CREATE = [
    f"""CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$""",
    """CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()""",
    """CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()""",
]
_POSTGRES_DROP = [
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "DROP TRIGGER audit_entry_no_truncate ON audit_entry",
    "DROP FUNCTION audit_entry_refuse()",
]


def _run(connection: BaseDatabaseWrapper, sqlite: list[str], postgres: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in postgres if connection.vendor == "postgresql" else sqlite:
            cursor.execute(statement)


def create(connection: BaseDatabaseWrapper) -> None:
    """From here on the database refuses UPDATE and DELETE (and TRUNCATE, where there is one) of entries."""
    _run(connection, _SQLITE_CREATE, _POSTGRES_CREATE)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Lifts the refusal: for a migration's way back, and for tests that empty their own database."""
    _run(connection, _SQLITE_DROP, _POSTGRES_DROP)
