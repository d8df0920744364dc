"""Channels as its tutorial has it: a consumer, one insert a message by the ORM, a group a thread, over Redis.

`DATABASE_URL`, `REDIS_URL` in the environment; `uvicorn benchmarks.wire.plain:application`. It checks nobody.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings

_url = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY="a benchmark's",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["channels"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _url.path[1:],
            "USER": _url.username,
            "HOST": _url.hostname,
            "PORT": _url.port,
            "CONN_MAX_AGE": None,
        }
    },
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
        }
    },
)
django.setup()

# These need the settings above.
from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from django.db import connection, models  # noqa: E402


class PlainMessage(models.Model):
    """A message, as a tutorial stores it."""

    thread = models.IntegerField(db_index=True)
    body = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return str(self.pk)


def make_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(PlainMessage)


class PlainConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame = json.loads(text_data or "{}")
        if frame["type"] == "hello":
            self.thread = frame["thread"]
            await self.channel_layer.group_add(f"thread.{self.thread}", self.channel_name)
            await self.send(text_data='{"type":"welcome"}')
            return
        row = await database_sync_to_async(PlainMessage._default_manager.create)(thread=self.thread, body=frame["body"])
        await self.channel_layer.group_send(
            f"thread.{self.thread}", {"type": "message.new", "id": row.pk, "body": frame["body"]}
        )
        await self.send(text_data=json.dumps({"type": "ack", "id": row.pk}))

    async def message_new(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps({"type": "new", "id": event["id"], "body": event["body"]}))


application = PlainConsumer.as_asgi()

if __name__ == "__main__":
    make_table()
