"""A shared store under keys that do not say whose."""


class ResearchAgent:
    def __init__(self, redis_manager=None):
        self.redis = redis_manager

    async def remember(self, user_id, topic, found):
        await self.redis.set(f"research:{topic}", found)  # expect: cache-key

    async def restore(self, user, thread_id, cache):
        name = "thread:" + thread_id
        cache.set(name, await self.redis.get(name), 60)  # expect: cache-key
