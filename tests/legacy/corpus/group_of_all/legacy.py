"""A group of the channel layer that everybody joins."""

GROUP = "updates"


class ProgressConsumer:
    async def connect(self):
        await self.channel_layer.group_add("updates", self.channel_name)  # expect: broadcast

    async def tell(self, text):
        await self.channel_layer.group_send(GROUP, {"type": "tell", "text": text})  # expect: broadcast

    async def remind(self, sio, text):
        await sio.emit("reminder", {"text": text})  # expect: broadcast
        await self.broadcast_message(text, user_id=None)  # expect: broadcast
