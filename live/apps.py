from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "live"

    def ready(self) -> None:
        from live import bus, catching_up

        bus.on_gap(catching_up.tell_everybody)
