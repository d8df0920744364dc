"""Conference's place in the house: what it hears from below and what it answers on the socket."""

from __future__ import annotations

from django.apps import AppConfig


class ConferenceConfig(AppConfig):
    name = "conference"

    def ready(self) -> None:
        from conference import consumers, listeners

        consumers.register()
        listeners.register()
