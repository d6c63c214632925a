"""A user's own sockets, and arrays that are stretched."""

import numpy as np


class Sockets:
    def __init__(self):
        self.connections = {}

    async def send(self, user_id, message):
        for connection in self.connections[user_id]:
            await connection.send_text(message)

    async def close(self):
        for connection in self.connections.values():
            await connection.close()


def stretched(row, shape):
    return np.broadcast(row, np.zeros(shape))


async def progress(sockets, context, text):
    await sockets.send(context.user_id, text)
