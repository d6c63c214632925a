"""A manager that sends to whoever is connected."""


class ConnectionManager:
    def __init__(self):
        self.active_connections = []

    async def connect(self, websocket):
        self.active_connections.append(websocket)

    async def broadcast(self, message):
        for connection in self.active_connections:
            await connection.send_text(message)  # expect: broadcast


manager = ConnectionManager()


async def progress(state):
    await manager.broadcast(state.user_request)  # expect: broadcast, global-dispatcher
