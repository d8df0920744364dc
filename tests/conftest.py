"""Fixtures that every folder of tests shares: the cast, and a server in processes of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase

from audit import triggers
from tests.cast import Cast, make_cast
from tests.server import Server


@pytest.fixture
def cast(db: None) -> Cast:
    """elena, tom, samuel, chidi and maya with real keys; add `django_db(transaction=True)` where sockets are used."""
    return make_cast()


@pytest.fixture(scope="session")
def live_server_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server for the whole test run; tests bring people and threads of their own."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(autouse=True, scope="session")
def ledger_lets_tests_empty_it() -> Iterator[None]:
    """A test that commits empties all tables behind itself, the ledger too, which the database otherwise refuses."""
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # Django's own hook

    def lifted(case: TransactionTestCase) -> None:
        triggers.drop(connection)
        empty(case)
        triggers.create(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lifted)
        yield
