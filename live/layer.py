"""The fan-out between workers over Redis, with an end to every wait."""

from __future__ import annotations

import asyncio
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from live.store import FAN_OUT_S


class BoundedLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels_redis ships no types
    """Each call ends within FAN_OUT_S or raises TimeoutError, however many wait for the one connection before it."""

    async def new_channel(self, prefix: str = "specific.") -> str:
        async with asyncio.timeout(FAN_OUT_S):
            return str(await self._get_layer().new_channel(prefix))

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        async with asyncio.timeout(FAN_OUT_S):
            await self._get_layer().send(channel, message)

    async def group_add(self, group: str, channel: str) -> None:
        async with asyncio.timeout(FAN_OUT_S):
            await self._get_layer().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        async with asyncio.timeout(FAN_OUT_S):
            await self._get_layer().group_discard(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        async with asyncio.timeout(FAN_OUT_S):
            await self._get_layer().group_send(group, message)
