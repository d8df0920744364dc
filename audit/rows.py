"""Many rows in one statement: on the message path the ORM's own ways cost more than the disk does.

PostgreSQL takes the values as they are, in binary and beside the statement: Django writes them into its text, and
quotes every byte of a hundred messages. What is the same in every row is sent once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Field, JSONField, Model


@contextmanager
def in_one_go() -> Iterator[None]:
    """What is asked of this module inside leaves in one journey to PostgreSQL; a failure may show only at the end."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def append_rows(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Inserts these fields of these rows in their order, in the caller's transaction; keys are not read back."""
    if not rows:
        return
    # Looked up once: the proxy that Django offers asks the thread for it at every attribute.
    connection = connections[DEFAULT_DB_ALIAS]
    fields = _fields(model, names)
    into = f'INSERT INTO "{model._meta.db_table}" ({", ".join(_columns(fields))})'
    if connection.vendor == "postgresql":
        chosen, source, values = _columnar(fields, rows, connection)
        _send(connection, f"{into} SELECT {', '.join(chosen)} FROM {source}", values)  # noqa: S608  # the names are the models' own
        return
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(f"{into} VALUES ({marks})", _prepared(fields, rows, connection))


def change_rows(model: type[Model], key: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Sets these fields of the rows with these keys; each row is its key and then the values."""
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    fields = _fields(model, (key, *names))
    table, (key_column, *columns) = model._meta.db_table, _columns(fields)
    if connection.vendor == "postgresql":
        (key_value, *chosen), source, values = _columnar(fields, rows, connection)
        sets = ", ".join(f"{column} = {value}" for column, value in zip(columns, chosen, strict=True))
        sql = f'UPDATE "{table}" SET {sets} FROM {source} WHERE "{table}".{key_column} = {key_value}'  # noqa: S608  # the names are the models' own
        _send(connection, sql, values)
        return
    with connection.cursor() as cursor:
        sets = ", ".join(f"{column} = %s" for column in columns)
        turned = [(*row[1:], row[0]) for row in _prepared(fields, rows, connection)]
        cursor.executemany(f'UPDATE "{table}" SET {sets} WHERE {key_column} = %s', turned)  # noqa: S608  # the names are the models' own


def ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement for PostgreSQL, with binary parameters (`%b`) and answers."""
    return answers_of(send(sql, values))


def send(sql: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
    """As `ask`, for a statement whose rows are wanted after `in_one_go` (`answers_of`)."""
    return _send(connections[DEFAULT_DB_ALIAS], sql, values)


def answers_of(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    with connections[DEFAULT_DB_ALIAS].wrap_database_errors:
        return cursor.fetchall()


def _send(connection: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor[Any](connection.connection)
        return cursor.execute(sql, values, binary=True)


def _fields(model: type[Model], names: Sequence[str]) -> list[Field[Any, Any]]:
    known = {field.name: field for field in model._meta.concrete_fields}
    return [known[name] for name in names]


def _columns(fields: Sequence[Field[Any, Any]]) -> list[str]:
    return [f'"{field.column}"' for field in fields]


def _columnar(
    fields: Sequence[Field[Any, Any]], rows: Sequence[Sequence[Any]], connection: BaseDatabaseWrapper
) -> tuple[list[str], str, list[Any]]:
    """What to write for each field, the source to take it from, and the parameters, in the order of the statement."""
    chosen: list[str] = []
    arrays: list[str] = []
    named: list[str] = []
    once: list[Any] = []
    many: list[Any] = []
    for field, column in zip(fields, zip(*rows, strict=True), strict=True):
        values = [json.dumps(value) for value in column] if isinstance(field, JSONField) else list(column)
        # A cast to varchar(n) would cut what is too long in silence; as text it is refused by the column.
        kind = "text" if isinstance(field, CharField) else field.db_type(connection)
        if many and values[0] == values[-1] and values.count(values[0]) == len(values):
            chosen.append(f"%b::{kind}")
            once.append(values[0])
        else:
            chosen.append(f'new."{field.column}"')
            named.append(f'"{field.column}"')
            arrays.append(f"%b::{kind}[]")
            many.append(values)
    return chosen, f"unnest({', '.join(arrays)}) AS new({', '.join(named)})", once + many


def _prepared(
    fields: Sequence[Field[Any, Any]], rows: Sequence[Sequence[Any]], connection: BaseDatabaseWrapper
) -> list[tuple[Any, ...]]:
    return [
        tuple(field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True))
        for row in rows
    ]
