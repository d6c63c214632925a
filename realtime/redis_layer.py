"""The channel layer over Redis. Only processes with Redis import it: its library takes long to load."""

from collections.abc import Sequence
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from realtime.broadcast import GroupMessage

NOTIFY_SCRIPT = """
for place = 1, #ARGV, 3 do
    if redis.call('PUBSUB', 'NUMSUB', ARGV[place])[2] > tonumber(ARGV[place + 1]) then
        redis.call('PUBLISH', ARGV[place], ARGV[place + 2])
    end
end
"""


class RedisNotificationLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels_redis has no types
    async def group_send(self, group: str, message: Any) -> None:
        """Send a message to a group. Defined here, as the library delegates it without a method of its class, and since
        Python 3.12 the layer would be no SelectiveLayer."""
        await self._get_layer().group_send(group, message)

    async def group_send_to_others(self, messages: Sequence[GroupMessage]) -> None:
        """Send each message as group_send does, but only where somebody else is in the group at this moment.

        A process that is just joining or leaving may be missed, or counted. Raises what Redis raises.
        """
        layer = self._get_layer()
        arguments: list[Any] = []
        for message in messages:
            channel = layer._get_group_channel_name(message.group)
            arguments += (channel, int(message.sender_is_member), self.serialize(message.message))
        shard = layer._get_shard(messages[0].group)
        async with shard._lock:
            shard._ensure_redis()
            await shard._redis.register_script(NOTIFY_SCRIPT)(args=arguments)
