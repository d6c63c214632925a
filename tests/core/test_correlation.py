import asyncio
from uuid import uuid4

from asgiref.sync import sync_to_async

from core.correlation import bind_ids, current_ids


def test_nested_blocks_add_fields_until_they_end() -> None:
    request, run = uuid4(), uuid4()
    with bind_ids(request_id=request):
        with bind_ids(run_id=run):
            assert current_ids() == {"request_id": str(request), "run_id": str(run)}
        assert current_ids() == {"request_id": str(request)}
    assert current_ids() == {}


async def test_concurrent_tasks_and_threads_keep_their_own_fields() -> None:
    async def one() -> bool:
        mine = uuid4()
        with bind_ids(connection_id=mine):
            await asyncio.sleep(0.01)
            return await sync_to_async(current_ids)() == {"connection_id": str(mine)} == current_ids()

    assert all(await asyncio.gather(*(one() for _ in range(20))))
    assert current_ids() == {}
