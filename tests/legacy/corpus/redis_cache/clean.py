"""The owner first in every key."""


class ResearchAgent:
    def __init__(self, redis):
        self.redis = redis

    async def remember(self, user_id, topic, found):
        await self.redis.set(f"research:{user_id}:{topic}", found)

    async def restore(self, user, thread_id, cache):
        name = f"thread:{user.id}:{thread_id}"
        cache.set(name, await self.redis.get(name), 60)

    async def prices(self, model, price):
        await self.redis.set(f"price:{model}", price)
