"""The cast on a database that is emptied after each test: sockets and writers work in threads of their own."""

from __future__ import annotations

import pytest

from tests.messaging.cast import Cast, make_cast


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()
