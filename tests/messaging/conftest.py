"""The cast on a database that is emptied after each test: sockets and writers work in threads of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from audit import triggers
from tests.messaging.cast import Cast, make_cast


@pytest.fixture
def ledger(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Puts the ledger's guard back after the database was emptied."""
    yield
    with django_db_blocker.unblock():
        triggers.create(connection)


@pytest.fixture
def cast(ledger: None, transactional_db: None) -> Iterator[Cast]:
    try:
        yield make_cast()
    finally:
        triggers.drop(connection)
