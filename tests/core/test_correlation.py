import asyncio
from uuid import uuid4

from asgiref.sync import sync_to_async

from netra.core.correlation import bind, bound


def test_blocks_add_up_and_end() -> None:
    request, run = uuid4(), uuid4()
    with bind(request_id=request):
        with bind(run_id=run):
            assert bound() == {"request_id": str(request), "run_id": str(run)}
        assert bound() == {"request_id": str(request)}
    assert bound() == {}


async def test_tasks_beside_each_other_keep_their_own_also_on_threads() -> None:
    async def one() -> bool:
        mine = uuid4()
        with bind(connection_id=mine):
            await asyncio.sleep(0.01)
            return await sync_to_async(bound)() == {"connection_id": str(mine)} == bound()

    assert all(await asyncio.gather(*(one() for _ in range(20))))
    assert bound() == {}
