"""Database work from the event loop, on a bounded pool of threads.

Channels runs every ORM call of a process on one thread: ten sockets that each wait 0.2 s wait 2 s together.
A thread a socket would be a thousand threads for a thousand idle phones. A small pool is neither.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

DATABASE_THREADS = 8
_pool = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="database")
_home = threading.local()


def home_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that waits for the work of this thread, if in_database_thread started it."""
    return getattr(_home, "loop", None)


def _clean(loop: asyncio.AbstractEventLoop, call: Callable[[], Result]) -> Result:
    close_old_connections()
    _home.loop = loop
    try:
        return call()
    finally:
        _home.loop = None
        close_old_connections()


async def in_database_thread(
    call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Runs a blocking call (an action, a query) beside the event loop and returns its result."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, partial(_clean, loop, partial(call, *args, **kwargs)))
