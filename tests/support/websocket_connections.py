"""Opens a websocket with the patience of the tests: a busy machine may take long for a handshake."""

from functools import partial

from websockets.asyncio.client import connect as connect_websocket

from tests.support.patience import PATIENCE

connect = partial(connect_websocket, open_timeout=PATIENCE)
