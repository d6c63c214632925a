"""One socket manager for the process, made by whoever comes first."""


class WebSocketManager:  # expect: singleton-class
    _instance = None

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
            cls._instance.sockets = {}
        return cls._instance

    async def connect_user(self, user_id, websocket, thread_id=None, client_ip=None):
        self.sockets[user_id] = websocket

    async def send_to_user(self, user_id, message, retry=True):
        await self.sockets[user_id].send_json(message)
