"""Whether the session that a socket was opened with still stands."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model


def session_stands(session_key: str, user_id: UUID) -> bool:
    """True while the session exists, is this person's, and the account is active (a blocking call)."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if str(store.get(SESSION_KEY, "")) != str(user_id):
        return False
    return get_user_model()._default_manager.filter(pk=user_id, is_active=True).exists()
