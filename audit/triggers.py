"""The database's own refusal to change or remove what the ledger holds, for both databases."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("audit_entry", "audit_place", "audit_node", "audit_checkpoint")
_MESSAGE = "the ledger is append-only"

_SQLITE = [
    (f"audit_{{table}}_no_{verb}", f"BEFORE {verb} ON {{table}} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END")
    for verb in ("update", "delete")
]
_POSTGRES_FUNCTION = f"""CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$"""
_POSTGRES = [
    ("{table}_append_only", "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()"),
    ("{table}_no_truncate", "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"),
]


def create(connection: BaseDatabaseWrapper, tables: Sequence[str] = TABLES) -> None:
    """From here on the database refuses UPDATE and DELETE (and TRUNCATE, where there is one) in these tables."""
    drop(connection, tables)
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgres:
            cursor.execute(_POSTGRES_FUNCTION)
        for table in tables:
            for name, rest in _POSTGRES if is_postgres else _SQLITE:
                cursor.execute(f"CREATE TRIGGER {name.format(table=table)} {rest.format(table=table)}")


def drop(connection: BaseDatabaseWrapper, tables: Sequence[str] = TABLES) -> None:
    """Lifts the refusal: for a migration, and for tests that empty their own database."""
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table in tables:
            # The first release's SQLite triggers had the table's name without the prefix.
            old = [f"{table}_no_{verb}" for verb in ("update", "delete")]
            for name in [one.format(table=table) for one, _ in (_POSTGRES if is_postgres else _SQLITE)] + old:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if is_postgres else ""))
