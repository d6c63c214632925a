"""Threads and coroutines that run for as long as a block."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def analysis_threads(count: int) -> AsyncIterator[Executor]:
    """Run threads for slow work within the block; at its end they are joined off the event loop."""
    executor = ThreadPoolExecutor(max_workers=count, thread_name_prefix="analysis")
    try:
        yield executor
    finally:
        await asyncio.to_thread(executor.shutdown)


@asynccontextmanager
async def background_coroutines(*coroutines: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run coroutines within the block, which cancels them at its end."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
