"""Groups by user."""


def group_of(user_id):
    return f"user-{user_id}"


class ProgressConsumer:
    async def connect(self):
        await self.channel_layer.group_add(group_of(self.scope["user"].id), self.channel_name)

    async def tell(self, user_id, text):
        await self.channel_layer.group_send(group_of(user_id), {"type": "tell", "text": text})

    async def remind(self, sio, sid, user_id, text):
        await sio.emit("reminder", {"text": text}, to=sid)
        await self.broadcast_message(text, user_id=user_id)
