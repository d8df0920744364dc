"""Many rows in one statement: on the message path the ORM's own ways cost more than the disk does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Field, JSONField, Model


def append_rows(model: type[Model], names: Sequence[str], rows: Sequence[Model]) -> None:
    """Inserts these fields of these rows in their order, in the caller's transaction; keys are not read back."""
    if not rows:
        return
    # Looked up once: the proxy that Django offers asks the thread for it at every attribute.
    connection = connections[DEFAULT_DB_ALIAS]
    fields = _fields(model, names)
    values = [[getattr(row, field.attname) for row in rows] for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    into = f'INSERT INTO "{model._meta.db_table}" ({columns})'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{_array_type(field, connection)}" for field in fields)
            cursor.execute(f"{into} SELECT * FROM unnest({arrays})", _arrays(fields, values))  # noqa: S608  # the names are the models' own
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(
                f"{into} VALUES ({marks})", _rows(fields, values, connection)
            )  # the names are the models' own


def change_rows(model: type[Model], key: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Sets these fields of the rows with these keys; each row is its key and then the values."""
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    fields = _fields(model, (key, *names))
    values = [list(column) for column in zip(*rows, strict=True)]
    table, columns = model._meta.db_table, [field.column for field in fields]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{_array_type(field, connection)}" for field in fields)
            sets = ", ".join(f'"{column}" = new."{column}"' for column in columns[1:])
            named = ", ".join(f'"{column}"' for column in columns)
            source = f"unnest({arrays}) AS new({named})"
            where = f'"{table}"."{columns[0]}" = new."{columns[0]}"'
            cursor.execute(f'UPDATE "{table}" SET {sets} FROM {source} WHERE {where}', _arrays(fields, values))  # noqa: S608  # the names are the models' own
        else:
            sets = ", ".join(f'"{column}" = %s' for column in columns[1:])
            turned = [[*row[1:], row[0]] for row in _rows(fields, values, connection)]
            cursor.executemany(f'UPDATE "{table}" SET {sets} WHERE "{columns[0]}" = %s', turned)  # noqa: S608  # the names are the models' own


def _fields(model: type[Model], names: Sequence[str]) -> list[Field[Any, Any]]:
    known = {field.name: field for field in model._meta.concrete_fields}
    return [known[name] for name in names]


def _array_type(field: Field[Any, Any], connection: BaseDatabaseWrapper) -> str:
    # A cast to varchar(n) would cut what is too long in silence; as text it is refused by the column.
    kind = "text" if isinstance(field, CharField) else field.db_type(connection)
    return f"{kind}[]"


def _arrays(fields: Sequence[Field[Any, Any]], values: Sequence[list[Any]]) -> list[list[Any]]:
    return [
        [json.dumps(value) for value in column] if isinstance(field, JSONField) else column
        for field, column in zip(fields, values, strict=True)
    ]


def _rows(
    fields: Sequence[Field[Any, Any]], values: Sequence[list[Any]], connection: BaseDatabaseWrapper
) -> list[tuple[Any, ...]]:
    prepared = [
        [field.get_db_prep_save(value, connection) for value in column]
        for field, column in zip(fields, values, strict=True)
    ]
    return list(zip(*prepared, strict=True))
