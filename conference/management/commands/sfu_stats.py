"""`manage.py sfu_stats [room]`: what the forwarder took from and gave to each person, and what it refused."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from conference.plane import EmbeddedPlane
from wire.base import unb64
from wire.errors import Unavailable


class Command(BaseCommand):
    """Prints JSON lines of conference.media.messages: a RoomStats a room, also of people put out; a ProcessStats."""

    help = "Print the forwarder's counters."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("room", nargs="?", help="session id, base64url; all rooms without it")

    def handle(self, *args: object, room: str | None = None, **options: object) -> None:
        plane = EmbeddedPlane(settings.ENVIRONMENT.forwarder_socket, lambda event: None)
        try:
            for stats in plane.stats(unb64(room) if room else None):
                self.stdout.write(stats.model_dump_json())
            self.stdout.write(plane.process().model_dump_json())
        except Unavailable as error:
            raise CommandError(error.message) from error
        finally:
            plane.close()
