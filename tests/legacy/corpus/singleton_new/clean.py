"""Sockets of one user, made for one connection."""


class UserSockets:
    def __new__(cls, user_id):
        made = super().__new__(cls)
        made.user_id = user_id
        return made

    def __init__(self, user_id):
        self.sockets = []

    async def connect(self, websocket):
        self.sockets.append(websocket)

    async def send(self, message):
        for each in self.sockets_of(self.user_id):
            await each.send_json(message)

    def sockets_of(self, user_id):
        return tuple(self.sockets)
