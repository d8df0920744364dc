"""Database work from the event loop, on a bounded pool of threads.

Channels runs every ORM call of a process on one thread: ten sockets that each wait 0.2 s wait 2 s together.
A thread a socket would be a thousand threads for a thousand idle phones. A small pool is neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

DATABASE_THREADS = 8
_pool = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="database")


def _clean(call: Callable[[], Result]) -> Result:
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


async def in_database_thread(
    call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Runs a blocking call (an action, a query) beside the event loop and returns its result."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, partial(_clean, partial(call, *args, **kwargs)))
